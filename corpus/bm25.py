"""How well does each text match the words of a question?

The scores are those of rank-bm25's `BM25Plus` less what that class adds to every document alike (idf · delta for each
query word), so a text that shares no word scores exactly 0. Why this variant: its idf, log((N + 1) / n), stays positive
and ordered on a small corpus, where BM25Okapi gives 0 to a word in half of the texts and floors more common words
*above* rarer ones (ARCHITECTURE.md, "Decisions"). Weights are multiplied out when the index is built, term by term.

Formula: Lv & Zhai, "Lower-bounding term frequency normalization" (CIKM 2011), as implemented by rank-bm25 0.2.2.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

K1: Final = 1.5
B: Final = 0.75
"""rank-bm25's defaults."""
LARGE: Final = 50_000
"""Words in all texts together from which on numpy is worth its import (0.17 s)."""
_NOWHERE: Final[Mapping[int, float]] = {}


class Index(Protocol):
    """What is asked of an index, whatever its size."""

    def __contains__(self, term: object) -> bool:
        """Whether any text holds the term."""

    def idf(self, term: str) -> float:
        """How telling a term is; a term that no text holds is as telling as one that a single text holds."""

    def scores(self, terms: Iterable[str] | Mapping[str, float]) -> dict[int, float]:
        """The score of every text that shares a term; a mapping gives each term a factor."""

    def best(self, terms: Iterable[str] | Mapping[str, float], most: int) -> list[tuple[int, float]]:
        """The highest scores first; equal scores in the order of the texts."""

    def explained(self, number: int, term: str) -> float:
        """What one term adds to the score of one text."""


def index_of(texts: Sequence[Sequence[str]]) -> Index:
    """The index that serves so many texts best; the scores are the same."""
    if sum(map(len, texts)) < LARGE:
        return Bm25(texts)
    from corpus.bm25_large import LargeBm25  # noqa: PLC0415 (numpy, which a small collection does not need)

    return LargeBm25.of(texts)


class Bm25:
    """An index over texts given as lists of terms; texts are numbered in the order given."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        """Build the index. An empty collection is allowed: nothing is found in it."""
        self.size = len(texts)
        average = sum(map(len, texts)) / self.size if self.size else 0.0
        counts = [Counter(text) for text in texts]
        holders = Counter(term for count in counts for term in count)
        self._idf = {term: math.log((self.size + 1) / number) for term, number in holders.items()}
        self._weights: dict[str, dict[int, float]] = {term: {} for term in holders}
        for number, (text, count) in enumerate(zip(texts, counts, strict=True)):
            norm = K1 * (1 - B + B * len(text) / average) if average else K1
            for term, frequency in count.items():
                weight = self._idf[term] * (frequency * (K1 + 1) / (norm + frequency))
                self._weights[term][number] = weight

    def __contains__(self, term: object) -> bool:
        return term in self._idf

    def idf(self, term: str) -> float:
        """How telling a term is; a term that no text holds is as telling as one that a single text holds."""
        return self._idf.get(term, math.log(self.size + 1))

    def scores(self, terms: Iterable[str] | Mapping[str, float]) -> dict[int, float]:
        """The score of every text that shares a term; a mapping gives each term a factor."""
        factors = terms if isinstance(terms, Mapping) else Counter(terms)
        found: dict[int, float] = {}
        for term, factor in factors.items():
            weights = self._weights.get(term, _NOWHERE)
            if not found:
                found = {number: factor * weight for number, weight in weights.items()}
                continue
            for number, weight in weights.items():
                found[number] = found.get(number, 0.0) + factor * weight
        return found

    def best(self, terms: Iterable[str] | Mapping[str, float], most: int) -> list[tuple[int, float]]:
        """The highest scores first; equal scores in the order of the texts."""
        return best(self.scores(terms), most)

    def explained(self, number: int, term: str) -> float:
        """What one term adds to the score of one text."""
        return self._weights.get(term, _NOWHERE).get(number, 0.0)


def best(scores: Mapping[int, float], most: int) -> list[tuple[int, float]]:
    """The highest scores first; equal scores in the order of the texts."""
    return [(number, -worse) for worse, number in sorted([(-score, number) for number, score in scores.items()])[:most]]
