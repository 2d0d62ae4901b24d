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


class Speller:
    """Repairs words against what the content knows."""

    def __init__(self, known_forms: Mapping[str, int]) -> None:
        """Learn the words the content knows, with how often it uses each: of two near words the commoner is meant."""
        self._known = {fold(form): count for form, count in known_forms.items()}
        self._known_stems = {stem(form) for form in self._known if form}
        self._alike: dict[tuple[str, int], list[str]] = defaultdict(list)
        """By first letter and length."""
        self._by_tail: dict[str, list[str]] = defaultdict(list)
        """By all letters but the first."""
        for form in self._known:
            if len(form) >= SHORTEST and form.isalpha():
                self._alike[form[0], len(form)].append(form)
                self._by_tail[form[1:]].append(form)
        self._repair = lru_cache(maxsize=16_384)(self._nearest)

    def knows(self, word: Word) -> bool:
        """Whether the content itself uses the word or one of its inflections."""
        return word.form in self._known or word.stem in self._known_stems

    def repair(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The same words with misspelt ones replaced; positions stay those of what was typed."""
        return tuple(self._repaired(word) for word in words)

    def _repaired(self, word: Word) -> Word:
        if word.form[0].isdigit() or len(word.form) < SHORTEST or self.knows(word):
            return word
        meant = self._repair(word.form)
        return word if meant is None else word._replace(form=meant, stem=stem(meant))

    def _nearest(self, form: str) -> str | None:
        if everyday_frequency(form) > 0:
            return None
        allowed = 1 if len(form) <= 6 else 2 if len(form) <= 11 else 3
        near = [
            (distance, -self._known[candidate], candidate)
            for start in dict.fromkeys((form[0], *(form[1] if len(form) > 4 else "")))
            for length in range(len(form) - allowed, len(form) + allowed + 1)
            for candidate, distance in self._within(form, allowed, self._alike.get((start, length), ()))
            if _plausible(form, candidate, distance)
        ]
        if not near and len(form) > 5:
            near = [(1, -self._known[candidate], candidate) for candidate in self._with_another_first_letter(form)]
        return min(near)[2] if near else None

    @staticmethod
    def _within(form: str, allowed: int, candidates: Sequence[str]) -> Iterable[tuple[str, int]]:
        """The candidates that lie within so many mistakes, each with their number."""
        found = extract(form, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=None)
        return ((candidate, int(distance)) for candidate, distance, _ in found)

    def _with_another_first_letter(self, form: str) -> Iterable[str]:
        """A first letter wrong or missing is rare: looked for last, one mistake only."""
        return (*self._by_tail.get(form[1:], ()), *self._by_tail.get(form, ()))


def _plausible(form: str, candidate: str, distance: int) -> bool:
    """Short words have many neighbours: there only a dropped, doubled or swapped letter counts."""
    if len(form) > 4:
        return len(candidate) > 3 or distance == 0
    return len(candidate) >= len(form) and candidate[0] == form[0]
