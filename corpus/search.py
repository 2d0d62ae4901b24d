"""Which passages answer these words, and how sure can one be that any does?

Ranking is BM25 (corpus/bm25.py) over stems and concepts of each passage with its headings and its search words,
plus half the score of the best single search phrase. Whether the sources answer at all is decided on evidence, never on
a raw score: which share of what the question says is found in the passage, how much of it the corpus does not know, and
which known-to-be-absent topic it names. ARCHITECTURE.md tells how the figures were chosen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from corpus.bm25 import best, index_of
from corpus.everyday import everyday_frequency
from corpus.library import Library
from corpus.passage import Citation, Passage, PassageId, Span
from corpus.vocabulary import Found, Vocabulary
from corpus.words import Word, words_of

TITLE_COUNTS: Final = 2
PHRASE_COUNTS: Final = 0.5
NARRATIVE_COUNTS: Final = 0.5
"""What a word outside the question sentence of a longer message counts."""
CONTEXT_COUNTS: Final = 0.7
"""What a word of the turn before counts in a follow-up."""
LONG_MESSAGE: Final = 3
"""Sentences from which on telling and asking are weighed apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The words of a question, repaired, and the concepts they name."""

    text: str
    words: tuple[Word, ...]
    found: tuple[Found, ...]
    before: Mapping[str, float]
    """Terms of earlier turns that a follow-up leans on, with what they count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found, with the stretch of it that answers best."""

    citation: Citation
    score: float

    @property
    def passage(self) -> Passage:
        """The passage."""
        return self.citation.passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why the sources do, or do not, cover a question."""

    explained: float
    """Share of the question's weight that the best passage says; 0 to 1."""
    unknown: float
    """Share of the question's weight that no passage knows; 0 to 1."""
    absent: tuple[str, ...]
    """Topics the question names that the sources are known not to treat."""
    score: float
    """The best passage's score."""

    @property
    def confidence(self) -> float:
        """Above 0: the sources cover it. A logistic fit on the questions of tests/conversations/search."""
        return (
            -4.1
            + 1.5 * self.explained
            + 1.43 * math.log1p(self.score)
            - 1.37 * self.unknown
            - (4.3 if self.absent else 0.0)
        )

    @property
    def covered(self) -> bool:
        """Whether the sources cover the question."""
        return self.confidence > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was found, best first, and the evidence that it answers."""

    hits: tuple[Hit, ...]
    evidence: Evidence


class Search:
    """Finds passages of a library."""

    def __init__(
        self,
        library: Library,
        vocabulary: Vocabulary,
        *,
        stop_words: frozenset[str],
        absent: frozenset[str] = frozenset(),
    ) -> None:
        """Index all passages.

        Args:
            library: what can be found.
            vocabulary: concepts and their spellings, for passages and questions alike.
            stop_words: stems and forms that say nothing about a topic.
            absent: concepts that the sources are known not to treat; one that a passage names is no longer absent.
        """
        self._passages = library.passages
        self._vocabulary = vocabulary
        self._stop_words = stop_words
        self._only_for = {
            number: passage.only_for for number, passage in enumerate(self._passages) if passage.only_for is not None
        }
        own = [[self._index_terms(text) for text in _own(passage)] for passage in self._passages]
        phrases = [[self._index_terms(text) for text in _phrases(passage)] for passage in self._passages]
        told = [[*texts, *extra] for texts, extra in zip(own, phrases, strict=True)]
        self._holds = [frozenset(term for terms in parts for term in terms) for parts in told]
        self._index = index_of([[term for terms in parts for term in terms] for parts in told])
        self._owner = [number for number, extra in enumerate(phrases) for _ in extra]
        self._phrases = index_of([terms for extra in phrases for terms in extra])
        self._absent = frozenset(concept for concept in absent if _concept_term(concept) not in self._index)
        self._stretches_of: dict[PassageId, list[tuple[Span, frozenset[str]]]] = {}
        self._largest_idf = math.log(len(self._passages) + 1) or 1.0

    def knows(self, term: str) -> bool:
        """Whether any passage, heading or search phrase has the term."""
        return term in self._index

    def terms(self, words: Sequence[Word], found: Iterable[Found]) -> list[str]:
        """The terms that a text is searched by: stems of its telling words, and its concepts."""
        stems = [word.stem for word in words if not self._says_nothing(word)]
        return stems + [_concept_term(match.concept) for match in found]

    def find(self, question: Question, *, most: int = 10) -> Searched:
        """The passages for a question, best first, with the evidence that the best one answers it."""
        weights = self._weights(question)
        scores = self._index.scores(weights)
        for number, score in self._best_phrases(weights).items():
            scores[number] = scores.get(number, 0.0) + PHRASE_COUNTS * score
        concepts = {match.concept for match in question.found}
        for number, only in self._only_for.items():
            if only not in concepts:
                scores.pop(number, None)
        ranked = best(scores, most)
        worth = {term: counts * self._index.idf(term) for term, counts in weights.items()}
        asked = frozenset(worth)
        hits = tuple(
            Hit(citation=self._cite(self._passages[number], worth, asked), score=score) for number, score in ranked
        )
        return Searched(hits=hits, evidence=self._evidence(question, ranked[0] if ranked else None))

    def reasons(self, question: Question, passage: Passage) -> tuple[tuple[str, float], ...]:
        """Why a passage scores for a question: terms and what each adds, the largest first."""
        number = self._passages.index(passage)
        added = [
            (term, counts * self._index.explained(number, term)) for term, counts in self._weights(question).items()
        ]
        return tuple(sorted((reason for reason in added if reason[1] > 0), key=lambda reason: -reason[1]))

    def _says_nothing(self, word: Word) -> bool:
        return word.form in self._stop_words or word.stem in self._stop_words

    def _index_terms(self, text: str) -> list[str]:
        words = words_of(text)
        return self.terms(words, self._vocabulary.find(words))

    def _weights(self, question: Question) -> dict[str, float]:
        asking = _asking_sentences(question)
        weights = dict(question.before)
        for word in question.words:
            if not self._says_nothing(word):
                counts = 1.0 if word.sentence in asking else NARRATIVE_COUNTS
                weights[word.stem] = max(weights.get(word.stem, 0.0), counts)
        for match in question.found:
            counts = 1.0 if question.words[match.first].sentence in asking else NARRATIVE_COUNTS
            term = _concept_term(match.concept)
            weights[term] = max(weights.get(term, 0.0), counts)
        return weights

    def _best_phrases(self, weights: Mapping[str, float]) -> dict[int, float]:
        found: dict[int, float] = {}
        for phrase, score in self._phrases.scores(weights).items():
            owner = self._owner[phrase]
            if score > found.get(owner, 0.0):
                found[owner] = score
        return found

    def _cite(self, passage: Passage, worth: Mapping[str, float], asked: frozenset[str]) -> Citation:
        """The sentence or list item that shares most with the question; the whole passage when none stands out."""
        stretches = self._stretches(passage)
        if len(stretches) < 2:
            return Citation(passage=passage)
        values = [math.fsum(map(worth.__getitem__, terms & asked)) for _, terms in stretches]
        top = max(values)
        return Citation(passage=passage, marked=(stretches[values.index(top)][0],) if top > 0 else ())

    def _stretches(self, passage: Passage) -> list[tuple[Span, frozenset[str]]]:
        """The sentences and items of a passage with their terms; worked out when first asked for."""
        known = self._stretches_of.get(passage.id)
        if known is None:
            spans = [span for number in range(len(passage.blocks)) for span in _sentences(passage, number)]
            texts = [passage.blocks[span.block].text[span.start : span.end] for span in spans]
            known = [(span, frozenset(self._index_terms(text))) for span, text in zip(spans, texts, strict=True)]
            self._stretches_of[passage.id] = known
        return known

    def _evidence(self, question: Question, top: tuple[int, float] | None) -> Evidence:
        asking = _asking_sentences(question)
        named: dict[int, set[str]] = {}
        for match in question.found:
            for index in match.words:
                named.setdefault(index, set()).add(_concept_term(match.concept))
        holds = self._holds[top[0]] if top else frozenset[str]()
        total = explained = unknown = 0.0
        for index, word in enumerate(question.words):
            concepts = named.get(index, set())
            if self._says_nothing(word) and not concepts:
                continue
            known = word.stem in self._index or any(concept in self._index for concept in concepts)
            weight = _telling(word) * (0.3 + self._index.idf(word.stem) / self._largest_idf if known else 1.3)
            weight *= 1.0 if word.sentence in asking else NARRATIVE_COUNTS
            total += weight
            unknown += 0.0 if known else weight
            explained += weight if word.stem in holds or concepts & holds else 0.0
        asked = {match.concept for match in question.found if question.words[match.first].sentence in asking}
        absent = tuple(sorted(asked & self._absent))
        if not total:
            return Evidence(explained=0.0, unknown=1.0, absent=absent, score=0.0)
        return Evidence(
            explained=explained / total, unknown=unknown / total, absent=absent, score=top[1] if top else 0.0
        )


def _concept_term(concept: str) -> str:
    """The search term of a concept; what implies a condition counts as the condition itself."""
    return "#" + concept.removeprefix("implied:")


def _telling(word: Word) -> float:
    """How much a word says, by its rarity in everyday language: 0.2 for the commonest, 1.1 for unheard ones."""
    frequency = everyday_frequency(word.form)
    return (8 - frequency) / 5 if frequency else 1.1


def _own(passage: Passage) -> list[str]:
    return [*[passage.title] * TITLE_COUNTS, passage.section, passage.text]


def _phrases(passage: Passage) -> list[str]:
    spoken = [phrase for phrases in passage.search_words.values() for phrase in phrases]
    return [*spoken, *passage.summary.values()]


def _asking_sentences(question: Question) -> frozenset[int]:
    """The sentences that ask, in a longer message that also tells; otherwise all of them."""
    sentences = {word.sentence for word in question.words}
    if len(sentences) < LONG_MESSAGE:
        return frozenset(sentences)
    last = {word.sentence: word.end for word in question.words}
    asking = {number for number, end in last.items() if "?" in question.text[end : end + 3]}
    return frozenset(asking or sentences)


def _sentences(passage: Passage, block: int) -> list[Span]:
    """The sentences of a block by position."""
    text = passage.blocks[block].text
    spans: list[Span] = []
    start = 0
    for position, character in enumerate(text):
        ends = character in ".!?" and (position + 1 == len(text) or text[position + 1] == " ")
        if ends and position + 1 - start > 1:
            spans.append(Span(block=block, start=start, end=position + 1))
            start = position + 2
    if start < len(text):
        spans.append(Span(block=block, start=start, end=len(text)))
    return spans
