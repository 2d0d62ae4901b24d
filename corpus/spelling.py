"""Which known word was meant by a word that nobody writes?

Only words that neither the content nor everyday language knows are repaired, so a clean question is never changed.
Distance is optimal string alignment (insert, delete, replace, swap neighbours), by rapidfuzz.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from corpus.words import Word, fold, stem

SHORTEST: Final = 3
"""Letters; shorter words are never repaired."""


class Speller:
    """Repairs words against what the content knows."""

    def __init__(self, known_forms: Mapping[str, int]) -> None:
        """Learn the words the content knows, with how often it uses each: of two near words the commoner is meant."""
        self._known = {fold(form): count for form, count in known_forms.items()}
        self._known_stems = {stem(form) for form in self._known if form}
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for form in sorted(self._known):
            if len(form) >= SHORTEST and form.isalpha():
                self._by_start[form[0]].append(form)
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
        return word if meant is None else replace(word, form=meant, stem=stem(meant))

    def _nearest(self, form: str) -> str | None:
        if everyday_frequency(form) > 0:
            return None
        allowed = 1 if len(form) <= 6 else 2 if len(form) <= 11 else 3
        best: tuple[int, int, str] | None = None
        starts = [form[0], *(form[1] if len(form) > 4 else "")]
        for start in dict.fromkeys(starts):
            for candidate in self._by_start.get(start, ()):
                if abs(len(candidate) - len(form)) > allowed:
                    continue
                distance = OSA.distance(form, candidate, score_cutoff=allowed)
                if distance <= allowed and _plausible(form, candidate, distance):
                    rank = (distance, -self._known[candidate], candidate)
                    best = rank if best is None or rank < best else best
        if best is None and len(form) > 5:
            best = self._by_any_start(form)
        return None if best is None else best[2]

    def _by_any_start(self, form: str) -> tuple[int, int, str] | None:
        """A wrong first letter is rare: looked for last, one mistake only."""
        near = [
            (1, -self._known[candidate], candidate)
            for forms in self._by_start.values()
            for candidate in forms
            if abs(len(candidate) - len(form)) <= 1 and OSA.distance(form, candidate, score_cutoff=1) <= 1
        ]
        return min(near, default=None)


def _plausible(form: str, candidate: str, distance: int) -> bool:
    """Short words have many neighbours: there only a dropped, doubled or swapped letter counts."""
    if len(form) > 4:
        return len(candidate) > 3 or distance == 0
    return len(candidate) >= len(form) and candidate[0] == form[0]


@lru_cache(maxsize=65_536)
def everyday_frequency(form: str) -> float:
    """How common a word is in everyday language, on the Zipf scale: 3 = once in a million words, 6 = in a thousand.

    0 means unknown: the counts come from the `wordfreq` package's small lists, which end at 3.
    """
    from wordfreq import zipf_frequency  # noqa: PLC0415 (imported late: 0.16 s that `--help` must not pay)

    languages = ("ru",) if "а" <= form[0] <= "я" else ("en", "de", "es")
    return max(float(zipf_frequency(form, language, wordlist="small")) for language in languages)
