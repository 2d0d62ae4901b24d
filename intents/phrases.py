"""How do neighbouring pieces become one that means more?

A phrase is a pattern of symbols and a builder: `EVERY NUMBER UNIT` with a function from what was found to a
new symbol. In a pattern `A|B` is either, `A?` may be missing, `<!A` at the beginning must not stand before,
and at the end `>A` must follow, `!A` must not follow. Articles between the elements are stepped over. Levels
of phrases are applied one after the other, each from left to right: the longest phrase that its builder
accepts replaces its pieces. Everything takes time in proportion to the text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from intents.when_words import Piece

SKIPPED: Final = "ARTICLE"


class Found(NamedTuple):
    """The pieces that matched a pattern, each with the symbol it was read as."""

    read_as: Sequence[str]
    pieces: Sequence[Piece]

    def all(self, symbol: str) -> list[Any]:
        """Return the values of every piece read as `symbol`, in order."""
        return [p.readings[symbol] for name, p in zip(self.read_as, self.pieces, strict=True) if name == symbol]

    def one(self, symbol: str, default: Any = None) -> Any:
        """Return the first value read as `symbol`."""
        return next(iter(self.all(symbol)), default)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self.read_as

    @property
    def spelled(self) -> bool:
        """Whether every piece is written in letters."""
        return all(not each.text[:1].isdigit() for each in self.pieces)


Built = tuple[str, Any] | None
Builder = Callable[[Found], Built]


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a pattern."""

    symbols: tuple[str, ...]
    optional: bool = False
    forbidden_after: bool = False
    required_after: bool = False
    forbidden_before: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern and what it becomes."""

    pattern: tuple[Element, ...]
    build: Builder


Level = Mapping[str, Sequence[Phrase]]


def level(*phrases: tuple[str, Builder]) -> Level:
    """Return phrases by the symbol they can begin with, in the order given."""
    by_first: dict[str, list[Phrase]] = {}
    for pattern, build in phrases:
        phrase = Phrase(tuple(_element(word) for word in pattern.split()), build)
        for symbol in _first_symbols(phrase.pattern):
            by_first.setdefault(symbol, []).append(phrase)
    return by_first


def applied(levels: Sequence[Level], pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces after every level has replaced what it knows."""
    current = list(pieces)
    for each in levels:
        current = _one_level(each, current)
    return current


def _one_level(phrases: Level, pieces: list[Piece]) -> list[Piece]:
    done: list[Piece] = []
    pieces = list(pieces)
    rest = 0
    while rest < len(pieces):
        replaced = _replaced(phrases, pieces, rest, done[-1] if done else None)
        if replaced is None:
            done.append(pieces[rest])
            rest += 1
            continue
        piece, end = replaced
        if end - rest == 1:
            done.append(piece)
        else:
            # What has grown may grow again: "9, 13 and 18" is joined pair by pair.
            end -= 1
            pieces[end] = piece
        rest = end if end > rest else rest + 1
    return done


def _replaced(phrases: Level, pieces: list[Piece], place: int, before: Piece | None) -> tuple[Piece, int] | None:
    best: tuple[Piece, int] | None = None
    seen: set[int] = set()
    for symbol in pieces[place].readings:
        for phrase in phrases.get(symbol, ()):
            if id(phrase) in seen:
                continue
            seen.add(id(phrase))
            matched = _match(phrase.pattern, 0, pieces, place, before)
            if matched is None or (best is not None and matched[1] <= best[1]):
                continue
            found, end = Found(*zip(*matched[0], strict=True)), matched[1]
            built = phrase.build(found)
            if built is not None:
                best = (_merged(pieces[place:end], built), end)
    return best


def _merged(pieces: Sequence[Piece], built: tuple[str, Any]) -> Piece:
    text = " ".join(piece.text for piece in pieces)
    return Piece(pieces[0].start, pieces[-1].end, text, {built[0]: built[1]})


Matched = tuple[list[tuple[str, Piece]], int]


def _match(
    pattern: tuple[Element, ...], at: int, pieces: list[Piece], place: int, before: Piece | None
) -> Matched | None:
    """Return what the pattern from element `at` on matches from `place` on, and where it ends."""
    if at == len(pattern):
        return [], place
    element = pattern[at]
    if element.forbidden_before:
        if before is not None and _reads(before, element):
            return None
        return _match(pattern, at + 1, pieces, place, before)
    here = _skip_articles(pieces, place, element) if at else place
    piece = pieces[here] if here < len(pieces) else None
    if element.forbidden_after or element.required_after:
        follows = piece is not None and _reads(piece, element) is not None
        return ([], place) if follows == element.required_after else None
    symbol = _reads(piece, element) if piece is not None else None
    if piece is not None and symbol is not None:
        rest = _match(pattern, at + 1, pieces, here + 1, piece)
        if rest is not None:
            return [(symbol, piece), *rest[0]], rest[1]
    return _match(pattern, at + 1, pieces, place, before) if element.optional else None


def _skip_articles(pieces: list[Piece], place: int, element: Element) -> int:
    if SKIPPED in element.symbols:
        return place
    while place < len(pieces) and SKIPPED in pieces[place]:
        place += 1
    return place


def _reads(piece: Piece, element: Element) -> str | None:
    return next((symbol for symbol in element.symbols if symbol in piece), None)


def _element(word: str) -> Element:
    before, after, optional = word.startswith("<!"), word.startswith("!"), word.endswith("?")
    symbols = tuple(word.lstrip("<!>").rstrip("?").split("|"))
    return Element(symbols, optional, after, word.startswith(">"), before)


def _first_symbols(pattern: tuple[Element, ...]) -> set[str]:
    found: set[str] = set()
    for element in pattern:
        if element.forbidden_before:
            continue
        found.update(element.symbols)
        if not element.optional:
            break
    return found
