"""What do the rules say about this case?

The strictest applying rule speaks. One more condition never makes a verdict milder; what is denied never decides; what
no rule covers is "not covered", which is not permission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.passage import Citation
from intents.rule import Circumstances, Condition, Conflict, Gap, Rule, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """A condition that counts for the person who is to be treated, with what the message says around it."""

    condition: Condition
    case: Circumstances


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """Something no article treats, by its name or in the asker's own words."""

    name: str
    called: Mapping[str, str]
    listed: bool = False
    """Whether a rule file names it for something else than was asked."""
    nearest: tuple[Citation, ...] = ()
    """What the sources have about it for another purpose, or about its nearest relative: shown as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the articles say about one condition: the strictest class, and each article's own places."""

    condition: Condition
    severity: Severity
    rules: tuple[Rule, ...]
    """All rules that apply, the strictest first."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Where each of them stands, each place once."""
        return tuple(dict.fromkeys(rule.citation for rule in self.rules))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say: findings with the strictest first, opposing places, and what is not covered."""

    severity: Severity
    findings: tuple[Finding, ...]
    not_covered: tuple[Uncovered, ...]
    conflicts: tuple[Conflict, ...]
    denied: tuple[str, ...]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The places that carry the verdict, the strictest first, each once."""
        return tuple(dict.fromkeys(citation for finding in self.findings for citation in finding.citations))


def decide(
    active: Sequence[Active],
    *,
    gaps: Sequence[Gap] = (),
    unknown: Sequence[Uncovered] = (),
    denied: Sequence[str] = (),
    conflicts: Iterable[Conflict] = (),
) -> Verdict:
    """The verdict on a case.

    Args:
        active: conditions that count for the person who is to be treated.
        gaps: named things that no article treats.
        unknown: conditions in the asker's words that no list knows, with their nearest relatives.
        denied: canonical names that were mentioned but do not count.
        conflicts: all opposing places; those about the active conditions are named.
    """
    findings = [finding for item in active if (finding := _finding(item)) is not None]
    found = {finding.condition.name for finding in findings}
    not_covered = [
        *(_elsewhere(item) for item in active if item.condition.name not in found),
        *(Uncovered(name=gap.name, called=gap.names, nearest=gap.nearest) for gap in gaps),
        *unknown,
    ]
    findings.sort(key=lambda finding: finding.severity.rank)
    severities = [finding.severity for finding in findings]
    if not_covered or not findings:
        severities.append(Severity.NOT_COVERED)
    return Verdict(
        severity=min(severities, key=lambda severity: severity.rank),
        findings=tuple(findings),
        not_covered=tuple(not_covered),
        conflicts=tuple(conflict for conflict in conflicts if conflict.conditions & found),
        denied=tuple(denied),
    )


def _finding(item: Active) -> Finding | None:
    applying = sorted(
        (rule for rule in item.condition.rules if rule.applies(item.case)), key=lambda rule: rule.severity.rank
    )
    if not applying:
        return None
    return Finding(condition=item.condition, severity=applying[0].severity, rules=tuple(applying))


def _elsewhere(item: Active) -> Uncovered:
    """A condition that the articles name only for something else than was asked."""
    return Uncovered(
        name=item.condition.name,
        called=item.condition.names,
        listed=True,
        nearest=tuple(dict.fromkeys(rule.citation for rule in item.condition.rules)),
    )
