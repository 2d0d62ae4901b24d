"""How well does each text of a large collection match the words of a question?

The same scores as corpus/bm25.py, held in numpy arrays that lie in a file and are mapped into memory: opening reads
almost nothing, and a search touches only the lists of its own words. A collection the size of the shipped one is
served by corpus/bm25.py, and numpy is not imported.

The file: a line of JSON, then the arrays one behind the other. Terms stand in the order of their hashes, so that one is
found by bisection without loading the others.
"""

from __future__ import annotations

import json
import math
import mmap
import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import K1, B

_FORMAT: Final = "massage-bot bm25 2"
_LONGEST_HEADER: Final = 4096
_Ints = NDArray[np.int32]
_Longs = NDArray[np.int64]
_Floats = NDArray[np.float64]
_List = tuple[float, _Ints, _Floats]
_REMEMBERED: Final = 4096
"""Terms whose place in the file, and whose list if it is short, are remembered."""
_SHORT: Final = 512
"""Texts in a list that is worth keeping multiplied out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrays:
    """What an index consists of; the order of the fields is their order in the file."""

    hashes: NDArray[np.uint64]
    """Of the terms, ascending."""
    starts: _Longs
    """Where each term's list begins, and where the last one ends."""
    idf: _Floats
    name_starts: _Longs
    shares: _Floats
    """What a term adds to a text, less the factor idf: it depends on how often it stands there among how many words."""
    numbers: _Ints
    """Of the texts that hold a term, ascending within each list."""
    codes: NDArray[np.unsignedinteger[Any]]
    """Beside each number, which of the shares."""
    names: NDArray[np.uint8]
    """The terms themselves, one behind the other, in UTF-8."""


_TYPES: Final[Mapping[str, str]] = {
    "hashes": "<u8",
    "starts": "<i8",
    "idf": "<f8",
    "name_starts": "<i8",
    "shares": "<f8",
    "numbers": "<i4",
    "codes": "<u4",
    "names": "|u1",
}


class LargeBm25:
    """An index over many texts; texts are numbered in the order given. One search at a time."""

    def __init__(self, size: int, arrays: _Arrays) -> None:
        self.size = size
        self._arrays = arrays
        self._scores: _Floats = np.zeros(size)
        """Of the search that is going on; all 0 between searches."""
        self._place = lru_cache(maxsize=_REMEMBERED)(self._find_place)
        self._short_list = lru_cache(maxsize=_REMEMBERED)(self._multiplied_out)

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> LargeBm25:
        """Build the index in memory."""
        return cls(len(texts), _built(texts))

    def __contains__(self, term: object) -> bool:
        return isinstance(term, str) and self._place(term) is not None

    def idf(self, term: str) -> float:
        """How telling a term is; a term that no text holds is as telling as one that a single text holds."""
        place = self._place(term)
        return math.log(self.size + 1) if place is None else float(self._arrays.idf[place])

    def scores(self, terms: Iterable[str] | Mapping[str, float]) -> dict[int, float]:
        """The score of every text that shares a term; a mapping gives each term a factor."""
        lists = self._lists(terms)
        if not lists:
            return {}
        self._add_up(lists)
        touched = np.unique(np.concatenate([numbers for _, numbers, _ in lists]))
        found = self._scores[touched]
        self._scores[touched] = 0.0
        return dict(zip(touched.tolist(), found.tolist(), strict=True))

    def best(self, terms: Iterable[str] | Mapping[str, float], most: int) -> list[tuple[int, float]]:
        """The highest scores first; equal scores in the order of the texts."""
        lists = self._lists(terms)
        if not lists or most < 1:
            return []
        self._add_up(lists)
        candidates = self._candidates(lists, most)
        found = self._scores[candidates]
        self._scores.fill(0.0)
        order = (-found).argsort(kind="stable")[:most]
        return list(zip(candidates[order].tolist(), found[order].tolist(), strict=True))

    def explained(self, number: int, term: str) -> float:
        """What one term adds to the score of one text."""
        place = self._place(term)
        if place is None:
            return 0.0
        numbers, weights = self._multiplied_out(place)
        at = int(np.searchsorted(numbers, number))
        return float(weights[at]) if at < len(numbers) and numbers[at] == number else 0.0

    def _find_place(self, term: str) -> int | None:
        arrays = self._arrays
        wanted = np.uint64(_hash(term))
        place = int(np.searchsorted(arrays.hashes, wanted))
        name = term.encode()
        while place < len(arrays.hashes) and arrays.hashes[place] == wanted:
            if arrays.names[arrays.name_starts[place] : arrays.name_starts[place + 1]].tobytes() == name:
                return place
            place += 1
        return None

    def _lists(self, terms: Iterable[str] | Mapping[str, float]) -> list[_List]:
        """Of each known term: its factor, the texts that hold it, and their weights."""
        factors = terms if isinstance(terms, Mapping) else Counter(terms)
        return [
            (factor, *self._list(place)) for term, factor in factors.items() if (place := self._place(term)) is not None
        ]

    def _list(self, place: int) -> tuple[_Ints, _Floats]:
        starts = self._arrays.starts
        return self._short_list(place) if starts[place + 1] - starts[place] <= _SHORT else self._multiplied_out(place)

    def _multiplied_out(self, place: int) -> tuple[_Ints, _Floats]:
        arrays = self._arrays
        run = slice(int(arrays.starts[place]), int(arrays.starts[place + 1]))
        return arrays.numbers[run], arrays.idf[place] * arrays.shares[arrays.codes[run]]

    def _add_up(self, lists: Iterable[_List]) -> None:
        for factor, numbers, weights in lists:
            self._scores[numbers] += weights if factor == 1 else factor * weights

    def _candidates(self, lists: Sequence[_List], most: int) -> NDArray[np.intp]:
        """The texts that the best ones are among.

        The best of the shortest list that is long enough set the bar: whatever scores less is not among the best.
        """
        long_enough = [numbers for _, numbers, _ in lists if len(numbers) >= most]
        if not long_enough:
            return np.unique(np.concatenate([numbers for _, numbers, _ in lists])).astype(np.intp)
        known: _Floats = self._scores[min(long_enough, key=len)]
        known.partition(len(known) - most)
        candidates: NDArray[np.intp] = (self._scores >= known[len(known) - most]).nonzero()[0]
        return candidates


