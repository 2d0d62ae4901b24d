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
    CANCELS = "cancels"
    """A pseudo-cue: it only keeps the cue inside it from counting ("not only")."""
    ENDS = "ends"
    ENDS_DENIAL = "ends_denial"
    JOINS = "joins"


_TIE: Final = (
    Means.UNSURE,
    Means.DENIED,
    Means.RULED_OUT,
    Means.PRESENT,
    Means.SOMEONE_ELSE,
    Means.PAST,
    Means.HYPOTHETICAL,
)
"""The cues that vote. The nearest decides; at the same distance the longer one, then the one named first here."""
_ENDED_BY_STATEMENTS: Final = frozenset(
    {Means.DENIED, Means.RULED_OUT, Means.PAST, Means.SOMEONE_ELSE, Means.HYPOTHETICAL}
)
"""Cues that a new statement ends ("no fever, but I have ..."); doubt runs on ("maybe it is ... which ...")."""
REACH: Final = 6
"""Words a cue reaches over when its entry does not say; words of other mentions and of lists are not counted."""
_SHORT_QUESTION: Final = 5
"""A question of at most so many words ("Fever?") takes the answer that follows it."""
_LIST_FILLER: Final = 2
"""Words that may stand beside a mention in a member of a list: "no fever, open wounds or a bad rash"."""
_SUBJECTS: Final = frozenset("i im ive he she we they you it я он она мы они вы ты".split())
"""A clause with a subject makes a statement of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A cue found in a text, by the indices of its words."""

    means: Means
    direction: Direction
    reach: int
    words: tuple[int, ...]

    @property
    def first(self) -> int:
        """Index of its first word."""
        return self.words[0]

    @property
    def last(self) -> int:
        """Index of its last word."""
        return self.words[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """A text as polarity sees it: its words, where its questions end, its cues, and which words name something."""

    words: Sequence[Word]
    questions: frozenset[int]
    """Sentences that end in a question mark."""
    marks: Sequence[Mark]
    """Cues that vote, and pseudo-cues."""
    borders: Sequence[Mark]
    """What ends a cue's reach or joins a list."""
    answers: Sequence[Mark]
    """Words by which a short question is answered in the next sentence."""
    named: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the cues say of one mention."""

    means: Means
    """The vote; PRESENT where no cue reaches it."""
    effect: bool
    """It is named as what something may cause or prevent."""
    hypothetical: bool
    """It is only imagined or asked about."""


def standing(mention: Sequence[int], text: MarkedText) -> Standing:
    """What the cues around a mention, given by the indices of its words, say."""
    reaching = [(gap, mark) for mark in text.marks if (gap := _distance(mark, mention, text)) is not None]
    voting = [(gap, -len(mark.words), _TIE.index(mark.means)) for gap, mark in reaching if mark.means in _TIE]
    answer = _answer(mention[0], text)
    vote = _TIE[min(voting)[2]] if voting else Means.PRESENT
    return Standing(
        means=answer or vote,
        effect=any(mark.means is Means.EFFECT for _, mark in reaching),
        hypothetical=vote is Means.HYPOTHETICAL,
    )


def deciding(mention: Sequence[int], text: MarkedText) -> tuple[Mark, ...]:
    """The cues that reach a mention, the nearest first: what `standing` heard, for whoever asks why."""
    reaching = [(gap, mark) for mark in text.marks if (gap := _distance(mark, mention, text)) is not None]
    return tuple(mark for _, mark in sorted(reaching, key=lambda cue: cue[0]))


def _distance(mark: Mark, mention: Sequence[int], text: MarkedText) -> int | None:
    """How many words lie between a cue and a mention; None when the cue does not reach it."""
    first, last = mention[0], mention[-1]
    if set(mark.words) <= set(mention):
        return None  # a negation that is part of the spelling itself ("can't feel my legs") denies nothing
    if first <= mark.last <= last or first <= mark.first <= last:
        return 0  # inside a gap of the mention ("the neck does not hurt") or over its edge
    if mark.last < first and mark.direction != "after":
        inside = range(mark.last + 1, first)
    elif mark.first > last and mark.direction != "before":
        inside = range(last + 1, mark.first)
    else:
        return None
    if text.words[mark.first].sentence != text.words[first].sentence:
        return None
    if _is_ended(mark, inside, text) or not _same_list(mark, mention, text):
        return None
    counted = sum(1 for index in inside if _counts(index, text))
    return counted if counted <= mark.reach else None


def _is_ended(mark: Mark, inside: range, text: MarkedText) -> bool:
    ends = {Means.ENDS, Means.ENDS_DENIAL} if mark.means in _ENDED_BY_STATEMENTS else {Means.ENDS}
    return any(border.means in ends and border.first in inside for border in text.borders)


def _counts(index: int, text: MarkedText) -> bool:
    if index in text.named or text.words[index].form in SKIPPED:
        return False
    return not any(border.means is Means.JOINS and index in border.words for border in text.borders)


def _same_list(mark: Mark, mention: Sequence[int], text: MarkedText) -> bool:
    """A comma is crossed only inside a list: short members, none with a statement of its own."""
    here, there = text.words[mark.first].clause, text.words[mention[0]].clause
    if here == there or text.words[mark.last].clause == there:
        return True
    if mark.means is Means.UNSURE and len(_beside(mark, text)) == 0:
        return True
    if _is_plain_answer(mark, text) or (there < here and not _stands_alone(mark, text)):
        return False
    between = range(min(here, there), max(here, there) + 1)
    return all(_is_member(clause, mark, text) for clause in between if clause != here)


def _is_plain_answer(mark: Mark, text: MarkedText) -> bool:
    """Whether a "No," at the start of a sentence answers what was said before: it denies nothing after its comma."""
    starts = mark.first == 0 or text.words[mark.first - 1].sentence != text.words[mark.first].sentence
    alone = mark.last + 1 < len(text.words) and text.words[mark.last + 1].clause != text.words[mark.last].clause
    return starts and alone and mark.means is Means.DENIED


def _stands_alone(mark: Mark, text: MarkedText) -> bool:
    """Whether a cue behind a list says nothing of its own: "fever, cough: none", not "fever, the throat does not hurt"."""
    beside = _beside(mark, text)
    if any(index in text.named or text.words[index].form in _SUBJECTS for index in beside):
        return False
    return sum(1 for index in beside if _counts(index, text)) < _LIST_FILLER


def _beside(mark: Mark, text: MarkedText) -> list[int]:
    """The other words of a cue's clause."""
    clause = text.words[mark.first].clause
    return [index for index, word in enumerate(text.words) if word.clause == clause and index not in mark.words]


def _is_member(clause: int, mark: Mark, text: MarkedText) -> bool:
    members = [index for index, word in enumerate(text.words) if word.clause == clause]
    if not any(index in text.named for index in members):
        return False
    if mark.means in _ENDED_BY_STATEMENTS and any(text.words[index].form in _SUBJECTS for index in members):
        return False
    votes = {Means.PRESENT, Means.DENIED, Means.RULED_OUT}
    if any(other.means in votes and other is not mark and other.first in members for other in text.marks):
        return False
    return sum(1 for index in members if _counts(index, text)) <= _LIST_FILLER


def _answer(first: int, text: MarkedText) -> Means | None:
    """The answer to "Fever?" given in the next sentence: "None.", "Sadly yes"."""
    sentence = text.words[first].sentence
    if sentence not in text.questions:
        return None
    if sum(1 for word in text.words if word.sentence == sentence) > _SHORT_QUESTION:
        return None
    given = [mark for mark in text.answers if text.words[mark.first].sentence == sentence + 1]
    return given[0].means if given else None
