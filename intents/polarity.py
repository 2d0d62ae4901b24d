"""Does a mention count: present, denied, past, someone else's, unsure?

In the manner of NegEx (Chapman et al., 2001) and ConText (Harkema et al., 2009): cues are data (cues.yaml), a cue
reaches over a few words, lists share a negation, and "but", a new clause or a question mark ends it. Whatever is not
clearly denied counts as present: silence is never permission.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import accumulate, islice, takewhile
from typing import Final, Literal, NamedTuple

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
_FARTHEST: Final = 60
"""Words, counted or not, beyond which no cue reaches."""
_SHORT_QUESTION: Final = 5
"""A question of at most so many words ("Fever?") takes the answer that follows it."""
_LIST_FILLER: Final = 2
"""Words that may stand beside a mention in a member of a list: "no fever, open wounds or a bad rash"."""
_STATES: Final = frozenset({Means.PRESENT, Means.DENIED, Means.RULED_OUT})
"""A cue of these in a clause makes it more than a member of a list."""
_DATES: Final = frozenset({"ago", "назад"})
_YEAR: Final = 4
"""Digits of a year."""
_SUBJECTS: Final = frozenset("i im ive he she we they you it я он она мы они вы ты".split())
"""A clause with a subject makes a statement of its own."""


class Mark(NamedTuple):
    """A cue found in a text, by the indices of its words. A tuple, because every message makes many."""

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


@dataclass(frozen=True, kw_only=True)
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

    @cached_property
    def counts(self) -> _Counts:
        """Worked out once, so that no mention has to look through the whole text."""
        return _Counts(self)

    def near(self, mention: Sequence[int]) -> Sequence[Mark]:
        """The cues whose reach may hold a mention, and perhaps some beyond it."""
        counted = self.counts.counted
        start = max(bisect_left(counted, counted[mention[0]] - self.counts.widest), mention[0] - _FARTHEST)
        end = min(bisect_right(counted, counted[mention[-1] + 1] + self.counts.widest), mention[-1] + _FARTHEST)
        first = bisect_left(self.counts.firsts, start - self.counts.longest)
        return self.marks[first : bisect_right(self.counts.firsts, end)]


class _Counts:
    """Running totals over the words and clauses of a text."""

    def __init__(self, text: MarkedText) -> None:
        free = {index for border in text.borders if border.means is Means.JOINS for index in border.words} | text.named
        free.update([index for index, word in enumerate(text.words) if word.form in SKIPPED])
        self.counted = _totals([index not in free for index in range(len(text.words))])
        """How many words before an index a cue's reach counts."""
        self.ends = sorted(border.first for border in text.borders if border.means is Means.ENDS)
        self.denial_ends = sorted(border.first for border in text.borders if border.means is Means.ENDS_DENIAL)
        self.firsts = [mark.first for mark in text.marks]
        """Where each cue begins."""
        self.widest = max((mark.reach for mark in text.marks), default=0)
        self.longest = max((mark.last - mark.first for mark in text.marks), default=0) + 1
        self.sentence_lengths = Counter([word.sentence for word in text.words])
        self.answered = self._answered(text)
        """The answer to each short question, which may stand behind further short questions."""
        self._count_clauses(text, free)

    def _answered(self, text: MarkedText) -> dict[int, Mark]:
        answers = {text.words[mark.first].sentence: mark for mark in reversed(text.answers)}
        answered: dict[int, Mark] = {}
        for sentence in sorted(text.questions, reverse=True):
            given = answered.get(sentence + 1) or answers.get(sentence + 1)
            if given is not None and self.sentence_lengths[sentence] <= _SHORT_QUESTION:
                answered[sentence] = given
        return answered

    def _count_clauses(self, text: MarkedText, free: Iterable[int]) -> None:
        clauses = [word.clause for word in text.words]
        self.lengths = Counter(clauses)
        """Words of each clause; then how many of them name something, are counted by a reach, are subjects."""
        self.named = Counter([clauses[index] for index in text.named])
        self.fillers = self.lengths - Counter([clauses[index] for index in free])
        self.subjects = Counter([word.clause for word in text.words if word.form in _SUBJECTS])
        stated = {text.words[mark.first].clause for mark in text.marks if mark.means in _STATES}
        listed = [
            clause in self.named and clause not in stated and self.fillers[clause] <= _LIST_FILLER
            for clause in range(text.words[-1].clause + 1 if text.words else 0)
        ]
        self.unlisted = _totals([not is_listed for is_listed in listed])
        """How many clauses before one are no members of a list."""
        self.stating = _totals([not is_listed or clause in self.subjects for clause, is_listed in enumerate(listed)])
        """How many clauses before one are no members of a list, or make a statement of their own."""


def _totals(flags: Sequence[bool]) -> list[int]:
    return list(accumulate(flags, initial=0))


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
    reaching = [(gap, mark) for mark in text.near(mention) if (gap := _distance(mark, mention, text)) is not None]
    voting = [(gap, -len(mark.words), _TIE.index(mark.means)) for gap, mark in reaching if mark.means in _TIE]
    answer = _answer(mention[0], text)
    vote = _TIE[min(voting)[2]] if voting else Means.PRESENT
    if vote is Means.UNSURE and _is_cleared_next(mention[-1], text):
        vote = Means.RULED_OUT
    return Standing(
        means=answer or vote,
        effect=any(mark.means is Means.EFFECT for _, mark in reaching),
        hypothetical=vote is Means.HYPOTHETICAL,
    )


