"""Which known word was meant by a word that nobody writes?

Only words that neither the content nor everyday language knows are repaired, so a clean question is never changed.
Distance is optimal string alignment (insert, delete, replace, swap neighbours), by rapidfuzz.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from corpus.everyday import everyday_frequency
from corpus.words import Word, fold, stem

SHORTEST: Final = 3
"""Letters; shorter words are never repaired."""
_LONG: Final = 7
_Rank = tuple[int, int, int, int, str]
_SWAPPED: Final = 0
_DROPPED_OR_ADDED: Final = 1
_MISTAKEN: Final = 2


class Speller:
    """Repairs words against what the content knows."""

    def __init__(self, known_forms: Mapping[str, int], *, beginnings: Iterable[str] = ()) -> None:
        """Learn the words the content knows, with how often it uses each: of two near words the commoner is meant.

        A word with one of the `beginnings` is known as well.
        """
        self._beginnings = tuple(sorted(beginnings))
        self._known = {fold(form): count for form, count in known_forms.items()}
        self._known_stems = {stem(form) for form in self._known if form}
        self._alike: dict[tuple[str, int], list[str]] = defaultdict(list)
        """By first letter and length."""
        for form in self._known:
            if len(form) >= SHORTEST and form.isalpha():
                self._alike[form[0], len(form)].append(form)
        self._first_letters = tuple({letter for letter, _ in self._alike})
        self._repair = lru_cache(maxsize=16_384)(self._nearest)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_repair"}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._repair = lru_cache(maxsize=16_384)(self._nearest)

    def knows(self, word: Word) -> bool:
        """Whether the content itself uses the word or one of its inflections."""
        return word.form in self._known or word.stem in self._known_stems

    def repair(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The same words with misspelt ones replaced; positions stay those of what was typed."""
        known = self._known
        return tuple([word if word.form in known else self._repaired(word) for word in words])

    def _repaired(self, word: Word) -> Word:
        if word.form[0].isdigit() or len(word.form) < SHORTEST:
            return word
        meant = self._repair(word.form)
        return word if meant is None else word._replace(form=meant, stem=stem(meant))

    def _nearest(self, form: str) -> str | None:
        if everyday_frequency(form) > 0:
            return None
        if stem(form) in self._known_stems or form.startswith(self._beginnings):
            return self._slipped_off(form)
        allowed = 1 if len(form) <= 6 else 2 if len(form) <= 11 else 3
        near = [
            self._rank(form, candidate, distance)
            for candidate, distance in self._near(form, allowed)
            if _plausible(form, candidate, distance)
        ]
        if len(form) > 5:
            near += self._with_another_first_letter(form)
        return min(near)[-1] if near else None

    def _slipped_off(self, form: str) -> str | None:
        """The word meant by one that nobody writes although it shares a stem with a known one: "vertebrall".

        Inflections must stay as they are, so that only a long word is touched, and only for one slip of the finger.
        """
        if len(form) < _LONG - 1:
            return None
        near = [self._rank(form, candidate, 1) for candidate, _ in self._near(form, 1) if len(candidate) >= _LONG]
        best = min((*near, *self._with_another_first_letter(form)), default=None)
        return None if best is None or best[1] == _MISTAKEN else best[-1]

    def _near(self, form: str, allowed: int) -> Iterable[tuple[str, int]]:
        """The known words within so many mistakes that begin with one of the first two letters."""
        for start in dict.fromkeys((form[0], *(form[1] if len(form) > 4 else ""))):
            for length in range(len(form) - allowed, len(form) + allowed + 1):
                yield from self._within(form, allowed, self._alike.get((start, length), ()))

    @staticmethod
    def _within(form: str, allowed: int, candidates: Sequence[str]) -> Iterable[tuple[str, int]]:
        """The candidates that lie within so many mistakes, each with their number."""
        found = extract(form, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=None)
        return ((candidate, int(distance)) for candidate, distance, _ in found)

    def _with_another_first_letter(self, form: str) -> list[_Rank]:
        """Words that differ in their first letter alone: it was dropped, added or mistaken."""
        tail = form[1:]
        near = [
            letter + rest for letter in self._first_letters for rest in (tail, form) if letter + rest in self._known
        ]
        near = [candidate for candidate in near if candidate.isalpha()]
        near += [tail] if tail in self._known else []
        return [self._rank(form, candidate, 1) for candidate in near]

    def _rank(self, form: str, candidate: str, distance: int) -> _Rank:
        """Nearer first; then the likelier slip; then the commoner word; then the longer one."""
        slip = _slip(form, candidate) if distance == 1 else 0
        return distance, slip, -self._known[candidate], -len(candidate), candidate


def _slip(form: str, candidate: str) -> int:
    """How far from the hand one mistake is: neighbours swapped, a letter dropped or added, another letter taken."""
    if len(form) != len(candidate):
        return _DROPPED_OR_ADDED
    return _SWAPPED if sorted(form) == sorted(candidate) else _MISTAKEN


def _plausible(form: str, candidate: str, distance: int) -> bool:
    """Short words have many neighbours: there only a dropped, doubled or swapped letter counts."""
    if len(form) > 4:
        return len(candidate) > 3 or distance == 0
    return len(candidate) >= len(form) and candidate[0] == form[0]
