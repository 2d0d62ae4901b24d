"""Which concepts does a text name, under any of their spellings?

Spellings are patterns (see corpus/README.md): words matched by stem, `a|b` alternatives, `word?` optional, `...` a gap
of up to three words inside a clause, `=word` this form only, `word*` any word that starts so.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from corpus.matching import Automaton, End, Match, Shares
from corpus.pattern import PatternError, Token, pattern_beginnings, pattern_forms, variants
from corpus.words import Word
from corpus.yaml_source import Place, Problems, YamlValue

LANGUAGES: Final = ("en", "ru", "de", "es")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One way to write a concept, and where the pattern stands; `blocks` marks look-alikes that name nothing."""

    concept: str
    pattern: str
    place: Place
    blocks: bool = False


class Found(NamedTuple):
    """A concept named in a text: which words name it (by index), and the characters they span.

    A tuple, because every message makes many.
    """

    concept: str
    words: tuple[int, ...]
    start: int
    end: int

    @property
    def first(self) -> int:
        """Index of the first word."""
        return self.words[0]

    @property
    def last(self) -> int:
        """Index of the last word."""
        return self.words[-1]


Keep = Callable[[str, tuple[int, ...]], bool]
"""Whether a match is kept: by its concept and the indices of its words."""


class Vocabulary:
    """All spellings of all concepts, ready to be found in texts."""

    def __init__(self, spellings: Iterable[Spelling], problems: Problems | None = None) -> None:
        """Read the patterns; one that cannot be read is noted in `problems`, or raises when there is none."""
        self._written: list[tuple[Sequence[Token], Spelling]] = []
        self.forms: set[str] = set()
        """Every word that stands in a spelling: what misspelt words are compared with."""
        self.beginnings: set[str] = set()
        """What words begin with in a spelling: "lymphom*"."""
        for spelling in spellings:
            try:
                self._written.extend((tokens, spelling) for tokens in variants(spelling.pattern))
            except PatternError as error:
                if problems is None:
                    raise
                problems.add(spelling.place, str(error))
            else:
                self.forms.update(pattern_forms(spelling.pattern))
                self.beginnings.update(pattern_beginnings(spelling.pattern))
        self.concepts = {spelling.concept for _, spelling in self._written if not spelling.blocks}
        self._matches: Matches | None = None
        self._number = 0
        self._parts: list[Part] = []

    def __getstate__(self) -> dict[str, object]:
        """What finding needs, for a cache: the spellings stand in what they are read together with."""
        if self._matches is None:
            read_together([self])
        return {name: value for name, value in vars(self).items() if name not in {"_written", "forms", "beginnings"}}

    def find(self, words: Sequence[Word], *, keep: Keep | None = None) -> tuple[Found, ...]:
        """The concepts named in a text, in order; where spellings overlap, the one with more words wins.

        Several concepts may share exactly the same words. A look-alike that wins names nothing. `keep` may turn matches
        down (concept, indices of the words) before the winner is chosen.
        """
        return _most_specific(self.find_all(words), keep, words)

    def find_all(self, words: Sequence[Word]) -> Sequence[Match]:
        """Every match, overlapping ones and look-alikes too."""
        return self.matches().of(words, self._number)

    def named(self, words: Sequence[Word]) -> set[str]:
        """The concepts that are named anywhere in a text, look-alikes and what they cover too."""
        return self.matches().named(words, self._number)

    def find_each(self, words: Sequence[Word], wanted: Container[str]) -> Sequence[Match]:
        """Every match of the wanted concepts, overlapping ones too, but for what a look-alike covers."""
        return _without_look_alikes(
            [match for match in self.find_all(words) if match[0].blocks or match[0].concept in wanted]
        )

    def part(self, concepts: Iterable[str]) -> Part:
        """Some of the concepts, as a vocabulary of their own; a text is still read once for all parts."""
        part = Part(self, frozenset(concepts))
        self._parts.append(part)
        if self._matches is not None:
            part.is_read_by(self._matches, self._number)
        return part

    def matches(self) -> Matches:
        """What reads texts for this vocabulary and those that it is read together with."""
        if self._matches is None:
            read_together([self])
            assert self._matches is not None
        return self._matches

    def is_read_by(self, matches: Matches) -> None:
        """Find spellings by what several vocabularies read together."""
        self._matches, self._number = matches, matches.reader()
        for tokens, spelling in self._written:
            matches.add(tokens, End(self._number, spelling.concept, spelling.blocks))
        for part in self._parts:
            part.is_read_by(matches, self._number)


_Stretches = list[tuple[tuple[End, ...], tuple[int, ...]]]
"""All that words of a text name, and the words."""


