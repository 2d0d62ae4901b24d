"""Which words of a sentence tell when, and what can each of them mean?

A sentence becomes pieces: words, numbers, clock times, dates and marks, each with its place in the text and
with every symbol it can stand for. A word of five letters or more that nobody writes is read as the nearest
known one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST_REPAIRED: Final = 5
LONG_WORD: Final = 8
MOST_LETTERS_OF_A_WORD: Final = 30

_TOKEN: Final = re.compile(
    r"""
    (?P<STAMP>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?(?!\d))
  | (?P<ISODATE>\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d)(?!\d)
  | (?P<DOTTED>\d{1,2}\.\d{1,2}(?:\.(?:\d{4}|\d\d))?)(?![\d%])
  | (?P<SLASHED>\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d\d))?)(?!\d)
  | (?P<TIME>\d{1,2}:\d\d)(?!\d)
  | (?P<ORDINAL>\d{1,2}(?:st|nd|rd|th)\b|\d{1,2}-?(?:го|е|й|я|ое|ый|ого|му|ю|ую|ом)\b|\d{1,2}-м\b)
  | (?P<PLURAL>\d{1,3}-(?:х|ти|ми|ух)\b)
  | (?P<NUMBER>\d{1,9})
  | (?P<QUOTED>«[^»]{1,400}»|“[^”]{1,400}”|"[^"]{1,400}")
  | (?P<HALF_DAY>[ap]\.\s?m\b\.?)
  | (?P<WORD>[^\W\d_]+(?:['’][^\W\d_]+)?)
  | (?P<MARK>[^\w\s])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MARKS: Final = {
    ",": "COMMA",
    ";": "COMMA",
    ":": "COLON",
    "-": "DASH",
    "–": "DASH",
    "—": "DASH",
    "?": "ASKED",
    ".": "STOP_MARK",
    "!": "STOP_MARK",
    "%": "MEASURE",
    "°": "MEASURE",
    "&": "AND",
    "+": "AND",
    "@": "AT",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text from `start` to `end`, and everything it can mean: symbol -> value."""

    start: int
    end: int
    text: str
    readings: Mapping[str, Any]

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.readings


class Lexicon(NamedTuple):
    """Every known form, its symbols, and the longest sequences by their first word."""

    forms: Mapping[str, Mapping[str, Any]]
    sequences: Mapping[str, Sequence[tuple[tuple[str, ...], Mapping[str, Any]]]]
    prefixes: Mapping[str, Mapping[str, Any]]
    repairable: Sequence[str]
    signs: Mapping[str, frozenset[str]]
    edges: Mapping[str, frozenset[str]]


def folded(word: str) -> str:
    """Return the word as it is compared: lower case, ё as е, a straight apostrophe."""
    return word.lower().replace("ё", "е").replace("’", "'")


def pieces_of(text: str) -> list[Piece]:
    """Return the pieces of a sentence, in order."""
    tokens = list(_tokens(text))
    return list(_joined(tokens, lexicon()))


@cache
def lexicon() -> Lexicon:
    """Return the known words, read once."""
    text = Path(__file__).with_name("when.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (it builds text only, and guesses no types)
    forms: dict[str, dict[str, Any]] = {}
    for symbol, by_language in data["words"].items():
        _enter(forms, symbol, None, by_language.values())
    for symbol, by_value in data["values"].items():
        for value, by_language in by_value.items():
            _enter(forms, symbol, _value(value), by_language.values())
    return Lexicon(
        forms={form: symbols for form, symbols in forms.items() if " " not in form and form[-1] != "*"},
        sequences=_sequences(forms),
        prefixes={form[:-1]: symbols for form, symbols in forms.items() if form[-1] == "*"},
        repairable=[form for form in forms if len(form) >= SHORTEST_REPAIRED and form.isalpha()],
        signs={name: frozenset(map(folded, words)) for name, words in data["signs"].items()},
        edges={name: frozenset(map(folded, words)) for name, words in data["edges"].items()},
    )


def _enter(forms: dict[str, dict[str, Any]], symbol: str, value: Any, lists: Iterable[Sequence[str]]) -> None:
    for words in lists:
        for word in words:
            key = " ".join(_words(word))
            forms.setdefault(key + "*" if word.endswith("*") else key, {})[symbol] = value


def _value(text: str) -> int | float | str:
    """Return the number that was written, or the text."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _words(entry: str) -> list[str]:
    return [folded(token["WORD"] or token["HALF_DAY"] or token[0]) for token in _TOKEN.finditer(entry.rstrip("*"))]


def _sequences(
    forms: Mapping[str, Mapping[str, Any]],
) -> dict[str, list[tuple[tuple[str, ...], Mapping[str, Any]]]]:
    by_first: dict[str, list[tuple[tuple[str, ...], Mapping[str, Any]]]] = {}
    for form in sorted(forms, key=lambda each: -each.count(" ")):
        words = tuple(form.split())
        if len(words) > 1:
            by_first.setdefault(words[0], []).append((words, forms[form]))
    return by_first


def _tokens(text: str) -> Iterator[Piece]:
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup or "MARK"
        yield Piece(token.start(), token.end(), token[0], dict(_token_reading(kind, token[0])))


def _token_reading(kind: str, text: str) -> Iterator[tuple[str, Any]]:
    match kind:
        case "NUMBER":
            yield "NUMBER", int(text)
        case "PLURAL":
            yield "NUMBER", int(text.split("-", maxsplit=1)[0])
        case "ORDINAL":
            yield "ORDINAL", int("".join(filter(str.isdecimal, text)))
        case "HALF_DAY":
            yield ("AM" if text[0] in "aA" else "PM"), None
        case "MARK":
            yield _MARKS.get(text, "OTHER_MARK"), None
        case "WORD":
            yield "WORD", None
        case _:
            yield kind, text


def _joined(tokens: Sequence[Piece], known: Lexicon) -> Iterator[Piece]:
    """Yield the pieces with the symbols of their words; neighbouring words of one entry become one piece."""
    texts = [folded(token.text) for token in tokens]
    place = 0
    while place < len(tokens):
        token = tokens[place]
        for words, symbols in known.sequences.get(texts[place], ()):
            if tuple(texts[place : place + len(words)]) == words:
                end = tokens[place + len(words) - 1]
                yield Piece(token.start, end.end, " ".join(words), symbols)
                place += len(words)
                break
        else:
            yield _with_meaning(token, texts[place], known)
            place += 1


def _with_meaning(token: Piece, word: str, known: Lexicon) -> Piece:
    if "WORD" not in token:
        return token
    symbols = (
        known.forms.get(word) or known.forms.get(word.removesuffix("'s")) or _by_prefix(word, known) or _repaired(word)
    )
    return Piece(token.start, token.end, word, {"WORD": None, **symbols})


def _by_prefix(word: str, known: Lexicon) -> Mapping[str, Any]:
    return next((symbols for prefix, symbols in known.prefixes.items() if word.startswith(prefix)), {})


@cache
def _nothing() -> Mapping[str, Any]:
    return {}


def _repaired(word: str) -> Mapping[str, Any]:
    """Return the meaning of the known word that was probably meant; nothing for words people do write."""
    if not SHORTEST_REPAIRED <= len(word) <= MOST_LETTERS_OF_A_WORD:
        return _nothing()
    known = lexicon()
    slips = 2 if len(word) >= LONG_WORD else 1
    near = process.extractOne(word, known.repairable, scorer=OSA.distance, score_cutoff=slips)
    if near is None or near[0][0] != word[0] or (near[1] > 1 and len(near[0]) < LONG_WORD) or _is_written(word):
        return _nothing()
    return known.forms[near[0]]


def _is_written(word: str) -> bool:
    from wordfreq import zipf_frequency  # noqa: PLC0415  (heavy, and rarely needed)

    language = "ru" if "а" <= word[0] <= "я" else "en"
    return bool(zipf_frequency(word, language, "small") > 0)
