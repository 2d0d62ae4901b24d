"""The short form of each figure holds.

Kills while reminders go out stand in tests/bot/test_chaos.py, nginx in tests/deploy.
"""

from __future__ import annotations

import pytest

from benchmarks.figures.every import EVERY
from benchmarks.figures.measured import Figure, Measured, rendered, write_down

ELSEWHERE = {"reminder-kills-sqlite", "reminder-kills-postgresql", "behind-nginx"}
LIKE_OTHERS = {"kills-webhook-sqlite", "kills-polling-postgresql", "million-postgresql"}


@pytest.mark.parametrize("name", sorted(EVERY.keys() - ELSEWHERE - LIKE_OTHERS))
def test_the_short_form_holds(name):
    measured = EVERY[name].short()
    assert not measured.broken, dict(measured.numbers)


def test_a_number_that_is_too_large_or_missing_breaks_its_figure():
    measured = Measured(numbers={"lost": 1, "copies": 3}, at_most={"lost": 0, "copies": 3, "left": 0})
    assert measured.broken == ["lost", "left"]


def test_results_are_written_down_and_a_broken_one_says_so(tmp_path):
    figure = Figure(name="one", says="What it says.", run=lambda _long: Measured(numbers={}, at_most={}))
    broken = Measured(numbers={"lost": 2}, at_most={"lost": 0})
    write_down(figure, broken, long=True, seconds=1, folder=tmp_path)
    page = (tmp_path / "FIGURES.md").read_text()
    assert "Does not hold" in page
    assert "| lost | 2 | 0 |" in page
    assert rendered({}).startswith("# Figures")
