"""A clinic's own rule files add and tighten; whatever they say, nothing becomes milder."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assemble import Content, read_content
from bot.checking import check
from corpus.yaml_source import Problems
from intents.rule import Severity
from tests.shipped import shipped

QUESTION = "May I have a massage with high blood pressure?"
MILDER = """
conditions:
  high_blood_pressure:
    rules:
      - {class: indicated, scope: [massage], passage: "neck:78"}
"""
HIDING = """
conditions:
  tamed_pressure:
    names: {en: tamed pressure}
    aliases: {en: [massage with high blood pressure, high blood pressure under control]}
    rules:
      - {class: indicated, scope: [massage], passage: "neck:78"}
"""
GAP = """
gaps:
  house_pressure:
    names: {en: house pressure}
    aliases: {en: [massage with high blood pressure]}
"""
STRICTER = """
reviewed: 2026-11-20
reviewer: Dr Case
conditions:
  high_blood_pressure:
    rules:
      - {class: absolute, scope: [massage], passage: "back:209"}
    asked: ["high blood pressure and a massage"]
  loud_ears:
    names: {en: loud ears}
    aliases: {en: [bells in? ears]}
    not: {en: [wedding bells]}
    rules:
      - {class: caution, scope: [massage], passage: "neck:48"}
    asked: ["bells in my ears all night, massage?"]
    not_asked: ["I hear wedding bells."]
"""


def content_with(folder: Path, text: str) -> tuple[Content, Problems]:
    (folder / "clinic.yaml").write_text(text, encoding="utf-8")
    problems = Problems()
    content = read_content(rules_overlay=folder, problems=problems)
    return content, Problems([problem for problem in problems.found if str(folder) in problem.place.file])


def severity(content: Content, text: str) -> Severity:
    verdict = content.answerer().answer(text).verdict
    assert verdict is not None
    return verdict.severity


@pytest.mark.parametrize("text", [MILDER, HIDING, GAP], ids=["milder rule", "longer spelling", "gap"])
def test_an_added_file_never_makes_a_verdict_milder(tmp_path: Path, text: str) -> None:
    content, problems = content_with(tmp_path, text)
    assert problems.found == []
    assert severity(content, QUESTION) is severity(shipped(), QUESTION) is Severity.CONTRAINDICATED


def test_a_longer_spelling_still_names_its_own_condition(tmp_path: Path) -> None:
    content, _ = content_with(tmp_path, HIDING)
    reading = content.reader.read(QUESTION)
    assert {"high_blood_pressure", "tamed_pressure"} <= {mention.name for mention in reading.conditions}


def test_an_added_file_may_tighten_and_add_and_sign(tmp_path: Path) -> None:
    content, problems = content_with(tmp_path, STRICTER)
    assert problems.found == []
    assert severity(content, QUESTION) is Severity.ABSOLUTE
    assert severity(content, "May I have a massage with bells in my ears?") is Severity.CAUTION
    assert content.rulebook.conditions["high_blood_pressure"].reviewer == "Dr Case"


def test_the_examples_of_an_added_file_are_tried(tmp_path: Path) -> None:
    (tmp_path / "clinic.yaml").write_text(STRICTER.replace("bells in my ears all", "quiet"), encoding="utf-8")
    checked = check(overlay=tmp_path)
    mine = [str(problem) for problem in checked.problems if "clinic.yaml" in problem.place.file]
    assert len(mine) == 1
    assert "clinic.yaml:15:13: 'asked' should make loud_ears active" in mine[0]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    problems = Problems()
    read_content(rules_overlay=tmp_path / "none", problems=problems)
    assert any("is not a folder; make it, or unset RULES_DIR" in problem.message for problem in problems.found)
