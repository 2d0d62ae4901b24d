"""Laws of the verdict: the strictest speaks, nothing makes it milder, silence is no permission."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from corpus.passage import Citation
from corpus.yaml_source import Place
from intents.decide import Active, Uncovered, decide
from intents.rule import SCOPES, Circumstances, Condition, Gap, Rule, Severity, When
from tests.corpus.building import passage
from tests.shipped import shipped

CITED = Citation(passage=passage())
HERE = Place("case.yaml")
BLOCKING = [severity for severity in Severity if severity.warns]
severities = st.sampled_from([severity for severity in Severity if severity is not Severity.NOT_COVERED])
scopes = st.frozensets(st.sampled_from(SCOPES), min_size=1, max_size=3)
whens = st.builds(
    When,
    phase=st.none() | st.sampled_from(["acute", "remission"]),
    pain=st.none() | st.booleans(),
    grade=st.none() | st.integers(1, 4),
    unsure=st.none() | st.booleans(),
)
rules = st.builds(
    Rule, severity=severities, scopes=scopes, citation=st.just(CITED), place=st.just(HERE), when=whens | st.just(When())
)
cases = st.builds(
    Circumstances,
    scopes=scopes,
    phase=st.none() | st.sampled_from(["acute", "remission"]),
    pain=st.none() | st.booleans(),
    grade=st.none() | st.integers(1, 4),
    unsure=st.booleans(),
)


def condition(name: str, rules: Sequence[Rule]) -> Condition:
    return Condition(
        name=name, names={"en": name}, kind="condition", rules=tuple(rules), past="flagged", related=(), place=HERE
    )


@st.composite
def actives(draw: st.DrawFn, *, fewest: int = 0) -> list[Active]:
    """Conditions of made-up rules, in one case."""
    case = draw(cases)
    made = draw(st.lists(st.lists(rules, max_size=3), min_size=fewest, max_size=5))
    return [Active(condition=condition(f"c{number}", each), case=case) for number, each in enumerate(made)]


@st.composite
def shipped_actives(draw: st.DrawFn) -> list[Active]:
    """Conditions of the shipped rules, in one case."""
    case = draw(cases)
    names = sorted(shipped().rulebook.conditions)
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True))
    return [Active(condition=shipped().rulebook.conditions[name], case=case) for name in chosen]


gaps = st.lists(st.just(Gap(name="gap", names={"en": "gap"}, nearest=(), place=HERE)), max_size=1)
unknowns = st.lists(st.just(Uncovered(name="wobbleitis", called={"en": "wobbleitis"})), max_size=1)


@given(actives(fewest=1) | shipped_actives(), st.data())
def test_one_more_condition_never_makes_the_verdict_milder(active: list[Active], data: st.DataObject) -> None:
    more = data.draw(st.lists(rules, max_size=3))
    before = decide(active).severity
    after = decide([*active, Active(condition=condition("one more", more), case=active[0].case)]).severity
    assert after.rank <= before.rank


@given(actives(fewest=1), gaps, unknowns)
def test_what_is_not_covered_never_makes_the_verdict_milder(
    active: list[Active], gap: list[Gap], unknown: list[Uncovered]
) -> None:
    assert decide(active, gaps=gap, unknown=unknown).severity.rank <= decide(active).severity.rank


@given(actives(), gaps, unknowns)
def test_what_is_not_covered_is_never_indicated(active: list[Active], gap: list[Gap], unknown: list[Uncovered]) -> None:
    verdict = decide(active, gaps=gap, unknown=unknown)
    if verdict.not_covered or not verdict.findings:
        assert verdict.severity is not Severity.INDICATED


@given(actives() | shipped_actives(), st.lists(st.sampled_from(sorted(shipped().rulebook.conditions)), max_size=5))
def test_what_is_denied_never_decides(active: list[Active], denied: list[str]) -> None:
    verdict = decide(active, denied=denied)
    without = decide(active)
    assert (verdict.severity, verdict.findings, verdict.not_covered) == (
        without.severity,
        without.findings,
        without.not_covered,
    )
    assert verdict.denied == tuple(denied)


@given(actives() | shipped_actives())
def test_the_strictest_applying_rule_speaks_and_stands_first(active: list[Active]) -> None:
    verdict = decide(active)
    applying = [rule.severity for item in active for rule in item.condition.rules if rule.applies(item.case)]
    if applying:
        strictest = min(applying, key=lambda severity: severity.rank)
        assert verdict.findings[0].severity is strictest
        assert verdict.severity.rank <= strictest.rank
    ranks = [finding.severity.rank for finding in verdict.findings]
    assert ranks == sorted(ranks)


@given(actives() | shipped_actives())
def test_every_finding_is_cited_by_its_own_rules(active: list[Active]) -> None:
    for finding in decide(active).findings:
        assert finding.citations
        assert set(finding.citations) <= {rule.citation for rule in finding.condition.rules}


@given(actives() | shipped_actives(), st.randoms(use_true_random=False))
def test_the_order_of_the_conditions_changes_nothing_about_the_class(active: list[Active], chance: Random) -> None:
    shuffled = list(active)
    chance.shuffle(shuffled)
    assert decide(shuffled).severity is decide(active).severity


def test_nothing_at_all_is_not_covered_and_never_permission() -> None:
    assert decide([]).severity is Severity.NOT_COVERED


@given(rules, cases)
def test_a_rule_about_an_ointment_says_nothing_about_massage(rule: Rule, case: Circumstances) -> None:
    products = frozenset({"fastum_gel", "finalgon", "dolobene"})
    massage = frozenset({"massage", "neck_massage", "back_massage"})
    if rule.scopes <= products and case.scopes <= massage:
        assert not rule.applies(case)
