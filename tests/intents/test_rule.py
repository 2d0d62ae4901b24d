"""When does a rule speak? Each wish of `When`, each way of being in scope, each class."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.passage import Citation
from corpus.yaml_source import Place
from intents.rule import Circumstances, Condition, Gap, Rule, Severity, When
from tests.corpus.building import passage

HERE = Place("case.yaml")
CITED = Citation(passage=passage())
PLAIN = Circumstances()


def rule(*scopes: str, when: When | None = None) -> Rule:
    return Rule(severity=Severity.CAUTION, scopes=frozenset(scopes), citation=CITED, place=HERE, when=when or When())


def test_classes_stand_from_the_strictest_to_the_mildest() -> None:
    ranks = [severity.rank for severity in Severity]
    assert ranks == [0, 1, 2, 3, 4, 5, 6, 7]
    assert Severity.ABSOLUTE.rank == 0


def test_six_classes_warn_and_silence_and_praise_do_not() -> None:
    assert [severity.value for severity in Severity if not severity.warns] == ["not_covered", "indicated"]


def test_a_rule_without_wishes_always_speaks() -> None:
    assert When().holds(PLAIN)


@pytest.mark.parametrize(
    ("when", "met", "unmet"),
    [
        (When(phase="acute"), Circumstances(phase="acute"), Circumstances(phase="remission")),
        (When(phase="acute"), Circumstances(phase="acute"), PLAIN),
        (When(pain=True), Circumstances(pain=True), Circumstances(pain=False)),
        (When(pain=False), Circumstances(pain=False), PLAIN),
        (When(grade=4), Circumstances(grade=4), Circumstances(grade=3)),
        (When(grade=4), Circumstances(grade=4), PLAIN),
        (When(unsure=True), Circumstances(unsure=True), PLAIN),
        (When(unsure=False), PLAIN, Circumstances(unsure=True)),
        (When(performer="self"), Circumstances(performer="self"), Circumstances(performer="partner")),
        (When(performer="self"), Circumstances(performer="self"), PLAIN),
        (When(also=frozenset({"a"})), Circumstances(also=frozenset({"a", "b"})), Circumstances(also=frozenset({"b"}))),
        (
            When(also=frozenset({"a", "b"})),
            Circumstances(also=frozenset({"a", "b"})),
            Circumstances(also=frozenset("a")),
        ),
        (When(said="said:x"), Circumstances(said=frozenset({"said:x"})), Circumstances(said=frozenset({"said:y"}))),
        (When(region="neck"), Circumstances(regions=frozenset({"neck"})), Circumstances(regions=frozenset({"back"}))),
    ],
)
def test_a_rule_speaks_only_where_its_wish_is_met(when: When, met: Circumstances, unmet: Circumstances) -> None:
    assert when.holds(met)
    assert not when.holds(unmet)


def test_a_region_that_is_not_said_shuts_no_rule_out() -> None:
    assert When(region="neck").holds(PLAIN)


@pytest.mark.parametrize(("age", "speaks"), [(11, True), (11.9, True), (12, False), (40, False), (None, True)])
def test_an_age_limit_speaks_below_it_and_when_no_age_is_said(age: float | None, *, speaks: bool) -> None:
    assert When(age_under=12).holds(Circumstances(age=age)) is speaks


def test_every_wish_has_to_be_met() -> None:
    when = When(phase="acute", pain=True, grade=2, unsure=False, performer="self", region="neck", said="x")
    case = Circumstances(
        phase="acute",
        pain=True,
        grade=2,
        performer="self",
        regions=frozenset({"neck"}),
        said=frozenset({"x"}),
    )
    assert when.holds(case)
    for other in (
        replace(case, phase=None),
        replace(case, pain=None),
        replace(case, grade=1),
        replace(case, unsure=True),
        replace(case, performer=None),
        replace(case, regions=frozenset({"back"})),
        replace(case, said=frozenset()),
    ):
        assert not when.holds(other)


@pytest.mark.parametrize(
    ("of_rule", "asked", "speaks"),
    [
        ("dolobene", "dolobene", True),
        ("dolobene", "massage", False),
        ("massage", "dolobene", False),
        ("fastum_gel", "finalgon", False),
        ("neck_massage", "massage", True),
        ("back_massage", "neck_massage", True),
        ("massage", "back_massage", True),
        ("massage", "exercise", False),
        ("exercise", "massage", False),
        ("self_massage", "massage", False),
        ("self_massage", "self_massage", True),
    ],
)
def test_a_rule_speaks_about_what_was_asked_and_nothing_else(of_rule: str, asked: str, *, speaks: bool) -> None:
    assert rule(of_rule).in_scope(Circumstances(scopes=frozenset({asked}))) is speaks


def test_one_shared_scope_is_enough() -> None:
    assert rule("exercise", "dolobene").in_scope(Circumstances(scopes=frozenset({"dolobene", "oil"})))


def test_a_technique_brings_its_own_rules() -> None:
    case = Circumstances(scopes=frozenset({"oil"}), techniques=frozenset({"shiatsu_massage"}))
    assert rule("technique:shiatsu_massage").in_scope(case)
    assert not rule("technique:periosteal_massage").in_scope(case)
    assert not rule("shiatsu_massage").in_scope(case)


def test_a_rule_applies_in_scope_and_when_its_wishes_are_met() -> None:
    acute = rule("massage", when=When(phase="acute"))
    assert acute.applies(Circumstances(phase="acute"))
    assert not acute.applies(PLAIN)
    assert not acute.applies(Circumstances(phase="acute", scopes=frozenset({"finalgon"})))


@pytest.mark.parametrize("kind", ["condition", "gap"])
def test_a_name_is_english_where_a_language_has_none(kind: str) -> None:
    names = {"en": "gout", "ru": "подагра", "de": ""}
    named: Condition | Gap
    if kind == "condition":
        named = Condition(name="gout", names=names, kind="condition", rules=(), past="gone", related=(), place=HERE)
    else:
        named = Gap(name="gout", names=names, nearest=(), place=HERE)
    assert [named.called(language) for language in ("en", "ru", "de", "fr")] == ["gout", "подагра", "gout", "gout"]
