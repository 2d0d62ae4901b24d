"""Every kind of damage is named by file, line and column, with the likely fix; all of them in one run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.assemble import CORPUS, INTENTS
from bot.checking import check

Case = dict[str, Any]
CASES: list[Case] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))


def damage(folder: Path, case: Case) -> None:
    """Damage a copy of the content as the case says."""
    path = folder / case["file"]
    if "replace" in case:
        old, new = case["replace"]
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{case['file']} should hold this once: {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    else:
        path.write_bytes(case["write"].encode(case.get("as", "utf-8")) * case.get("times", 1))


def expected_place(folder: Path, case: Case) -> str:
    """`file:line:column` of the text at which the case expects its problem."""
    file = str(folder / case["file"]) if case["file"].startswith("clinic/") else case["file"]
    if "at" not in case:
        return f"{file}:1:1: "
    text = (folder / case["file"]).read_bytes().decode(case.get("as", "utf-8"))
    assert text.count(case["at"]) == 1, f"{case['file']} should hold this once: {case['at']}"
    before = text[: text.index(case["at"])]
    return f"{file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    """A copy of the shipped content with all damages at once, and what `check` says of it."""
    folder = tmp_path_factory.mktemp("content")
    shutil.copytree(CORPUS, folder / "corpus")
    shutil.copytree(INTENTS, folder / "intents")
    (folder / "clinic").mkdir()
    for case in CASES:
        damage(folder, case)
    checked = check(corpus=folder / "corpus", intents=folder / "intents", overlay=folder / "clinic")
    return folder, tuple(str(problem) for problem in checked.problems)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_damage_is_named_with_its_place_and_the_likely_fix(case: Case, damaged: tuple[Path, tuple[str, ...]]) -> None:
    folder, problems = damaged
    place = expected_place(folder, case)
    there = [problem for problem in problems if problem.startswith(place)]
    near = [problem for problem in problems if case["file"] in problem]
    assert any(all(words in problem for words in case["says"]) for problem in there), (place, case["says"], near)


def test_there_are_at_least_thirty_kinds_of_damage_and_each_has_its_own_name() -> None:
    assert len({case["case"] for case in CASES}) == len(CASES) >= 30


def test_a_missing_content_file_is_named(tmp_path: Path) -> None:
    """A folder that holds nothing gives problems, not a traceback."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "intents").mkdir()
    checked = check(corpus=tmp_path / "corpus", intents=tmp_path / "intents")
    said = "\n".join(str(problem) for problem in checked.problems)
    assert "intents/cues.yaml:1:1: cannot be read (No such file or directory)" in said
    assert "corpus/articles:1:1: holds no article page" in said
    assert checked.examples == 0


def test_what_all_examples_rest_on_is_mended_first(tmp_path: Path) -> None:
    """With unreadable cues hundreds of sentences would fail for one reason: they are not tried."""
    shutil.copytree(CORPUS, tmp_path / "corpus")
    shutil.copytree(INTENTS, tmp_path / "intents", ignore=shutil.ignore_patterns("[a-su-z]*.yaml"))
    shutil.copy(INTENTS / "scopes.yaml", tmp_path / "intents")
    (tmp_path / "intents" / "cues.yaml").write_text("polarity: [", encoding="utf-8")
    checked = check(corpus=tmp_path / "corpus", intents=tmp_path / "intents")
    assert [str(p) for p in checked.problems if p.place.file == "intents/cues.yaml" and "missing" in p.message] == []
    assert checked.examples == 0
