"""Search over a small library: what is found, marked, and when nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import Library
from corpus.search import Question, Search, Searched
from corpus.vocabulary import Spelling, Vocabulary
from corpus.words import words_of
from corpus.yaml_source import Place
from tests.corpus.building import library_of

WARMTH = Vocabulary([Spelling(concept="warmth", pattern="warmth|heat", place=Place("case.yaml"))])
STOP_WORDS = frozenset({"the", "is", "do", "how"})


def search_of(library: Library) -> Search:
    return Search(library, WARMTH, stop_words=STOP_WORDS, absent=frozenset({"warmth"}))


def question(text: str, before: dict[str, float] | None = None) -> Question:
    words = words_of(text)
    return Question(text=text, words=words, found=WARMTH.find(words), before=before or {})


def asked(search: Search, text: str, before: dict[str, float] | None = None) -> Searched:
    return search.find(question(text, before))


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    return search_of(library_of(tmp_path_factory.mktemp("library")))


def test_a_word_of_the_passage_or_of_its_search_words_finds_it(search: Search) -> None:
    for text in ("frozen", "ice", "лёд", "холодный пакет"):
        assert [hit.passage.id for hit in asked(search, text).hits] == ["leaf-cold"], text


def test_the_block_that_answers_is_marked(search: Search) -> None:
    citation = asked(search, "peas").hits[0].citation
    span = citation.marked[0]
    assert citation.passage.blocks[span.block].text[span.start : span.end] == "frozen peas"


def test_a_passage_for_special_questions_is_found_only_by_them(search: Search) -> None:
    assert asked(search, "does it relax or burn").hits == ()
    assert [hit.passage.id for hit in asked(search, "does heat relax").hits] == ["leaf-warm"]


def test_a_word_that_nothing_knows_is_no_evidence(search: Search) -> None:
    evidence = asked(search, "thunderstorm").evidence
    assert (evidence.explained, evidence.unknown, evidence.covered) == (0.0, 1.0, False)


def test_stop_words_alone_find_nothing(search: Search) -> None:
    assert asked(search, "how is the").hits == ()


def test_a_follow_up_finds_by_what_was_asked_before(search: Search) -> None:
    assert asked(search, "and then?").hits == ()
    assert asked(search, "and then?", {"pea": 0.7}).hits[0].passage.id == "leaf-cold"


def test_a_topic_that_the_passages_name_is_not_absent(search: Search) -> None:
    assert asked(search, "warmth").evidence.absent == ()


@given(st.text(max_size=60))
def test_any_question_is_searched_and_evidence_is_a_share(text: str) -> None:
    evidence = asked(_SEARCH, text).evidence
    assert 0.0 <= evidence.explained <= 1.0 + 1e-9
    assert 0.0 <= evidence.unknown <= 1.0 + 1e-9


@given(st.lists(st.sampled_from("cool skin pack fridge peas ice warmth relax nothing".split()), min_size=1))
def test_hits_come_best_first_and_reasons_are_positive(words: list[str]) -> None:
    hits = asked(_SEARCH, " ".join(words)).hits
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        reasons = [value for _, value in _SEARCH.reasons(question(" ".join(words)), hit.passage)]
        assert reasons == sorted(reasons, reverse=True)
        assert all(value > 0 for value in reasons)


def _one_library() -> Library:
    import tempfile  # noqa: PLC0415 (Hypothesis tests take no fixture of a narrower scope)

    with tempfile.TemporaryDirectory() as folder:
        return library_of(Path(folder))


_SEARCH = search_of(_one_library())
