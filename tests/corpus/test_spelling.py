"""Repair: only words nobody writes are changed, and into words the content uses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.spelling import Speller
from corpus.words import words_of

KNOWN = ("massage", "sciatica", "osteochondrosis", "scoliosis", "hypertension", "массаж", "остеохондроз", "neck", "rub")
SPELLER = Speller(dict.fromkeys(KNOWN, 1))


def repaired(text: str) -> list[str]:
    return [word.form for word in SPELLER.repair(words_of(text))]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("masage", "massage"),
        ("sciatcia", "sciatica"),
        ("ostechondrosis", "osteochondrosis"),
        ("hipertension", "hypertension"),
        ("масаж", "массаж"),
        ("остеохандроз", "остеохондроз"),
    ],
)
def test_a_misspelt_word_is_repaired(typed: str, meant: str) -> None:
    assert repaired(typed) == [meant]


@pytest.mark.parametrize("typed", ["message", "necklace", "stroke", "2026", "xq", "вопрос", "zzzzzzzz"])
def test_other_words_are_left_alone(typed: str) -> None:
    assert repaired(typed) == [typed]


@given(st.lists(st.sampled_from(KNOWN), min_size=1).map(" ".join))
def test_a_known_word_is_never_changed(text: str) -> None:
    words = words_of(text)
    assert SPELLER.repair(words) == words
    assert all(SPELLER.knows(word) for word in words)


@given(st.text(max_size=40))
def test_repair_keeps_every_position_and_repairs_into_known_words(text: str) -> None:
    words = words_of(text)
    mended = SPELLER.repair(words)
    assert [(word.start, word.end) for word in mended] == [(word.start, word.end) for word in words]
    assert all(after == before or after.form in KNOWN for before, after in zip(words, mended, strict=True))


@given(st.text(max_size=40))
def test_repairing_twice_is_repairing_once(text: str) -> None:
    once = SPELLER.repair(words_of(text))
    assert SPELLER.repair(once) == once
