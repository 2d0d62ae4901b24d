"""A clinic's own rule files add and tighten; whatever they say, nothing becomes milder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest

from bot.assemble import INTENTS, Content, read_content
from corpus.yaml_source import Problems
from intents.proving import note_broken, promises
from intents.rule import Severity
from intents.rulebook import read_rulebook
from tests.shipped import shipped

QUESTION = "May I have a massage with high blood pressure?"
MILDER = """
conditions:
  high_blood_pressure:
    rules:
      - {class: indicated, scope: [massage], passage: "neck:78"}
  tamed_pressure:
    names: {en: tamed pressure}
    aliases: {en: [massage with high blood pressure, high blood pressure under control]}
    rules:
      - {class: indicated, scope: [massage], passage: "neck:78"}
gaps:
  house_pressure:
    names: {en: house pressure}
    aliases: {en: [high blood pressure at home]}
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
    asked:
      - "bells in my ears all night, massage?"
      - "quiet night, massage?"
    not_asked: ["I hear wedding bells."]
"""


@cache
def content_with(text: str) -> tuple[Content, tuple[str, ...]]:
    """The shipped content with one file of a clinic, and what is wrong with that file."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "clinic.yaml").write_text(text, encoding="utf-8")
        problems = Problems()
        content = read_content(rules_overlay=Path(folder), problems=problems)
    return content, tuple(str(problem) for problem in problems.found if "clinic.yaml" in problem.place.file)


def severity(content: Content, text: str) -> Severity:
    verdict = content.answerer().answer(text).verdict
    assert verdict is not None
    return verdict.severity


@pytest.mark.parametrize(
    "text",
    [
        "May I have a massage with high blood pressure?",
        "High blood pressure under control. May I have a massage?",
        "High blood pressure at home. May I have a massage?",
    ],
    ids=["milder rule and longer spelling", "longer spelling", "gap"],
)
def test_an_added_file_never_makes_a_verdict_milder(text: str) -> None:
    content, problems = content_with(MILDER)
    assert problems == ()
    assert severity(content, text) is severity(shipped(), text) is Severity.CONTRAINDICATED


def test_a_longer_spelling_leaves_the_shipped_condition_its_words() -> None:
    content, _ = content_with(MILDER)
    reading = content.reader.read(QUESTION)
    assert {"high_blood_pressure", "tamed_pressure"} <= {mention.name for mention in reading.conditions}


def test_an_added_file_may_tighten_and_add_and_sign() -> None:
    content, problems = content_with(STRICTER)
    assert problems == ()
    assert severity(content, QUESTION) is Severity.ABSOLUTE
    assert severity(content, "May I have a massage with bells in my ears?") is Severity.CAUTION
    assert content.rulebook.conditions["high_blood_pressure"].reviewer == "Dr Case"


def test_the_examples_of_an_added_file_are_tried() -> None:
    content, _ = content_with(STRICTER)
    problems = Problems()
    made = promises(content.rulebook, content.reader, content.red_flags)
    note_broken([promise for promise in made if "clinic.yaml" in promise.example.place.file], problems)
    assert len(problems.found) == 1
    assert "clinic.yaml:17:9: 'asked' should make loud_ears active: no spelling names it" in str(problems.found[0])


def test_the_rule_that_the_readme_shows_works() -> None:
    told = (INTENTS / "README.md").read_text(encoding="utf-8")
    rule = dedent(told[told.index("    family: ears") : told.index("| name | what it says |")])
    content, problems = content_with(rule)
    assert problems == ()
    made = promises(content.rulebook, content.reader, content.red_flags)
    broken = [promise.broken() for promise in made if "clinic.yaml" in promise.example.place.file]
    assert broken == [None, None, None, None]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    problems = Problems()
    read_rulebook(tmp_path, shipped().library, problems, overlay=tmp_path / "none")
    assert any("is not a folder; make it, or unset RULES_DIR" in problem.message for problem in problems.found)
