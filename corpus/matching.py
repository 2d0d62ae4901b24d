"""Which spellings do the words of a text follow?

All spellings stand in one automaton. A state of it is known by what may still follow, so that reading a word costs one
look-up, however many spellings there are. States are worked out when a text first comes that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from corpus.pattern import GAP_STEP, SHORTEST_START, Steps, Token, alternatives
from corpus.words import SKIPPED, Word

GAP: Final = 3
"""How many words a `...` may stand for; articles and possessives between them are not counted."""
MOST_PASSED: Final = 12
"""How many words on, articles and possessives included, the next word of a spelling may stand: nobody writes more."""

_Rest = tuple[int, int, Steps]
"""What is left of a spelling: its number, its next word, and the steps left of a hyphenated word that has begun."""
_Key = str | tuple[str, ...]
"""What a word of a text is looked up by: its stem, or all steps that it fulfils."""


class End(NamedTuple):
    """What a spelling is for: whose it is, the concept it names, and whether it is only a look-alike."""

    owner: int
    concept: str
    blocks: bool


Match = tuple[End, tuple[int, ...]]
"""A spelling met in a text, and the indices of the words that it matches."""


class _State:
    """What may follow some words of some spellings."""

    __slots__ = ("after", "ends", "gap", "is_gap", "rests")

    def __init__(self, rests: tuple[_Rest, ...]) -> None:
        self.rests = rests
        self.after: dict[_Key, _State] | None = None
        """By a step, or several that one word fulfils; None until a text comes here."""
        self.gap: _State | None = None
        """What may follow after a `...`."""
        self.is_gap = False
        """Whether this is what may follow after a `...`."""
        self.ends: Sequence[End] = ()
        """What is named by the words that lead here."""


class Automaton:
    """Spellings, each a row of tokens, ready to be followed."""

    def __init__(self) -> None:
        self._written: list[tuple[Sequence[Token], End]] = []
        self._exact: set[str] = set()
        """The forms of all `=form` steps."""
        self._starts: dict[str, list[str]] = {}
        """By the first letters: the `start*` steps."""
        self._states: dict[tuple[_Rest, ...], _State] = {}

    def add(self, tokens: Sequence[Token], end: End) -> None:
        """Add a spelling; all are added before the first text is read."""
        self._written.append((tokens, end))
        if not SKIPPED.isdisjoint(tokens):
            self._exact.update(SKIPPED.intersection(tokens))
        for token in tokens:
            if not isinstance(token, str):
                self._note_forms(token)

    def follow(self, words: Sequence[Word]) -> Iterable[Match]:
        """The spellings met in a text, overlapping or not, each match once."""
        keys = [self._key(word) for word in words]
        reach = _reach(words)
        met: list[Match] = []
        for start, key in enumerate(keys):
            reached = self._first.get(key)
            if reached is None and isinstance(key, tuple):
                reached = self._by_several(self._first, key)
            if reached is None:
                continue
            paths: list[tuple[_State, tuple[int, ...]]] = [(reached, (start,))]
            while paths:
                state, matched = paths.pop()
                after = self._opened(state) if state.after is None else state.after
                for end in state.ends:
                    met.append((end, matched))  # noqa: PERF401 (mostly there is none)
                if state.gap is not None:
                    paths.append((state.gap, matched))
                if not after:
                    continue
                last = matched[-1]
                for index in _over_a_gap(words, last) if state.is_gap else range(last + 1, reach[last]):
                    following = keys[index]
                    reached = after.get(following)
                    if reached is None and isinstance(following, tuple):
                        reached = self._by_several(after, following)
                    if reached is not None:
                        paths.append((reached, (*matched, index)))
        return dict.fromkeys(met)

    @cached_property
    def _first(self) -> dict[_Key, _State]:
        return self._opened(self._state([(number, 0, ()) for number in range(len(self._written))]))

    def _by_several(self, after: dict[_Key, _State], key: tuple[str, ...]) -> _State | None:
        """The state for a word that fulfils several steps, if any of them leads on."""
        several = [after[step] for step in key if step in after]
        if len(several) > 1:
            after[key] = self._state([rest for state in several for rest in state.rests])
            return after[key]
        return several[0] if several else None

    def _key(self, word: Word) -> _Key:
        form = word.form
        starts = self._starts.get(form[:SHORTEST_START])
        if starts is None and form not in self._exact:
            return word.stem
        fulfilled = [start for start in starts or () if form.startswith(start[:-1])]
        if form in self._exact:
            fulfilled.append("=" + form)
        return (word.stem, *fulfilled) if fulfilled else word.stem

    def _note_forms(self, alternatives_: Sequence[Steps]) -> None:
        for steps in alternatives_:
            for step in steps:
                if step[0] == "=":
                    self._exact.add(step[1:])
                elif step[-1] == "*" and step not in self._starts.setdefault(step[:SHORTEST_START], []):
                    self._starts[step[:SHORTEST_START]].append(step)

    def _state(self, rests: Sequence[_Rest]) -> _State:
        """The state of these rests; all alternatives of a spelling lead to the same one."""
        known = tuple(rests)
        state = self._states.get(known)
        if state is None:
            state = self._states[known] = _State(known)
        return state

    def _opened(self, state: _State) -> dict[_Key, _State]:
        """Where a state leads; worked out when a text first comes there."""
        ends: dict[End, None] = {}
        after: dict[str, list[_Rest]] = {}
        for number, place, begun in state.rests:
            tokens, end = self._written[number]
            if begun:
                after.setdefault(begun[0], []).append((number, place, begun[1:]))
            elif place == len(tokens):
                ends[end] = None
            else:
                for steps in alternatives(tokens[place]):
                    after.setdefault(steps[0], []).append((number, place + 1, steps[1:]))
        gap = after.pop(GAP_STEP, None)
        if gap is not None:
            state.gap = self._state(gap)
            state.gap.is_gap = True
        state.ends = tuple(ends)
        state.after = {step: self._state(rests) for step, rests in after.items()}
        return state.after


def _reach(words: Sequence[Word]) -> list[int]:
    """For each word, where those end that may follow it in a spelling: the next one, or articles and the next one.

    They stand in its sentence.
    """
    ends = list(range(1, len(words) + 1))
    for index in range(len(words) - 2, -1, -1):
        following = words[index + 1]
        if following.sentence == words[index].sentence:
            end = ends[index + 1] if following.form in SKIPPED else index + 2
            ends[index] = min(max(end, index + 2), index + 1 + MOST_PASSED)
    return ends


def _over_a_gap(words: Sequence[Word], last: int) -> range:
    """The words of the clause that a gap behind one may reach."""
    clause = words[last].clause
    left = GAP + 1
    end = last + 1
    for word in words[end : end + MOST_PASSED]:
        if word.clause != clause or not left:
            break
        left -= word.form not in SKIPPED
        end += 1
    return range(last + 1, end)
