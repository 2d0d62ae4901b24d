"""The scores are rank-bm25's, less what it adds to every text alike."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Plus

from corpus.bm25 import Bm25, best

terms = st.sampled_from("abcdefgh")
texts = st.lists(st.lists(terms, min_size=1, max_size=12), min_size=1, max_size=12)
queries = st.lists(terms | st.just("unknown"), max_size=8)


@given(texts, queries)
def test_scores_equal_bm25_plus_less_its_constant(told: list[list[str]], query: list[str]) -> None:
    theirs = BM25Plus(told)
    constant = sum(theirs.delta * (theirs.idf.get(term) or 0) for term in query)
    ours = Bm25(told).scores(query)
    for number, score in enumerate(theirs.get_scores(query)):
        assert ours.get(number, 0.0) == pytest.approx(score - constant, abs=1e-9)


@given(texts, queries)
def test_a_text_that_shares_no_term_has_no_score_and_every_other_a_positive_one(
    told: list[list[str]], query: list[str]
) -> None:
    scores = Bm25(told).scores(query)
    assert set(scores) == {number for number, text in enumerate(told) if set(text) & set(query)}
    assert all(score > 0 for score in scores.values())


@given(texts, queries)
def test_terms_explain_the_score_they_add_up_to(told: list[list[str]], query: list[str]) -> None:
    index = Bm25(told)
    for number, score in index.scores(query).items():
        assert math.fsum(index.explained(number, term) for term in query) == pytest.approx(score, abs=1e-9)


@given(st.dictionaries(st.integers(0, 30), st.sampled_from([1.0, 2.0, 3.0])), st.integers(0, 10))
def test_the_best_come_first_and_ties_in_the_order_of_the_texts(scores: dict[int, float], most: int) -> None:
    ranked = best(scores, most)
    assert len(ranked) == min(most, len(scores))
    assert ranked == sorted(ranked, key=lambda pair: (-pair[1], pair[0]))
    assert all(score >= ranked[-1][1] for _, score in ranked)


@given(texts)
def test_a_rarer_term_tells_more_and_none_tells_nothing(told: list[list[str]]) -> None:
    index = Bm25(told)
    held = {term: sum(term in text for text in told) for text in told for term in text}
    for one, one_held in held.items():
        assert index.idf(one) > 0
        assert all(index.idf(one) > index.idf(other) for other, other_held in held.items() if one_held < other_held)
        assert index.idf("unknown") >= index.idf(one)


def test_factors_weigh_terms() -> None:
    index = Bm25([["a"], ["b"]])
    assert index.scores({"a": 0.5})[0] == pytest.approx(index.scores(["a"])[0] / 2)


def test_nothing_is_found_among_no_texts() -> None:
    assert Bm25([]).scores(["a"]) == {}
