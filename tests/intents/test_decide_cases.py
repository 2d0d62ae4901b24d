"""What does a verdict hold, case by case? The laws stand in test_decide.py."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from corpus.passage import Citation, Lines
from corpus.yaml_source import Place
from intents.decide import Active, Uncovered, decide
from intents.rule import Circumstances, Condition, Conflict, Gap, Rule, Severity, When
from tests.corpus.building import passage

HERE = Place("case.yaml")
MASSAGE = Circumstances()


@cache
def cited(line: int) -> Citation:
    return Citation(passage=passage(name=f"leaf-{line}", lines=Lines(line, line)))


def rule(severity: Severity, line: int, *, scope: str = "massage", when: When | None = None) -> Rule:
    return Rule(
        severity=severity,
        scopes=frozenset({scope}),
        citation=cited(line),
        place=HERE,
        when=when or When(),
    )


def condition(name: str, *rules: Rule) -> Condition:
    names = {"en": f"{name} in words"}
    return Condition(name=name, names=names, kind="condition", rules=rules, past="flagged", related=(), place=HERE)


def active(*conditions: Condition, case: Circumstances = MASSAGE) -> list[Active]:
    return [Active(condition=one, case=case) for one in conditions]


def conflict(*about: str) -> Conflict:
    return Conflict(
        topic="t", one=(cited(1),), other=(cited(2),), about={"en": "x"}, conditions=frozenset(about), place=HERE
    )


def names(items: Sequence[Uncovered]) -> list[str]:
    return [item.name for item in items]


FEVER = condition("fever", rule(Severity.RELATIVE_OR_TEMPORARY, 5))
CANCER = condition("cancer", rule(Severity.CONTRAINDICATED, 8), rule(Severity.ABSOLUTE, 7))
TIRED = condition("tired", rule(Severity.INDICATED, 9))
ASTHMA = condition(
    "asthma", rule(Severity.CONTRAINDICATED, 3, scope="dolobene"), rule(Severity.CAUTION, 3, scope="oil")
)


def test_the_strictest_condition_stands_first_and_gives_the_class() -> None:
    verdict = decide(active(TIRED, FEVER, CANCER))
    assert verdict.severity is Severity.ABSOLUTE
    assert [finding.condition.name for finding in verdict.findings] == ["cancer", "fever", "tired"]


def test_a_finding_shows_all_applying_rules_the_strictest_first() -> None:
    (finding,) = decide(active(CANCER)).findings
    assert [one.severity for one in finding.rules] == [Severity.ABSOLUTE, Severity.CONTRAINDICATED]
    assert finding.severity is Severity.ABSOLUTE
    assert finding.citations == (cited(7), cited(8))


def test_a_rule_that_does_not_apply_is_not_shown() -> None:
    acute = condition("x", rule(Severity.ABSOLUTE, 1, when=When(phase="acute")), rule(Severity.CAUTION, 2))
    (finding,) = decide(active(acute)).findings
    assert (finding.severity, finding.citations) == (Severity.CAUTION, (cited(2),))


def test_places_are_told_once_in_the_order_of_strictness() -> None:
    twice = condition("x", rule(Severity.CAUTION, 7), rule(Severity.CAUTION, 7))
    verdict = decide(active(twice, CANCER))
    assert verdict.citations == (cited(7), cited(8))
    assert verdict.findings[1].citations == (cited(7),)


def test_an_ointments_limit_is_not_covered_for_massage_and_says_where_it_stands() -> None:
    verdict = decide(active(ASTHMA))
    assert verdict.severity is Severity.NOT_COVERED
    assert verdict.findings == ()
    (item,) = verdict.not_covered
    assert (item.name, item.called, item.listed, item.nearest) == (
        "asthma",
        {"en": "asthma in words"},
        True,
        (cited(3),),
    )


def test_the_same_limit_holds_for_the_ointment() -> None:
    verdict = decide(active(ASTHMA, case=Circumstances(scopes=frozenset({"dolobene"}))))
    assert (verdict.severity, verdict.not_covered) == (Severity.CONTRAINDICATED, ())


def test_what_is_praised_and_what_is_not_covered_together_are_not_covered() -> None:
    assert decide(active(TIRED)).severity is Severity.INDICATED
    assert decide(active(TIRED, ASTHMA)).severity is Severity.NOT_COVERED


def test_what_is_not_covered_hides_no_warning() -> None:
    verdict = decide(active(FEVER, ASTHMA))
    assert verdict.severity is Severity.RELATIVE_OR_TEMPORARY
    assert names(verdict.not_covered) == ["asthma"]


def test_gaps_and_unknown_illnesses_are_named_apart() -> None:
    gap = Gap(name="gout", names={"en": "gout"}, nearest=(cited(4),), place=HERE)
    unknown = Uncovered(name="wobbleitis", called={"en": "wobbleitis"})
    verdict = decide(active(ASTHMA, FEVER), gaps=[gap], unknown=[unknown])
    assert names(verdict.not_covered) == ["asthma", "gout", "wobbleitis"]
    assert verdict.not_covered[1] == Uncovered(name="gout", called={"en": "gout"}, nearest=(cited(4),))
    assert not verdict.not_covered[1].listed
    assert verdict.not_covered[2] is unknown


def test_nothing_said_is_no_permission() -> None:
    verdict = decide([])
    assert (verdict.severity, verdict.findings, verdict.not_covered) == (Severity.NOT_COVERED, (), ())


def test_opposing_places_are_named_for_what_was_found_only() -> None:
    about_fever, about_gout, about_asthma = conflict("fever", "cancer"), conflict("gout"), conflict("asthma")
    verdict = decide(active(FEVER, ASTHMA), conflicts=[about_gout, about_fever, about_asthma])
    assert verdict.conflicts == (about_fever,)
    assert decide(active(FEVER)).conflicts == ()


def test_what_is_denied_is_told_and_decides_nothing() -> None:
    verdict = decide(active(FEVER), denied=["cancer"])
    assert verdict.denied == ("cancer",)
    assert verdict.severity is Severity.RELATIVE_OR_TEMPORARY
    assert decide([]).denied == ()
