"""A large collection is scored as a small one is, and its file is rebuilt whenever it does not fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Plus

from corpus import bm25
from corpus.bm25 import Bm25, index_of
from corpus.bm25_large import LargeBm25, open_index

Texts = list[list[str]]
terms = st.sampled_from("abcdefgh") | st.sampled_from(["нос", "ё", "1/2"])
texts = st.lists(st.lists(terms, max_size=12), max_size=20)
queries = st.lists(terms | st.just("unknown"), max_size=8)
factors = st.dictionaries(terms, st.sampled_from([0.5, 0.7, 1.0]), max_size=6)
TWO: Texts = [["a", "b"], ["b"]]


@settings(deadline=None)
@given(texts.filter(any), queries)
def test_scores_equal_bm25_plus_less_its_constant(told: Texts, query: list[str]) -> None:
    theirs = BM25Plus(told)
    constant = sum(theirs.delta * (theirs.idf.get(term) or 0) for term in query)
    ours = LargeBm25.of(told).scores(query)
    for number, score in enumerate(theirs.get_scores(query)):
        assert ours.get(number, 0.0) == pytest.approx(score - constant, abs=1e-9)


@settings(deadline=None)
@given(texts, queries | factors, st.integers(0, 12))
def test_both_indexes_say_the_same(told: Texts, query: list[str] | dict[str, float], most: int) -> None:
    small, large = Bm25(told), LargeBm25.of(told)
    assert large.scores(query) == pytest.approx(small.scores(query), abs=1e-12)
    assert [number for number, _ in large.best(query, most)] == [number for number, _ in small.best(query, most)]
    for term in [*query, "unknown"]:
        assert (term in large) == (term in small)
        assert large.idf(term) == pytest.approx(small.idf(term))
        for number in range(len(told)):
            assert large.explained(number, term) == pytest.approx(small.explained(number, term))


@settings(deadline=None)
@given(texts, queries, queries)
def test_a_search_leaves_nothing_behind_for_the_next(told: Texts, first: list[str], second: list[str]) -> None:
    index = LargeBm25.of(told)
    index.best(first, 3)
    index.scores(first)
    assert index.best(second, 5) == LargeBm25.of(told).best(second, 5)


@settings(deadline=None)
@given(texts, queries)
def test_an_index_read_from_its_file_is_the_one_that_was_built(
    tmp_path_factory: pytest.TempPathFactory, told: Texts, query: list[str]
) -> None:
    path = tmp_path_factory.mktemp("index") / "passages.bm25"
    open_index(path, "one", lambda: told)
    again = open_index(path, "one", _never)
    assert again.size == len(told)
    assert again.best(query, 5) == LargeBm25.of(told).best(query, 5)


def test_a_changed_corpus_is_indexed_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "passages.bm25"
    assert "c" not in open_index(path, "one", lambda: TWO)
    assert "c" in open_index(path, "two", lambda: [*TWO, ["c"]])
    assert "c" in open_index(path, "two", _never)
    assert [file.name for file in path.parent.iterdir()] == ["passages.bm25"]


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"not an index\n" * 40, b"[1]\n"])
def test_a_damaged_file_is_built_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "passages.bm25"
    path.write_bytes(damage)
    assert open_index(path, "one", lambda: TWO).best(["a"], 1) == LargeBm25.of(TWO).best(["a"], 1)


@pytest.mark.parametrize("lost", [1, 7, 60])
def test_a_file_cut_short_is_built_anew(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "passages.bm25"
    open_index(path, "one", lambda: TWO)
    path.write_bytes(path.read_bytes()[:-lost])
    assert open_index(path, "one", lambda: TWO).best(["a"], 1) == LargeBm25.of(TWO).best(["a"], 1)


def test_the_size_of_the_collection_chooses_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(index_of(TWO), Bm25)
    monkeypatch.setattr(bm25, "LARGE", 3)
    assert isinstance(index_of(TWO), LargeBm25)


def test_the_shipped_corpus_is_searched_without_numpy() -> None:
    asked = (
        "import sys; from bot.assemble import read_content; from corpus.yaml_source import Problems;"
        "read_content(problems=Problems()).answerer().answer('how long is a neck massage?');"
        "print('numpy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def _never() -> Texts:
    raise AssertionError("the texts are read only when the index must be built")
