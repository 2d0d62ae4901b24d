"""Does a mention count: present, denied, past, someone else's, unsure?

In the manner of NegEx (Chapman et al., 2001) and ConText (Harkema et al., 2009): cues are data (cues.yaml), a cue
reaches over a few words, lists share a negation, and "but", a new clause or a question mark ends it. Whatever is not
clearly denied counts as present: silence is never permission.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from corpus.words import SKIPPED, Word

Direction = Literal["before", "after", "both"]


class Polarity(Enum):
    """Whether a mentioned condition counts for the person who is to be treated."""

    PRESENT = "present"
    UNSURE = "unsure"
    PAST = "past"
    DENIED = "denied"
    SOMEONE_ELSES = "someone_else"


class Means(Enum):
    """What a cue says about what stands near it."""

    DENIED = "denied"
    RULED_OUT = "ruled_out"
    PRESENT = "present"
    PAST = "past"
    UNSURE = "unsure"
    HYPOTHETICAL = "hypothetical"
    EFFECT = "effect"
    """What is named is what something else may bring about or prevent: nobody has it."""
    SOMEONE_ELSE = "someone_else"
    ENDS = "ends"
    JOINS = "joins"
    ANSWERS_NO = "answers_no"
    ANSWERS_YES = "answers_yes"


_NEGATES: Final = frozenset({Means.DENIED, Means.RULED_OUT})
_AFFIRMS: Final = frozenset({Means.PRESENT})
_OVER: Final = frozenset({Means.PAST})
_DOUBTS: Final = frozenset({Means.UNSURE, Means.HYPOTHETICAL})
REACH: Final = 6
"""Words a cue reaches over when its entry does not say; words of other mentions and of lists are not counted."""
_SHORT_QUESTION: Final = 5
"""A question of at most so many words ("Fever?") takes the answer that follows it."""
_LIST_FILLER: Final = 2
"""Words that may stand beside a mention in a member of a list: "no fever, open wounds or a bad rash"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A cue found in a text, by the indices of its first and last word."""

    means: Means
    direction: Direction
    reach: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text as polarity sees it: its words, where its questions end, its cues, and which words name something."""

    words: Sequence[Word]
    questions: frozenset[int]
    """Sentences that end in a question mark."""
    marks: Sequence[Mark]
    named: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the cues say of one mention, whoever has it."""

    denied: bool
    past: bool
    unsure: bool
    effect: bool
    """It is named as what something may cause or prevent."""


def standing(first: int, last: int, text: Passage) -> Standing:
    """What the cues around the mention of words `first` to `last` say."""
    cues = reaching(first, last, text)
    answer = _answer(first, text)
    denied = _nearest(cues, _NEGATES, _AFFIRMS) if answer is None else answer.means is Means.ANSWERS_NO
    return Standing(
        denied=denied,
        past=_nearest(cues, _OVER, _AFFIRMS),
        unsure=any(mark.means in _DOUBTS for _, mark in cues),
        effect=any(mark.means is Means.EFFECT for _, mark in cues),
    )


def reaching(first: int, last: int, text: Passage) -> list[tuple[int, Mark]]:
    """The cues that reach the mention of words `first` to `last`, each with the words between."""
    return [(gap, mark) for mark in text.marks if (gap := _distance(mark, first, last, text)) is not None]


def deciding(first: int, last: int, text: Passage) -> tuple[Mark, ...]:
    """The cues that have a say in what is meant by a mention, the nearest first."""
    answer = _answer(first, text)
    cues = sorted(reaching(first, last, text), key=lambda cue: cue[0])
    said = tuple(mark for _, mark in cues if mark.means not in {Means.ENDS, Means.JOINS})
    return said if answer is None else (answer, *said)


def _nearest(reaching: Sequence[tuple[int, Mark]], these: frozenset[Means], against: frozenset[Means]) -> bool:
    """Whether the nearest cue of the two kinds is one of `these`; at the same distance `against` wins."""
    nearest = min(
        ((gap, mark.means not in against) for gap, mark in reaching if mark.means in these | against), default=None
    )
    return nearest is not None and nearest[1]


def _distance(mark: Mark, first: int, last: int, text: Passage) -> int | None:
    """How many words lie between a cue and a mention; None when the cue does not reach it."""
    if mark.last < first and mark.direction != "after":
        start, end = mark.last + 1, first
    elif mark.first > last and mark.direction != "before":
        start, end = last + 1, mark.first
    else:
        return None
    if text.words[mark.first].sentence != text.words[first].sentence:
        return None
    inside = range(start, end)
    if any(other.means is Means.ENDS and start <= other.first < end for other in text.marks):
        return None
    if not _same_list(mark, first, last, text):
        return None
    counted = sum(1 for index in inside if _counts(index, text))
    return counted if counted <= mark.reach else None


def _counts(index: int, text: Passage) -> bool:
    if index in text.named or text.words[index].form in SKIPPED:
        return False
    return not any(mark.means is Means.JOINS and mark.first <= index <= mark.last for mark in text.marks)


def _same_list(mark: Mark, first: int, last: int, text: Passage) -> bool:
    """A comma is crossed only inside a list: short members, none with a statement of its own."""
    clauses = range(
        min(text.words[mark.last].clause, text.words[first].clause),
        max(text.words[mark.first].clause, text.words[last].clause) + 1,
    )
    if len(clauses) == 1:
        return True
    for clause in clauses:
        members = [index for index, word in enumerate(text.words) if word.clause == clause]
        if mark.first in members:
            continue
        if any(other.means is Means.PRESENT and other.first in members for other in text.marks):
            return False
        if any(other.means in _NEGATES and other is not mark and other.first in members for other in text.marks):
            return False
        if not any(index in text.named for index in members):
            return False
        if sum(1 for index in members if _counts(index, text)) > _LIST_FILLER:
            return False
    return True


def _answer(first: int, text: Passage) -> Mark | None:
    """The answer to "Fever?" given in the next sentence: "None.", "Sadly yes"."""
    sentence = text.words[first].sentence
    if sentence not in text.questions:
        return None
    if sum(1 for word in text.words if word.sentence == sentence) > _SHORT_QUESTION:
        return None
    for mark in text.marks:
        if text.words[mark.first].sentence == sentence + 1 and mark.means in {Means.ANSWERS_NO, Means.ANSWERS_YES}:
            return mark
    return None