def open_index(path: Path, fingerprint: str, texts: Callable[[], Sequence[Sequence[str]]]) -> LargeBm25:
    """The index in a file; built anew from `texts` when the file is missing, damaged or of another fingerprint.

    Args:
        path: safe to delete at any time.
        fingerprint: changes whenever the texts do, such as a hash of the files they come from.
        texts: called only when the index must be built.
    """
    known = _opened(path, fingerprint)
    if known is None:
        given = texts()
        _write(path, fingerprint, len(given), _built(given))
        known = _opened(path, fingerprint)
    if known is None:
        raise OSError(f"the index {path} was written but cannot be read; check the disk")
    return known


def _opened(path: Path, fingerprint: str) -> LargeBm25 | None:
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_HEADER)
            header: Any = json.loads(line)
            if header["format"] != _FORMAT or header["fingerprint"] != fingerprint:
                return None
            lengths: dict[str, int] = header["lengths"]
            types: dict[str, str] = {**_TYPES, "codes": header["codes"]}
            whole = len(line) + sum(np.dtype(kind).itemsize * lengths[name] for name, kind in types.items())
            if os.fstat(file.fileno()).st_size != whole:
                return None
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    arrays: dict[str, Any] = {}
    offset = len(line)
    for name, kind in types.items():
        arrays[name] = np.frombuffer(mapped, kind, lengths[name], offset)
        offset += arrays[name].nbytes
    return LargeBm25(int(header["size"]), _Arrays(**arrays))


def _write(path: Path, fingerprint: str, size: int, arrays: _Arrays) -> None:
    lengths = {name: len(getattr(arrays, name)) for name in _TYPES}
    types = {**_TYPES, "codes": arrays.codes.dtype.newbyteorder("<").str}
    header = json.dumps(
        {"format": _FORMAT, "fingerprint": fingerprint, "size": size, "codes": types["codes"], "lengths": lengths}
    )
    line = header.ljust(-(-(len(header) + 1) // 64) * 64 - 1) + "\n"  # arrays are read faster from even addresses
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    with unfinished.open("wb") as file:
        file.write(line.encode())
        for name, kind in types.items():
            file.write(getattr(arrays, name).astype(kind, copy=False).data)
    unfinished.replace(path)


def _built(texts: Sequence[Sequence[str]]) -> _Arrays:
    """All weights, multiplied out."""
    number_of: dict[str, int] = {}
    told = array("i", (number_of.setdefault(term, len(number_of)) for text in texts for term in text))
    terms = sorted(((_hash(term), term, number) for term, number in number_of.items()))
    place_of = np.empty(len(terms), np.int64)
    place_of[[number for _, _, number in terms]] = np.arange(len(terms))
    lengths = np.fromiter((len(text) for text in texts), np.int64, len(texts))
    holders = np.repeat(np.arange(len(texts)), lengths)
    pairs, counts = np.unique(place_of[np.frombuffer(told, np.int32)] * len(texts) + holders, return_counts=True)
    places, numbers = np.divmod(pairs, max(len(texts), 1))
    held = np.bincount(places, minlength=len(terms))
    idf = np.array([math.log((len(texts) + 1) / number) for number in held.tolist()], np.float64)
    average = lengths.mean() if len(texts) else 0.0
    longest = int(lengths.max(initial=0)) + 1
    kinds, codes = np.unique(counts * longest + lengths[numbers], return_inverse=True)
    often, among = np.divmod(kinds, longest)
    norms = K1 * (1 - B + B * among / average) if average else np.full(len(kinds), K1)
    names = [term.encode() for _, term, _ in terms]
    return _Arrays(
        hashes=np.array([value for value, _, _ in terms], np.uint64),
        starts=np.concatenate([[0], np.cumsum(held)]).astype(np.int64),
        idf=idf,
        name_starts=np.concatenate([[0], np.cumsum([len(name) for name in names])]).astype(np.int64),
        shares=often * (K1 + 1) / (norms + often),
        numbers=numbers.astype(np.int32),
        codes=codes.astype(np.uint16 if len(kinds) <= 1 << 16 else np.uint32),
        names=np.frombuffer(b"".join(names), np.uint8),
    )


def _hash(term: str) -> int:
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest())
