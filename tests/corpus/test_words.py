"""Words: any text can be read, and positions stay those of the text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.words import fold, language_of, stem, words_of

any_text = st.text(st.characters(), max_size=80)


@given(any_text)
def test_any_text_is_read_and_every_word_stands_where_it_says(text: str) -> None:
    end = 0
    for word in words_of(text):
        assert end <= word.start < word.end <= len(text)
        assert word.form == fold(text[word.start : word.end])
        assert word.stem
        end = word.end


@given(any_text)
def test_sentences_and_clauses_only_count_up(text: str) -> None:
    words = words_of(text)
    for one, other in pairwise(words):
        assert 0 <= other.sentence - one.sentence <= 1
        assert 0 <= other.clause - one.clause <= 1


@given(any_text)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Neck", "NECKS"),
        ("ёлка", "елки"),
        ("Rücken", "rucken"),
        ("массажа", "массажем"),
        ("don't", "don’t"),
        ("шейный", "шеи\u0306ныи\u0306"),
        ("NECK", "𝙽𝙴𝙲𝙺"),
    ],
)
def test_spellings_of_one_word_have_one_stem(one: str, other: str) -> None:
    assert words_of(one)[0].stem == words_of(other)[0].stem


@pytest.mark.parametrize(("one", "other"), [("number", "numb"), ("stroke", "strike"), ("йод", "иод")])
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_figures_stay_whole_and_hyphens_split() -> None:
    assert [word.form for word in words_of("37.5 at 130/85, muscular-tonic")] == [
        "37.5",
        "at",
        "130/85",
        "muscular",
        "tonic",
    ]


def test_a_comma_ends_a_clause_and_a_full_stop_a_sentence() -> None:
    assert [(word.clause, word.sentence) for word in words_of("a, b. c d")] == [(0, 0), (1, 0), (2, 1), (2, 1)]


@pytest.mark.parametrize(("text", "language"), [("шея", "ru"), ("neck", "en"), ("", "en"), ("Fastum при боли", "ru")])
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert language_of(text) == language
