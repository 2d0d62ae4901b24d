"""What do the articles say about a condition, and for which case does it hold?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from corpus.passage import Citation
from corpus.yaml_source import Place


class Severity(Enum):
    """The class of a verdict, the strictest first (sources: contraindications list, "Classes")."""

    ABSOLUTE = "absolute"
    CONTRAINDICATED = "contraindicated"
    RELATIVE_OR_TEMPORARY = "relative_or_temporary"
    STAGE_DEPENDENT = "stage_dependent"
    SPECIALIST_ONLY = "specialist_only"
    CAUTION = "caution"
    NOT_COVERED = "not_covered"
    INDICATED = "indicated"

    @property
    def rank(self) -> int:
        """0 for the strictest class; one more for each milder one."""
        return _RANK[self]

    @property
    def warns(self) -> bool:
        """Whether a reply of this class has to warn."""
        return self.rank <= _RANK[Severity.CAUTION]


_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}

Phase = Literal["acute", "remission"]
Performer = Literal["self", "partner", "specialist"]
Kind = Literal["condition", "technique", "indication"]
AfterPast = Literal["flagged", "gone"]

MASSAGE: Final = "massage"
PRODUCTS: Final = ("fastum_gel", "finalgon", "dolobene")
SCOPES: Final = (
    MASSAGE,
    "neck_massage",
    "back_massage",
    "self_massage",
    "exercise",
    "scent",
    "oil",
    *PRODUCTS,
)
_MASSAGE_SCOPES: Final = frozenset({MASSAGE, "neck_massage", "back_massage"})
"""A neck or back limit is told to whoever asks for any massage: silence about a region is never permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the message says around a condition; None and empty mean that it does not say."""

    scopes: frozenset[str] = frozenset({MASSAGE})
    techniques: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    performer: Performer | None = None
    phase: Phase | None = None
    pain: bool | None = None
    grade: int | None = None
    age: float | None = None
    """Years."""
    unsure: bool = False
    implied: bool = False
    """Only a medicine or a doubtful sign tells of the condition."""
    also: frozenset[str] = frozenset()
    """Canonical names of the other conditions that count."""
    said: frozenset[str] = frozenset()
    """Qualifying words found that some rule asks for, by that rule's concept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Under which circumstances a rule speaks; what is None is not asked for.

    An age limit speaks about a child of unsaid age too: what is not said is taken for the stricter case.
    """

    phase: Phase | None = None
    pain: bool | None = None
    grade: int | None = None
    age_under: int | None = None
    unsure: bool | None = None
    implied: bool | None = None
    region: str | None = None
    performer: Performer | None = None
    also: frozenset[str] = frozenset()
    said: str | None = None

    def holds(self, case: Circumstances) -> bool:
        """Whether a rule with these wishes speaks in this case."""
        return (
            (self.phase is None or self.phase == case.phase)
            and (self.pain is None or self.pain == case.pain)
            and (self.grade is None or self.grade == case.grade)
            and (self.age_under is None or case.age is None or case.age < self.age_under)
            and (self.unsure is None or self.unsure == case.unsure)
            and (self.implied is None or self.implied == case.implied)
            and (self.region is None or not case.regions or self.region in case.regions)
            and (self.performer is None or self.performer == case.performer)
            and self.also <= case.also
            and (self.said is None or self.said in case.said)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of an article about one condition: the class it gives, for what, when, and where it stands."""

    severity: Severity
    scopes: frozenset[str]
    citation: Citation
    place: Place
    when: When = field(default_factory=When)

    def applies(self, case: Circumstances) -> bool:
        """Whether the rule speaks about what was asked."""
        return self.in_scope(case) and self.when.holds(case)

    def in_scope(self, case: Circumstances) -> bool:
        """Whether the rule is about the same thing: a massage, a technique, this ointment."""
        if self.scopes & case.scopes:
            return True
        if self.scopes & _MASSAGE_SCOPES and case.scopes & _MASSAGE_SCOPES:
            return True
        return any(f"technique:{technique}" in self.scopes for technique in case.techniques)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sentence that must, or must not, make a condition active; `place` is the name of its test."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition, precondition or technique by its canonical name, with everything the articles say about it."""

    name: str
    names: Mapping[str, str]
    kind: Kind
    rules: tuple[Rule, ...]
    past: AfterPast
    related: tuple[Citation, ...]
    place: Place
    counts_as: str | None = None
    """The condition that speaks where this one has no rule for what was asked."""
    takes_over: tuple[frozenset[str], When] | None = None
    """This condition stands in for others when the circumstances hold: scoliosis of grade 4 for scoliosis."""
    asked: tuple[Example, ...] = ()
    not_asked: tuple[Example, ...] = ()
    reviewed: str = ""
    reviewer: str = ""

    def called(self, language: str) -> str:
        """Its name in a language; English where there is none."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something people ask for that no article treats: named as not covered, with the nearest places as such."""

    name: str
    names: Mapping[str, str]
    nearest: tuple[Citation, ...]
    place: Place
    asked: tuple[Example, ...] = ()
    not_asked: tuple[Example, ...] = ()
    only_for: frozenset[str] = frozenset()
    """The scopes in which it is a gap; empty: in all. Pregnancy is one for massage, not for the three ointments."""
    say: Mapping[str, str] = field(default_factory=dict)
    """A sentence of ours about the gap, by language."""

    def called(self, language: str) -> str:
        """Its name in a language; English where there is none."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two places of the articles that oppose each other."""

    topic: str
    one: tuple[Citation, ...]
    other: tuple[Citation, ...]
    about: Mapping[str, str]
    conditions: frozenset[str]
    place: Place
