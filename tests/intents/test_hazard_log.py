"""Is everything the hazard log names really there?"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
import yaml

from benchmarks.hazards import GROUPS, LOG, SOURCE, Hazard, read, render

ROOT = Path(__file__).resolve().parents[2]
HAZARDS = read(SOURCE.read_text(encoding="utf-8"))
each = pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.id)


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_two_hazards_share_an_id_or_a_name() -> None:
    assert len({hazard.id for hazard in HAZARDS}) == len({hazard.hazard for hazard in HAZARDS}) == len(HAZARDS)
    assert len(HAZARDS) >= 35


@each
def test_a_hazard_is_told_in_full(hazard: Hazard) -> None:
    assert hazard.group in GROUPS
    assert all([hazard.hazard, hazard.cause, hazard.harm, hazard.control, hazard.open, hazard.lives])
    assert all(1 <= figure <= 5 for figure in (hazard.severity, hazard.before, hazard.after))


@each
def test_a_control_makes_harm_no_likelier(hazard: Hazard) -> None:
    assert hazard.after <= hazard.before


@each
def test_where_a_control_lives_is_there(hazard: Hazard) -> None:
    missing = [place for place in hazard.lives if not (ROOT / place).exists()]
    assert not missing


@each
def test_what_shows_a_control_is_there(hazard: Hazard) -> None:
    for test in hazard.tests:
        file, _, function = test.partition("::")
        path = ROOT / file
        assert path.is_file(), f"{file} is not there"
        assert file.startswith("tests/"), f"{file} is no test"
        if path.suffix == ".py":
            assert function.startswith("test_"), f"{test} names no test function"
            assert function in functions(path), f"{file} has no {function}"
        else:
            assert len(yaml.safe_load(path.read_text(encoding="utf-8"))) > 0, f"{file} holds no cases"


def test_only_what_is_said_to_be_without_a_test_is() -> None:
    """A hazard that loses its test must be seen by whoever changes this list."""
    assert {hazard.id for hazard in HAZARDS if not hazard.tests} == set()


def test_the_log_is_what_its_source_says() -> None:
    assert LOG.read_text(encoding="utf-8") == render(HAZARDS), "run `python -m benchmarks.hazards`"


@pytest.mark.parametrize("path", sorted((ROOT / "intents" / "rules").glob("*.yaml")), ids=lambda path: path.name)
def test_every_rule_file_says_when_and_by_whom_it_was_reviewed(path: Path) -> None:
    held = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert held.keys() & {"conditions", "gaps", "conflicts", "products"}
    assert held.get("reviewed"), "add 'reviewed: <day>'"
    assert held.get("reviewer"), "add 'reviewer: <who>'"