def deciding(mention: Sequence[int], text: MarkedText) -> tuple[Mark, ...]:
    """The cues that reach a mention, the nearest first: what `standing` heard, for whoever asks why."""
    reaching = [(gap, mark) for mark in text.near(mention) if (gap := _distance(mark, mention, text)) is not None]
    return tuple(mark for _, mark in sorted(reaching, key=lambda cue: cue[0]))


def _distance(mark: Mark, mention: Sequence[int], text: MarkedText) -> int | None:
    """How many words lie between a cue and a mention; None when the cue does not reach it."""
    first, last = mention[0], mention[-1]
    if first <= mark.last <= last or first <= mark.first <= last:
        # Inside a gap of the mention ("the neck does not hurt") or over its edge; but a negation that is part of the
        # spelling itself ("can't feel my legs") denies nothing.
        return None if set(mark.words) <= set(mention) else 0
    if mark.first < first and last < mark.last:
        return 0  # "the test for hepatitis was negative": the cue's own words stand around the mention
    if mark.last < first and mark.direction != "after":
        start, end = mark.last + 1, first
    elif mark.first > last and mark.direction != "before":
        start, end = last + 1, mark.first
    else:
        return None
    if text.words[mark.first].sentence != text.words[first].sentence:
        return None
    counted = text.counts.counted[end] - text.counts.counted[start]
    if counted > mark.reach or _is_ended(mark, start, end, text) or not _same_list(mark, mention, text):
        return None
    return counted


def _is_ended(mark: Mark, start: int, end: int, text: MarkedText) -> bool:
    counts = text.counts
    if _any_between(start, end, counts.ends):
        return True
    return mark.means in _ENDED_BY_STATEMENTS and _any_between(start, end, counts.denial_ends)


def _any_between(start: int, end: int, indices: Sequence[int]) -> bool:
    """Whether any of these indices, which are in order, lies from `start` to before `end`."""
    number = bisect_left(indices, start)
    return number < len(indices) and indices[number] < end


def _same_list(mark: Mark, mention: Sequence[int], text: MarkedText) -> bool:
    """A comma is crossed only inside a list: short members, none with a statement of its own."""
    here, there = text.words[mark.first].clause, text.words[mention[0]].clause
    if here == there or text.words[mark.last].clause == there:
        return True
    if mark.means is Means.UNSURE and text.counts.lengths[here] == len(mark.words):
        return True  # "Maybe, it is a hernia."
    if there + 1 == here and _is_a_date(mark, text) and _stands_alone(mark, text):
        return True  # "I fainted once at school, twenty years ago."
    if _is_plain_answer(mark, text) or (there < here and not _stands_alone(mark, text)):
        return False
    strangers = text.counts.stating if mark.means in _ENDED_BY_STATEMENTS else text.counts.unlisted
    crossed = (here + 1, there + 1) if here < there else (there, here)
    return strangers[crossed[1]] == strangers[crossed[0]]


def _is_plain_answer(mark: Mark, text: MarkedText) -> bool:
    """Whether a "No," at the start of a sentence answers what was said before: it denies nothing after its comma."""
    starts = mark.first == 0 or text.words[mark.first - 1].sentence != text.words[mark.first].sentence
    alone = mark.last + 1 < len(text.words) and text.words[mark.last + 1].clause != text.words[mark.last].clause
    return starts and alone and mark.means is Means.DENIED


def _is_a_date(mark: Mark, text: MarkedText) -> bool:
    forms = {text.words[index].form for index in mark.words}
    return not forms.isdisjoint(_DATES) or any(form.isdigit() and len(form) == _YEAR for form in forms)


def _stands_alone(mark: Mark, text: MarkedText) -> bool:
    """Whether a cue behind a list says nothing of its own: "fever, cough: none", not "fever, my arm is not sore"."""
    clause, counts = text.words[mark.first].clause, text.counts
    if any(text.words[index].clause != clause for index in mark.words):
        return True
    own = [index for index in mark.words if text.words[index].form in _SUBJECTS]
    named = [index for index in mark.words if index in text.named]
    if counts.named[clause] > len(named) or counts.subjects[clause] > len(own):
        return False
    own_fillers = sum(counts.counted[index + 1] - counts.counted[index] for index in mark.words)
    return counts.fillers[clause] - own_fillers < _LIST_FILLER


def _is_cleared_next(last: int, text: MarkedText) -> bool:
    """Whether what was suspected is cleared afterwards: "a clot was suspected, but the scan came back clear".

    That must be said in a clause of its own or after a "but", with nothing else named in it, and no doubt may follow.
    """
    clause = text.words[last].clause
    following = islice(text.marks, bisect_left(text.counts.firsts, last + 1), None)
    after = list(takewhile(lambda mark: text.words[mark.first].clause <= clause + 2, following))
    cleared = next((mark for mark in after if mark.means is Means.RULED_OUT), None)
    if cleared is None or text.words[cleared.first].clause > clause + 1:
        return False
    if any(mark.means in {Means.UNSURE, Means.CANCELS} for mark in after if mark.first > cleared.first):
        return False
    ends = text.counts.ends
    turns = ends[bisect_left(ends, last + 1) : bisect_left(ends, cleared.first)]
    if text.words[cleared.first].clause > clause:
        turns.append(next(at for at in range(last, cleared.last + 1) if text.words[at].clause > clause))
    return bool(turns) and text.named.isdisjoint(range(max(turns), cleared.last + 1))


def _answer(first: int, text: MarkedText) -> Means | None:
    """The answer to "Fever?" in the next sentence: "None.", "Sadly yes"; one may answer several: "TB? HIV? No"."""
    given = text.counts.answered.get(text.words[first].sentence)
    return None if given is None else given.means
