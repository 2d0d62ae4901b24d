"""`massage-bot check`: what it says when all is well, and when it is not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.checking import Checked, check, print_check, run_check
from corpus.yaml_source import Place, Problem
from tests.originals import originals_folder

FOUND = Checked(
    problems=(Problem(Place("corpus/articles/a.md", 3, 4), "is wrong; mend it"),),
    passages=1,
    conditions=2,
    spellings=3,
    examples=4,
)


def test_the_shipped_content_holds_together() -> None:
    """With the originals where they are at hand: each of their lines is rendered or left out for a reason."""
    checked = check(sources=originals_folder(), examples=False)
    assert [str(problem) for problem in checked.problems] == []
    assert checked.passages > 100
    assert checked.conditions > 80


def test_problems_are_printed_with_their_number_and_status_1() -> None:
    out = io.StringIO()
    assert print_check(FOUND, out) == 1
    assert out.getvalue() == "corpus/articles/a.md:3:4: is wrong; mend it\n1 problem\n"


def test_ok_is_printed_with_what_was_looked_at_and_status_0() -> None:
    out = io.StringIO()
    assert print_check(Checked(problems=(), passages=1, conditions=2, spellings=3, examples=4), out) == 0
    assert out.getvalue() == "ok: 1 passages, 2 conditions, 3 spellings, 4 examples\n"


def test_a_wrong_original_is_a_problem_of_its_page(tmp_path: Path) -> None:
    (tmp_path / "neck.txt").write_text("changed", encoding="utf-8")
    checked = check(sources=tmp_path, examples=False)
    said = [str(problem) for problem in checked.problems if "original" in problem.message]
    assert said[0].startswith("corpus/articles/back.md:1:1: ")
    assert "cannot be read" in said[0]
    assert "is not the original that the edition 'neck' was made from" in said[1]


def test_what_people_read_about_the_work_goes_to_standard_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("bot.checking.SHARED_SOURCES", tmp_path / "none")
    out, err = io.StringIO(), io.StringIO()
    status = run_check(out, err)
    assert "The originals are not at hand" in err.getvalue()
    assert status == (0 if out.getvalue().startswith("ok: ") else 1)
    assert "not at hand" not in out.getvalue()
