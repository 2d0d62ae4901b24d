"""How common is a word in everyday language?

The counts are the small lists of the `wordfreq` package (R. Speer), read from its files. Its own lookup is not used:
importing it brings a tokenizer, language tables and a regular-expression engine (0.16 s, 30 MB) for words that are cut
already.
"""

from __future__ import annotations

import gzip
import math
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_LATIN: Final = ("en", "de", "es")
_CYRILLIC: Final = ("ru",)
_DIGIT: Final = re.compile(r"\d")
_LEAST_USED: Final = 9.0
"""Zipf's scale starts at once in a thousand million words."""


@lru_cache(maxsize=65_536)
def everyday_frequency(form: str) -> float:
    """How common a folded word is, on the Zipf scale: 3 = once in a million words, 6 = in a thousand.

    0 means unknown: the lists end at 3.
    """
    languages = _CYRILLIC if "а" <= form[0] <= "я" else _LATIN
    if form[0].isdigit() and len(form) > 1:
        return max(_number_frequency(form, language) for language in languages)
    return max(_frequencies(language).get(form, 0.0) for language in languages)


def _number_frequency(form: str, language: str) -> float:
    """Of several numbers in one word, such as 130/85, the rarest counts."""
    return min(_one_number_frequency(number, language) for number in re.split("[/:]", form))


def _one_number_frequency(number: str, language: str) -> float:
    """The lists count longer numbers by their shape, such as 00 or 00.0; Benford's law shares a shape's count out."""
    if len(number) == 1:
        return _frequencies(language).get(number, 0.0)
    frequency = _frequencies(language).get(_DIGIT.sub("0", number), 0.0)
    for digits in re.findall(r"\d+", number):
        first = int(digits[0]) or 9
        frequency += math.log10(math.log10(1 + 1 / first)) - (len(digits) - 1)
    return max(round(frequency, 2), 0.0)


@lru_cache
def _frequencies(language: str) -> dict[str, float]:
    """The list of one language: a file of words grouped by how often they occur, in hundredths of a power of ten."""
    import msgpack  # noqa: PLC0415 (what only looks words up never reads a list)

    package = find_spec("wordfreq")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("the package 'wordfreq' is missing; install the project's dependencies")
    path = Path(package.submodule_search_locations[0]) / "data" / f"small_{language}.msgpack.gz"
    header, *groups = msgpack.loads(gzip.decompress(path.read_bytes()))
    if header != {"format": "cB", "version": 1}:
        raise ValueError(f"{path.name} has an unknown format: {header}")
    return {word: _LEAST_USED - rank / 100 for rank, words in enumerate(groups) for word in words}
