"""Which spellings do the words of a text follow?

All spellings stand in one automaton. A state of it is known by what may still follow, so that reading a word costs one
look-up, however many spellings there are. States are worked out when a text first comes that way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from corpus.pattern import GAP_STEP, SHORTEST_START, Steps, Token, alternatives
from corpus.words import SKIPPED, Word

GAP: Final = 3
"""How many words a `...` may stand for; articles and possessives between them are not counted."""
MOST_PASSED: Final = 12
"""How many words on, articles and possessives included, the next word of a spelling may stand: nobody writes more."""

_REMEMBERED: Final = 65_536
"""How many words' keys are remembered."""

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
Shares = tuple[tuple[int, tuple[End, ...]], ...]
"""What some words name, shared out among those who read a text together: the number of each, and what concerns it."""


class _State:
    """What may follow some words of some spellings."""

    __slots__ = ("after", "gap", "rests", "shares")

    def __init__(self, rests: tuple[_Rest, ...]) -> None:
        self.rests = rests
        self.after: dict[_Key, _State] | None = None
        """By a step, or several that one word fulfils; None until a text comes here."""
        self.gap: _State | None = None
        """What may follow after a `...`."""
        self.shares: Shares = ()
        """What is named by the words that lead here."""


class Automaton:
    """Spellings, each a row of tokens, ready to be followed."""

    def __init__(self, share: Callable[[Sequence[End]], Shares]) -> None:
        """An automaton without spellings; `share` shares out what the same words name."""
        self._share = share
        self._written: list[tuple[Sequence[Token], End]] = []
        self._exact: set[str] = set()
        """The forms of all `=form` steps."""
        self._starts: dict[str, list[str]] = {}
        """By the first letters: the `start*` steps."""
        self._states: dict[tuple[_Rest, ...], _State] = {}
        self._first: dict[_Key, _State] | None = None
        self._key = lru_cache(maxsize=_REMEMBERED)(self._key_of)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_key"}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._key = lru_cache(maxsize=_REMEMBERED)(self._key_of)

    def add(self, tokens: Sequence[Token], end: End) -> None:
        """Add a spelling; all are added before the first text is read."""
        self._written.append((tokens, end))
        if not SKIPPED.isdisjoint(tokens):
            self._exact.update(SKIPPED.intersection(tokens))
        for token in tokens:
            if not isinstance(token, str):
                self._note_forms(token)

    def share_anew(self) -> None:
        """Forget all states, so that what words name is shared out again."""
        self._states.clear()
        self._first = None

    def follow(self, words: Sequence[Word]) -> Sequence[tuple[Shares, tuple[int, ...]]]:
        """What the words of a text name, overlapping or not; the same words may come more than once."""
        if self._first is None:
            self._first = self._opened(self._state([(number, 0, ()) for number in range(len(self._written))]))
        first = self._first
        keys = [self._key(word.form, word.stem) for word in words]
        passed = [word.form in SKIPPED for word in words]
        ahead = _Ahead(keys)
        met: list[tuple[Shares, tuple[int, ...]]] = []
        paths: list[tuple[_State, tuple[int, ...]]] = []
        for start, key in enumerate(keys):
            reached = first.get(key)
            if reached is None and key.__class__ is tuple:
                reached = self._by_several(first, key)
            if reached is not None:
                paths.append((reached, (start,)))
            while paths:
                state, matched = paths.pop()
                after = self._opened(state) if state.after is None else state.after
                if state.shares:
                    met.append((state.shares, matched))
                last = matched[-1]
                if after:
                    sentence = words[last].sentence
                    for index in range(last + 1, min(last + 1 + MOST_PASSED, len(keys))):
                        following = keys[index]
                        reached = after.get(following)
                        if reached is None and following.__class__ is tuple:
                            reached = self._by_several(after, following)
                        if reached is not None and words[index].sentence == sentence:
                            paths.append((reached, (*matched, index)))
                        if not passed[index]:
                            break
                if state.gap is not None:
                    after = self._opened(state.gap) if state.gap.after is None else state.gap.after
                    if ahead.may_lead_on(after, last):
                        for index in _over_a_gap(words, last):
                            following = keys[index]
                            reached = after.get(following)
                            if reached is None and following.__class__ is tuple:
                                reached = self._by_several(after, following)
                            if reached is not None:
                                paths.append((reached, (*matched, index)))
        return met

    def _by_several(self, after: dict[_Key, _State], key: _Key) -> _State | None:
        """The state for a word that fulfils several steps, if any of them leads on."""
        if after.keys().isdisjoint(key):
            return None
        several = [after[step] for step in key if step in after]
        if len(several) > 1:
            after[key] = self._state([rest for state in several for rest in state.rests])
            return after[key]
        return several[0]

    def _key_of(self, form: str, stem: str) -> _Key:
        starts = self._starts.get(form[:SHORTEST_START])
        if starts is None and form not in self._exact:
            return stem
        fulfilled = [start for start in starts or () if form.startswith(start[:-1])]
        if form in self._exact:
            fulfilled.append("=" + form)
        return (stem, *fulfilled) if fulfilled else stem

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
        state.shares = self._share(tuple(ends)) if ends else ()
        state.after = {step: self._state(rests) for step, rests in after.items()}
        return state.after


class _Ahead:
    """What the words behind a place fulfil: most gaps lead nowhere, and one look tells."""

    def __init__(self, keys: Sequence[_Key]) -> None:
        self._steps: list[str] = []
        self._ends: list[int] = []
        """By word: where its steps end."""
        for key in keys:
            if isinstance(key, str):
                self._steps.append(key)
            else:
                self._steps.extend(key)
            self._ends.append(len(self._steps))

    def may_lead_on(self, after: dict[_Key, _State], last: int) -> bool:
        """Whether any of the words that a gap behind this one may reach could lead on."""
        farthest = self._ends[min(last + MOST_PASSED, len(self._ends) - 1)]
        return not after.keys().isdisjoint(self._steps[self._ends[last] : farthest])


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
