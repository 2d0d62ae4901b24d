"""Passages and citations: what is cited always stands in its passage."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.passage import Block, Citation, Disclaimer, Lines, Span, merge_lines
from tests.corpus.building import passage

numbers = st.integers(min_value=1, max_value=300)
runs = st.builds(lambda first, more: Lines(first, first + more), numbers, st.integers(min_value=0, max_value=20))


@pytest.mark.parametrize(("text", "first", "last"), [("12", 12, 12), ("12-14", 12, 14), (" 3 ", 3, 3)])
def test_lines_are_read_as_they_are_written(text: str, first: int, last: int) -> None:
    assert Lines.parse(text) == Lines(first, last)


@pytest.mark.parametrize("text", ["", "a", "3-", "-3", "9-8", "0", "1-2-3"])
def test_what_is_no_run_of_lines_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Lines.parse(text)


@given(runs)
def test_lines_are_written_as_they_are_read(run: Lines) -> None:
    assert Lines.parse(str(run)) == run


@given(st.lists(runs))
def test_merged_lines_are_the_same_lines_in_order_and_apart(given_runs: list[Lines]) -> None:
    merged = merge_lines(given_runs)
    assert {line for run in merged for line in run} == {line for run in given_runs for line in run}
    assert all(one.last + 1 < other.first for one, other in pairwise(merged))


@given(st.integers(-3, 3), st.integers(-5, 20), st.integers(-5, 20))
def test_a_citation_cannot_point_outside_its_passage(block: int, start: int, end: int) -> None:
    cited = passage("Nine chars")
    inside = block == 0 and 0 <= start < end <= len("Nine chars")
    span = Span(block=block, start=start, end=end)
    if inside:
        assert Citation(passage=cited, marked=(span,)).marked == (span,)
    else:
        with pytest.raises(ValueError, match="passage leaf-one has no"):
            Citation(passage=cited, marked=(span,))


@given(st.text(min_size=1, max_size=30), st.data())
def test_words_cut_from_a_passage_are_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    words = text[start : data.draw(st.integers(start + 1, len(text)))]
    cited = passage(text)
    if len(text.casefold()) == len(text):
        span = Citation.of_block(cited, 0, words).marked[0]
        assert text[span.start : span.end].casefold() == words.casefold()


def test_words_that_do_not_stand_there_cannot_be_cited() -> None:
    with pytest.raises(ValueError, match="'three' does not stand in passage leaf-one"):
        Citation.of_block(passage("One. Two."), 0, "three")


def test_a_citation_without_marks_carries_all_lines_and_with_marks_those_of_its_blocks() -> None:
    cited = passage("One.", lines=Lines(4, 9))
    assert Citation(passage=cited).place == "leaf 4-9"
    assert Citation.of_block(cited, 0).lines == (Lines(4, 9),)


@pytest.mark.parametrize(
    ("kind", "number", "shown"), [("paragraph", 0, "Rub."), ("bullet", 0, "• Rub."), ("step", 3, "3. Rub.")]
)
def test_a_block_is_shown_with_its_mark(kind: str, number: int, shown: str) -> None:
    block = Block(kind=kind, text="Rub.", lines=Lines(1, 1), number=number)  # type: ignore[arg-type]
    assert block.shown == shown


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_disclaimer_cannot_be_empty(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be empty"):
        Disclaimer(text=text)