class Matches:
    """What several vocabularies find in the text that was read last."""

    def __init__(self) -> None:
        self._automaton = Automaton(self.shared_out)
        self._readers: list[tuple[int, frozenset[str] | None]] = []
        """By number: the vocabulary that each reads, and which of its concepts; None for all."""
        self._last: tuple[Sequence[Word], Sequence[_Stretches]] | None = None
        """The text that was read last, and what each reader finds in it: several readers ask about the same text."""
        self.add = self._automaton.add

    def reader(self, of: int | None = None, concepts: frozenset[str] | None = None) -> int:
        """The number under which a vocabulary, or some concepts of the one that has this number, find their matches."""
        number = len(self._readers)
        self._readers.append((number if of is None else of, concepts))
        self._automaton.share_anew()
        self._last = None
        return number

    def of(self, words: Sequence[Word], reader: int) -> Sequence[Match]:
        """The matches of one reader, each once."""
        return list(dict.fromkeys((end, named) for ends, named in self._read(words)[reader] for end in ends))

    def named(self, words: Sequence[Word], reader: int) -> set[str]:
        """The concepts that one reader meets."""
        return {end.concept for ends, _ in self._read(words)[reader] for end in ends}

    def _read(self, words: Sequence[Word]) -> Sequence[_Stretches]:
        if self._last is not None and words is self._last[0]:
            return self._last[1]
        by_reader: list[_Stretches] = [[] for _ in self._readers]
        for shares, named in self._automaton.follow(words):
            for reader, ends in shares:
                by_reader[reader].append((ends, named))
        if isinstance(words, tuple):
            self._last = words, by_reader
        return by_reader

    def shared_out(self, ends: Sequence[End]) -> Shares:
        """What some words name, for each reader whom it concerns."""
        shares = (
            (reader, tuple(end for end in ends if end.owner == of and (concepts is None or end.concept in concepts)))
            for reader, (of, concepts) in enumerate(self._readers)
        )
        return tuple(share for share in shares if share[1])


def read_together(vocabularies: Sequence[Vocabulary]) -> None:
    """Let a text that is read by one of these vocabularies be read for all of them."""
    matches = Matches()
    for vocabulary in vocabularies:
        vocabulary.is_read_by(matches)


class Part:
    """Some concepts of a vocabulary: found as if no other spellings were there."""

    def __init__(self, whole: Vocabulary, concepts: frozenset[str]) -> None:
        self._whole = whole
        self._concepts = concepts
        self._number = 0

    def find(self, words: Sequence[Word], *, keep: Keep | None = None) -> tuple[Found, ...]:
        """The concepts of this part that a text names, as `Vocabulary.find` tells them."""
        return _most_specific(self._whole.matches().of(words, self._number), keep, words)

    def is_read_by(self, matches: Matches, whole: int) -> None:
        """Find these concepts by what several vocabularies read together; the whole one has this number there."""
        self._number = matches.reader(whole, self._concepts)


def _most_specific(matches: Sequence[Match], keep: Keep | None, words: Sequence[Word]) -> tuple[Found, ...]:
    if keep is not None:
        matches = [match for match in matches if keep(match[0].concept, match[1])]
    if not matches:
        return ()
    kept = longest(_without_look_alikes(matches))
    kept.sort(key=lambda match: (match[1], match[0].concept))
    return tuple(Found(end.concept, named, words[named[0]].start, words[named[-1]].end) for end, named in kept)


def longest(matches: Sequence[Match]) -> list[Match]:
    """Of matches that overlap, those with more words; those that share exactly the same words all stay."""
    taken: dict[int, tuple[int, ...]] = {}
    for words in sorted({words for _, words in matches}, key=lambda words: (-len(words), words)):
        if taken.keys().isdisjoint(words):
            taken.update(dict.fromkeys(words, words))
    return [match for match in matches if taken.get(match[1][0]) == match[1]]


def _without_look_alikes(matches: Sequence[Match]) -> list[Match]:
    look_alikes: dict[int, list[Match]] = {}
    for match in matches:
        if match[0].blocks:
            for index in match[1]:
                look_alikes.setdefault(index, []).append(match)
    if not look_alikes:
        return list(matches)
    free = look_alikes.keys().isdisjoint
    return [
        match for match in matches if not match[0].blocks and (free(match[1]) or not _is_look_alike(match, look_alikes))
    ]


def _is_look_alike(match: Match, look_alikes: Mapping[int, Sequence[Match]]) -> bool:
    """Whether a look-alike of the same concept stands on one of these words, and says as much, as closely.

    With as many words the narrower one is meant: "high blood pressure and a low mood" is no "blood pressure ... low".
    """
    end, words = match
    return any(
        _says(other_words) >= _says(words) and _is_of(end.concept, other.concept)
        for index in words
        for other, other_words in look_alikes.get(index, ())
    )


def _says(words: Sequence[int]) -> tuple[int, int]:
    """How much some words of a text say, and how closely."""
    return len(words), words[0] - words[-1]


def _is_of(concept: str, other: str) -> bool:
    """Whether a concept is another one, or derived from it, such as `implied:x` and `x:2` from `x`."""
    return concept == other or concept.startswith(other + ":") or concept.endswith(":" + other)


def spellings_of(concept: str, by_language: YamlValue, *, blocks: bool = False) -> list[Spelling]:
    """Read `en: [...]`, `ru: [...]`: the spellings of one concept."""
    found: list[Spelling] = []
    for language, key, patterns in by_language.entries():
        if language not in LANGUAGES:
            key.problem(f"'{language}' is not a language here (known: {', '.join(LANGUAGES)})")
            continue
        found.extend(
            Spelling(concept=concept, pattern=item.text(), place=item.place, blocks=blocks) for item in patterns.items()
        )
    return found


def read_vocabulary(value: YamlValue) -> list[Spelling]:
    """Read a vocabulary file: concept names, each with its spellings by language and its look-alikes under `not`."""
    found: list[Spelling] = []
    for concept, _, body in value.entries():
        fields = body.fields(optional=(*LANGUAGES, "not"))
        for language in LANGUAGES:
            if language in fields:
                found.extend(
                    Spelling(concept=concept, pattern=item.text(), place=item.place)
                    for item in fields[language].items()
                )
        if "not" in fields:
            found.extend(spellings_of(concept, fields["not"], blocks=True))
    return found
