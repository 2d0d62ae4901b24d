"""Which concepts does a text name, under any of their spellings?

Spellings are patterns (see corpus/README.md): words matched by stem, `a|b` alternatives, `word?` optional, `...` a gap
of up to three words inside a clause, `=word` this form only, `word*` any word that starts so. All spellings stand in
one tree, so the cost of reading a text does not grow with the number of spellings.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from corpus.words import SKIPPED, Word, fold, stem
from corpus.yaml_source import Place, Problems, YamlValue

LANGUAGES: Final = ("en", "ru", "de", "es")
GAP: Final = 3
"""How many words a `...` may stand for; articles and possessives between them are not counted."""
SHORTEST_START: Final = 4
"""Letters that a `word*` needs at least: shorter ones match by accident."""
MOST_OPTIONAL: Final = 4
_MOST_EXAMPLES: Final = 64
"""Of each spelling's alternatives, when spellings are compared with one another."""
_PART: Final = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*\*?")
_PLAIN: Final = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
"""A spelling of nothing but words: most are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One way to write a concept, and where the pattern stands; `blocks` marks look-alikes that name nothing."""

    concept: str
    pattern: str
    place: Place
    blocks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A concept named in a text: which words name it (by index), and the characters they span."""

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


Match = tuple[Found, bool]
"""A concept found, and whether it is only a look-alike."""
Keep = Callable[[str, tuple[int, ...]], bool]
"""Whether a match is kept: by its concept and the indices of its words."""


class PatternError(ValueError):
    """A spelling cannot be read; the message says why."""


class _Node:
    """A state reached by some words of some spellings."""

    __slots__ = ("children", "ends", "exact", "gaps", "goes_on", "shared", "starts")

    def __init__(self) -> None:
        self.children: dict[str, list[_Node]] = {}
        """By stem."""
        self.exact: dict[str, list[_Node]] = {}
        """By the whole word."""
        self.starts: dict[str, list[tuple[str, _Node]]] = {}
        """By the first letters, each with all letters that a word must start with."""
        self.gaps: list[_Node] = []
        self.shared: dict[str, _Node] = {}
        """Of all these, the nodes that spellings with the same beginning share."""
        self.goes_on = False
        """Whether any spelling goes on from here."""
        self.ends: list[tuple[str, bool]] = []

    def link(self, step: str, node: _Node) -> None:
        """Reach `node` by a step: a stem, `=form`, `start*` or a gap."""
        self.goes_on = True
        if step == _GAP_STEP:
            self.gaps.append(node)
        elif step.endswith("*"):
            self.starts.setdefault(step[:SHORTEST_START], []).append((step[:-1], node))
        elif step.startswith("="):
            self.exact.setdefault(step[1:], []).append(node)
        else:
            self.children.setdefault(step, []).append(node)

    def shared_child(self, step: str) -> _Node:
        """The node that all spellings beginning alike reach by this step."""
        node = self.shared.get(step)
        if node is None:
            node = self.shared[step] = _Node()
            self.link(step, node)
        return node

    def after(self, word: Word) -> Sequence[_Node]:
        """The nodes that one word leads to."""
        reached: Sequence[_Node] = self.children.get(word.stem, ())
        if len(reached) > 1:
            reached = self.children[word.stem] = [_joined(reached)]
        if self.exact and word.form in self.exact:
            reached = [*reached, *self.exact[word.form]]
        if self.starts and (starting := self.starts.get(word.form[:SHORTEST_START])):
            reached = [*reached, *(node for start, node in starting if word.form.startswith(start))]
        return reached


def _joined(nodes: Sequence[_Node]) -> _Node:
    """One node for several that the same words lead to; made when a text first comes that way."""
    joined = _Node()
    joined.goes_on = any(node.goes_on for node in nodes)
    for node in nodes:
        for stem_, reached in node.children.items():
            joined.children.setdefault(stem_, []).extend(reached)
        for form, reached in node.exact.items():
            joined.exact.setdefault(form, []).extend(reached)
        for letters, starting in node.starts.items():
            joined.starts.setdefault(letters, []).extend(starting)
        joined.gaps.extend(node.gaps)
        joined.ends.extend(node.ends)
    if len(joined.gaps) > 1:
        joined.gaps = [_joined(joined.gaps)]
    return joined


_Path = tuple[_Node, int, tuple[int, ...]]
"""A node, the word to be read next, and the words matched so far."""
_GAP_STEP: Final = "..."
_Steps = tuple[str, ...]
_Token = tuple[_Steps, ...]
"""The alternatives of one word of a spelling, each a step or, where it is hyphenated, several."""


class Vocabulary:
    """All spellings of all concepts, ready to be found in texts."""

    def __init__(self, spellings: Iterable[Spelling], problems: Problems | None = None) -> None:
        """Build the tree; a spelling that cannot be read is noted in `problems`, or raises when there is none."""
        self._root = _Node()
        self._read_last: tuple[Word, ...] | None = None
        self._matches: tuple[Match, ...] = ()
        """Of the text that was read last: several readers ask about the same text."""
        self.forms: set[str] = set()
        """Every word that stands in a spelling: what misspelt words are compared with."""
        self.concepts: set[str] = set()
        for spelling in spellings:
            try:
                self._add(spelling)
            except PatternError as error:
                if problems is None:
                    raise
                problems.add(spelling.place, str(error))

    def _add(self, spelling: Spelling) -> None:
        for tokens in variants(spelling.pattern):
            node = self._root
            for token in tokens:
                node = _beyond(node, token)
            if (spelling.concept, spelling.blocks) not in node.ends:
                node.ends.append((spelling.concept, spelling.blocks))
        self.forms |= pattern_forms(spelling.pattern)
        if not spelling.blocks:
            self.concepts.add(spelling.concept)

    def find(self, words: Sequence[Word], *, keep: Keep | None = None) -> tuple[Found, ...]:
        """The concepts named in a text, in order; where spellings overlap, the one with more words wins.

        Several concepts may share exactly the same words. A look-alike that wins names nothing. `keep` may turn matches
        down (concept, indices of the words) before the winner is chosen.
        """
        return _most_specific(self.find_all(words), keep)

    def find_all(self, words: Sequence[Word]) -> tuple[Match, ...]:
        """Every match, overlapping ones too, each with whether it is a look-alike."""
        if words is not self._read_last:
            self._matches = tuple(self._all_in(words))
            self._read_last = words if isinstance(words, tuple) else None
        return self._matches

    def find_each(self, words: Sequence[Word]) -> tuple[Found, ...]:
        """Every spelling found, overlapping ones too, but for those that a look-alike of their concept covers."""
        return tuple(_without_look_alikes(self.find_all(words)))

    def part(self, concepts: Iterable[str]) -> Part:
        """Some of the concepts, as a vocabulary of their own; a text is still read once for all parts."""
        return Part(self, frozenset(concepts))

    def _all_in(self, words: Sequence[Word]) -> list[Match]:
        matches: list[Match] = []
        for start, word in enumerate(words):
            reached = self._root.after(word)
            if reached:
                matches.extend(_walk(reached, words, start))
        return matches


class Part:
    """Some concepts of a vocabulary: found as if no other spellings were there."""

    def __init__(self, whole: Vocabulary, concepts: frozenset[str]) -> None:
        self._whole = whole
        self._concepts = concepts

    def find(self, words: Sequence[Word], *, keep: Keep | None = None) -> tuple[Found, ...]:
        """The concepts of this part that a text names, as `Vocabulary.find` tells them."""
        matches = [match for match in self._whole.find_all(words) if match[0].concept in self._concepts]
        return _most_specific(matches, keep)


def _beyond(node: _Node, token: _Token) -> _Node:
    """The node after one word of a spelling; alternatives lead to one and the same node."""
    if len(token) == 1:
        for step in token[0]:
            node = node.shared_child(step)
        return node
    after = _Node()
    for steps in token:
        here = node
        for step in steps[:-1]:
            here = here.shared_child(step)
        here.link(steps[-1], after)
    return after


def _walk(reached: Sequence[_Node], words: Sequence[Word], start: int) -> Iterable[Match]:
    """All spellings found on from the nodes that `words[start]` leads to, each once."""
    sentence = words[start].sentence
    open_paths: list[_Path] = [(node, start + 1, (start,)) for node in reached]
    found: dict[tuple[str, bool, tuple[int, ...]], Match] = {}
    while open_paths:
        node, position, matched = open_paths.pop()
        for concept, blocks in node.ends:
            if (concept, blocks, matched) not in found:
                span = Found(concept=concept, words=matched, start=words[start].start, end=words[matched[-1]].end)
                found[concept, blocks, matched] = span, blocks
        if not node.goes_on or position == len(words):
            continue
        word = words[position]
        if word.sentence != sentence:
            continue
        for child in node.after(word):
            open_paths.append((child, position + 1, (*matched, position)))  # noqa: PERF401 (mostly there is none)
        if word.form in SKIPPED:
            open_paths.append((node, position + 1, matched))
        if node.gaps:
            open_paths.extend(_over_gaps(node, words, position, matched))
    return found.values()


def _over_gaps(node: _Node, words: Sequence[Word], position: int, matched: tuple[int, ...]) -> Iterable[_Path]:
    """Where a path goes on after up to three words of the same clause, articles and possessives not counted."""
    clause = words[matched[-1]].clause
    passed = 0
    for reach in range(position, len(words)):
        word = words[reach]
        if word.clause != clause or passed > GAP:
            return
        passed += word.form not in SKIPPED
        for gap in node.gaps:
            for child in gap.after(word):
                yield child, reach + 1, (*matched, reach)


def _most_specific(matches: Sequence[Match], keep: Keep | None) -> tuple[Found, ...]:
    if keep is not None:
        matches = [match for match in matches if keep(match[0].concept, match[0].words)]
    named = _without_look_alikes(matches)
    named.sort(key=lambda found: (-len(found.words), found.words))
    taken: dict[int, tuple[int, ...]] = {}
    kept: list[Found] = []
    for found in named:
        words = found.words
        if any(taken.get(index, words) != words for index in words):
            continue
        for index in words:
            taken[index] = words
        kept.append(found)
    return tuple(sorted(kept, key=lambda found: (found.words, found.concept)))


def _without_look_alikes(matches: Sequence[Match]) -> list[Found]:
    look_alikes: dict[int, list[Found]] = {}
    for found, blocks in matches:
        if blocks:
            for index in found.words:
                look_alikes.setdefault(index, []).append(found)
    return [found for found, blocks in matches if not blocks and not _is_look_alike(found, look_alikes)]


def _is_look_alike(found: Found, look_alikes: Mapping[int, Sequence[Found]]) -> bool:
    """Whether a look-alike of the same concept stands on one of these words, and says as much, as closely.

    With as many words the narrower one is meant: "high blood pressure and a low mood" is no "blood pressure ... low".
    A look-alike of `x` also holds for the concepts derived from it, such as `implied:x` and `x:2`.
    """
    if not look_alikes:
        return False
    return any(
        (len(other.words), -_width(other)) >= (len(found.words), -_width(found))
        and (
            found.concept == other.concept
            or found.concept.startswith(other.concept + ":")
            or found.concept.endswith(":" + other.concept)
        )
        for index in found.words
        for other in look_alikes.get(index, ())
    )


def _width(found: Found) -> int:
    """Words from its first to its last."""
    return found.last - found.first


def variants(pattern: str) -> list[tuple[_Token, ...]]:
    """A spelling with and without its optional words; raises `PatternError` with the reason when it cannot be read."""
    if _PLAIN.fullmatch(pattern):
        return [tuple((_steps(word),) for word in pattern.split())]
    choices: list[list[_Token | None]] = []
    for token in pattern.split():
        if token in {_GAP_STEP, "…"}:
            choices.append([((_GAP_STEP,),)])
            continue
        alternatives = tuple(_steps(part) for part in token.removesuffix("?").split("|"))
        choices.append([alternatives, None] if token.endswith("?") else [alternatives])
    if not choices:
        raise PatternError("the spelling is empty; write the words or delete the line")
    if _is_gap(choices[0][0]) or _is_gap(choices[-1][0]):
        raise PatternError(f"'{pattern}' starts or ends with '...'; a gap stands between words")
    if sum(len(options) > 1 for options in choices) > MOST_OPTIONAL:
        raise PatternError(f"'{pattern}' has more than {MOST_OPTIONAL} optional words; split it into several spellings")
    found: dict[tuple[_Token, ...], None] = {}
    for combination in itertools.product(*choices):
        tokens = _without_idle_gaps([token for token in combination if token is not None])
        if not tokens:
            raise PatternError(f"'{pattern}' matches without any word; make one word necessary")
        found[tuple(tokens)] = None
    return list(found)


def _is_gap(token: _Token | None) -> bool:
    return token == ((_GAP_STEP,),)


def _without_idle_gaps(tokens: list[_Token]) -> list[_Token]:
    """A gap beside a left-out optional word stands between nothing, or is one with the gap behind that word."""
    doubled = [number for number in range(1, len(tokens)) if _is_gap(tokens[number]) and _is_gap(tokens[number - 1])]
    tokens = [token for number, token in enumerate(tokens) if number not in doubled]
    while tokens and _is_gap(tokens[0]):
        tokens = tokens[1:]
    while tokens and _is_gap(tokens[-1]):
        tokens = tokens[:-1]
    return tokens


@lru_cache(maxsize=65_536)
def _steps(part: str) -> tuple[str, ...]:
    exact = part.startswith("=")
    pieces = [piece for piece in _PART.findall(part.removeprefix("=")) if piece]
    if not pieces:
        raise PatternError(f"'{part}' holds no word; write letters or digits")
    steps = []
    for piece in pieces:
        form = fold(piece.removesuffix("*"))
        if piece.endswith("*"):
            if len(form) < SHORTEST_START:
                raise PatternError(f"'{piece}' is too short; '*' needs {SHORTEST_START} letters before it")
            steps.append(form + "*")
        elif form in SKIPPED:
            continue
        else:
            steps.append("=" + form if exact else stem(form))
    if not steps:
        # A spelling may consist of a possessive or article alone ("some"): then it must be matched.
        steps = ["=" + fold(pieces[0])]
    return tuple(steps)


def example_words(pattern: str) -> list[tuple[Word, ...]]:
    """Some texts that a spelling is found in, as words; none for a spelling that cannot be read."""
    try:
        written = variants(pattern)
    except PatternError:
        return []
    found: list[tuple[Word, ...]] = []
    for tokens in written:
        named = [token for token in tokens if not _is_gap(token)]
        for choice in itertools.islice(itertools.product(*named), _MOST_EXAMPLES):
            steps = [step.strip("=*") for part in choice for step in part]
            found.append(tuple(Word(step, step, place, place + 1, 0, 0) for place, step in enumerate(steps)))
    return found


def pattern_forms(pattern: str) -> set[str]:
    """The whole words that stand in a spelling."""
    return {fold(piece) for piece in _PART.findall(pattern) if not piece.endswith("*") and not piece[0].isdigit()}


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
