"""How does text become the words that search and rules compare?

A word is compared by its stem (Snowball, through PyStemmer): English for Latin script, Russian for Cyrillic.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

import Stemmer

_WORD: Final = re.compile(
    r"(\d+(?:[.,:/]\d+)*"
    # Capitals with points between them are one word: "H.I.V.", "D.V.T."; "A.M." and "P.M." are left to the clock.
    r"|\b(?![AP]\.M\b)[A-Z](?:\.[A-Z])+\b"
    # Letters, with an apostrophe between two of them, and with accents that some keyboards write behind their letter.
    r"|[^\W\d_]+(?:(?:['’](?=[^\W\d_])|[\u0300-\u036f]+)[^\W\d_]*)*)"
)
_CLAUSE_END: Final = re.compile(r"[.!?;:\n…—–]|\s-\s|,")
_SENTENCE_ENDS: Final = frozenset(".!?;\n…")
_NO_MARK: Final = frozenset(("", " "))
"""What mostly stands between two words."""
_CYRILLIC: Final = re.compile(r"[а-яёіїєґ]", re.IGNORECASE)
_RUSSIAN: Final = re.compile(r"[а-яё ]+")
_LATIN_STEMMER: Final = Stemmer.Stemmer("english")
_CYRILLIC_STEMMER: Final = Stemmer.Stemmer("russian")

SKIPPED: Final = frozenset(
    (
        "a an the my your his her its our their this that these those some any "
        "der die das ein eine el la los las un una "
        "мой моя моё мое мои моего моей моих моём моем моим "
        "свой своя своё свои своей своего своих наш наша ваш ваша"
    ).split()
)
"""Articles and possessives: a spelling need not name them, and a text may put them in."""


class Word(NamedTuple):
    """A word of a text: its stem, its folded form, and where it stands. A tuple, because every message makes many."""

    stem: str
    form: str
    start: int
    end: int
    clause: int
    """Counts up at every mark that ends a clause, commas included."""
    sentence: int
    """Counts up at full stops, question and exclamation marks, semicolons and line ends."""


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case, without accents, ё as е: what two spellings of one word have in common; interned, as many are alike.

    The length may change; use `words_of` where positions matter.
    """
    lowered = sys.intern(text.casefold())
    if lowered.isascii():
        return lowered
    if _RUSSIAN.fullmatch(lowered):
        return lowered.replace("ё", "е")
    # NFKC first: "й" may come as "и" with a breve, and "𝙰" becomes a letter that has a lower case.
    composed = unicodedata.normalize("NFKC", lowered).casefold().replace("й", "\0")
    kept = "".join(
        character for character in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(character)
    )
    return kept.replace("\0", "й").replace("’", "'")


def language_of(text: str) -> str:
    """`ru` when the text holds more Cyrillic than Latin letters, else `en`."""
    cyrillic = len(_CYRILLIC.findall(text))
    return "ru" if cyrillic * 2 > sum(character.isalpha() for character in text) else "en"


@lru_cache(maxsize=65_536)
def stem(form: str) -> str:
    """The stem of a folded word."""
    if form[0].isdigit():
        return form
    if _CYRILLIC.match(form):
        return sys.intern(_CYRILLIC_STEMMER.stemWord(form))
    base = form.removesuffix("'s").replace("'", "")
    return sys.intern(_LATIN_STEMMER.stemWord(base)) or form


@lru_cache(maxsize=65_536)
def _stem_and_form(written: str) -> tuple[str, str]:
    """What a word is compared by; both are empty where it holds no letter that is kept."""
    form = fold(written)
    if "." in form and not form[0].isdigit():
        form = form.replace(".", "")
    return (stem(form), form) if form else ("", "")


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text in order, with clause and sentence numbers."""
    found: list[Word] = []
    clause = sentence = 0
    end = 0
    # What stands between the words, and the words, take turns.
    parts = iter(_WORD.split(text))
    for between, written in zip(parts, parts, strict=False):
        start = end + len(between)
        end = start + len(written)
        if between not in _NO_MARK:
            clause += _CLAUSE_END.search(between) is not None
            sentence += not _SENTENCE_ENDS.isdisjoint(between)
        stem_, form = _stem_and_form(written)
        if form:
            found.append(Word(stem_, form, start, end, clause, sentence))
    return tuple(found)


def forms_of(text: str) -> list[str]:
    """The folded words of a text, where nothing else about them is asked."""
    return [word.form for word in words_of(text)]
