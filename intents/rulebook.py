"""Which conditions, gaps, products and opposing places do the rule files hold?

`intents/rules/*.yaml` is written by clinicians; intents/README.md shows the format. An overlay folder (`RULES_DIR`) may
add conditions and rules or make a shipped one stricter; it can never make one milder or take one away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, get_args

from corpus.library import Library
from corpus.passage import Citation
from corpus.vocabulary import LANGUAGES, Spelling, spellings_of
from corpus.yaml_source import Problems, YamlValue, read_yaml
from intents.rule import (
    SCOPES,
    AfterPast,
    Condition,
    Conflict,
    Example,
    Gap,
    Kind,
    Performer,
    Phase,
    Rule,
    Severity,
    When,
)

_CLASSES: Final = tuple(severity.value for severity in Severity if severity is not Severity.NOT_COVERED)
_CONDITION_FIELDS: Final = (
    "kind",
    "aliases",
    "implied_by",
    "not",
    "rules",
    "related",
    "conflict",
    "past",
    "nearest",
    "counts_as",
    "takes_over",
    "asked",
    "not_asked",
    "note",
)
_SIGNED: Final = ("reviewed", "reviewer")
_UNSAID: Final = "unsaid"
_REGIONS: Final = ("neck", "back", "lower_back", "thoracic")
IMPLIED: Final = "implied:"
"""Prefix of the concept that a medicine or doubtful sign names: it counts as the condition, unsure."""
SAID: Final = "said:"
"""Prefix of the concept of qualifying words that a rule asks for, such as "purulent"."""
NEAR: Final = "near:"
"""Prefix of the concept of things no article names, whose nearest relative is the condition."""
PRODUCT: Final = "product:"
GAP: Final = "gap:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """An ointment of the articles: its canonical scope name and what people call it."""

    name: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything the rule files say, by canonical name."""

    conditions: Mapping[str, Condition]
    gaps: Mapping[str, Gap]
    products: Mapping[str, Product]
    conflicts: tuple[Conflict, ...]
    spellings: tuple[Spelling, ...]
    """How each of them is written; concepts carry the prefixes `implied:`, `product:` and `gap:`."""


@dataclass(slots=True)
class _Pages:
    """What has been read so far."""

    library: Library
    problems: Problems
    conditions: dict[str, Condition] = field(default_factory=dict)
    topics: dict[str, set[str]] = field(default_factory=dict)
    gaps: dict[str, Gap] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    spellings: list[Spelling] = field(default_factory=list)


def read_rulebook(
    folder: Path,
    library: Library,
    problems: Problems,
    *,
    overlay: Path | None = None,
    shown_as: str = "intents/rules",
) -> Rulebook:
    """Read all rule files of a folder, then those of the overlay; mistakes are noted."""
    pages = _Pages(library, problems)
    for path in sorted(folder.glob("*.yaml")):
        _read_file(pages, read_yaml(path, problems, shown_as=f"{shown_as}/{path.name}"), over_shipped=False)
    if overlay is not None:
        for path in sorted(overlay.glob("*.yaml")):
            _read_file(pages, read_yaml(path, problems), over_shipped=True)
    return Rulebook(
        conditions=pages.conditions,
        gaps=pages.gaps,
        products=pages.products,
        conflicts=tuple(_with_topics(pages)),
        spellings=tuple(pages.spellings),
    )


def _with_topics(pages: _Pages) -> Iterable[Conflict]:
    for conflict in pages.conflicts:
        yield replace(conflict, conditions=conflict.conditions | pages.topics.get(conflict.topic, set()))


def _read_file(pages: _Pages, value: YamlValue, *, over_shipped: bool) -> None:
    fields = value.fields(
        optional=("family", "reviewed", "reviewer", "conditions", "gaps", "products", "conflicts", "note")
    )
    signed: dict[str, str] = {name: fields[name].text() for name in fields if name in _SIGNED}
    if "conditions" in fields:
        for name, key, body in fields["conditions"].entries():
            _read_condition(pages, name, key, body, signed, over_shipped=over_shipped)
    if "gaps" in fields:
        for name, _, body in fields["gaps"].entries():
            _read_gap(pages, name, body)
    if "products" in fields:
        for name, key, body in fields["products"].entries():
            _read_product(pages, name, key, body)
    if "conflicts" in fields:
        for body in fields["conflicts"].items():
            _read_conflict(pages, body)


def _read_condition(
    pages: _Pages, name: str, key: YamlValue, body: YamlValue, signed: Mapping[str, str], *, over_shipped: bool
) -> None:
    shipped = pages.conditions.get(name)
    if shipped is not None and not over_shipped:
        key.problem(f"'{name}' stands already at {shipped.place}; merge the two")
        return
    required = () if shipped is not None else ("names",)
    optional = _CONDITION_FIELDS if shipped is None else ("names", *_CONDITION_FIELDS)
    fields = body.fields(required=required, optional=optional)
    kind = fields["kind"].choice(get_args(Kind)) if "kind" in fields else "condition"
    past = fields["past"].choice(get_args(AfterPast)) if "past" in fields else "flagged"
    condition = Condition(
        name=name,
        names=_names(fields.get("names"), name) if shipped is None else shipped.names,
        kind=kind if shipped is None else shipped.kind,  # type: ignore[arg-type]
        rules=_rules(pages, name, fields.get("rules")),
        past=past if shipped is None else shipped.past,  # type: ignore[arg-type]
        related=_citations(pages, fields.get("related")),
        place=key.place,
        counts_as=fields["counts_as"].text() if "counts_as" in fields else None,
        takes_over=_takes_over(pages, fields.get("takes_over")),
        asked=_examples(fields.get("asked")),
        not_asked=_examples(fields.get("not_asked")),
        reviewed=signed.get("reviewed", ""),
        reviewer=signed.get("reviewer", ""),
    )
    if shipped is not None:
        condition = _tightened(shipped, condition)
    pages.conditions[name] = condition
    for topic in fields["conflict"].texts() if "conflict" in fields else ():
        pages.topics.setdefault(topic, set()).add(name)
    if "aliases" in fields:
        pages.spellings.extend(spellings_of(name, fields["aliases"]))
    if "implied_by" in fields:
        pages.spellings.extend(spellings_of(IMPLIED + name, fields["implied_by"]))
    if "nearest" in fields:
        pages.spellings.extend(spellings_of(NEAR + name, fields["nearest"]))
    if "not" in fields:
        pages.spellings.extend(spellings_of(name, fields["not"], blocks=True))


def _tightened(shipped: Condition, added: Condition) -> Condition:
    """A clinic's file can only add: its rules stand beside the shipped ones, and the strictest speaks."""
    return replace(
        shipped,
        rules=(*shipped.rules, *added.rules),
        related=(*shipped.related, *added.related),
        asked=(*shipped.asked, *added.asked),
        not_asked=(*shipped.not_asked, *added.not_asked),
        reviewed=added.reviewed or shipped.reviewed,
        reviewer=added.reviewer or shipped.reviewer,
    )


def _names(value: YamlValue | None, fallback: str) -> Mapping[str, str]:
    if value is None:
        return {"en": fallback}
    return {language: text.text() for language, text in value.fields(required=("en",), optional=LANGUAGES).items()}


def _takes_over(pages: _Pages, value: YamlValue | None) -> tuple[str, When] | None:
    if value is None:
        return None
    fields = value.fields(required=("condition", "when"))
    return (fields["condition"].text(), _when(pages, "", fields["when"])) if len(fields) == 2 else None


def _rules(pages: _Pages, condition: str, value: YamlValue | None) -> tuple[Rule, ...]:
    rules = (_rule(pages, condition, item) for item in value.items()) if value is not None else ()
    return tuple(rule for rule in rules if rule is not None)


def _rule(pages: _Pages, condition: str, value: YamlValue) -> Rule | None:
    fields = value.fields(required=("class", "scope", "passage"), optional=("when", "says", "note"))
    if len(fields.keys() & {"class", "scope", "passage"}) < 3:
        return None
    severity = Severity(fields["class"].choice(_CLASSES))
    scopes = frozenset(_scope(item) for item in fields["scope"].items())
    citation = pages.library.cite(fields["passage"], fields.get("says"))
    if citation is None:
        return None
    when = _when(pages, condition, fields["when"]) if "when" in fields else When()
    return Rule(severity=severity, scopes=scopes, citation=citation, place=value.place, when=when)


def _scope(value: YamlValue) -> str:
    text = value.text()
    return text if text.startswith("technique:") else value.choice(SCOPES)


def _when(pages: _Pages, condition: str, value: YamlValue) -> When:
    fields = value.fields(
        optional=("phase", "pain", "grade", "age_under", "certainty", "region", "performer", "with", "said"),
    )
    also, said = fields.pop("with", None), fields.pop("said", None)
    found = {name: field for name, field in fields.items() if field.text() != _UNSAID}
    return When(
        phase=_phase(found.get("phase")),
        pain=found["pain"].choice(("yes", "no")) == "yes" if "pain" in found else None,
        grade=found["grade"].integer() if "grade" in found else None,
        age_under=found["age_under"].integer() if "age_under" in found else None,
        unsure=found["certainty"].choice(("unsure", "sure")) == "unsure" if "certainty" in found else None,
        region=found["region"].choice(_REGIONS) if "region" in found else None,
        performer=_performer(found.get("performer")),
        also=frozenset(also.texts()) if also is not None else frozenset(),
        said=_said(pages, condition, said),
    )


def _said(pages: _Pages, condition: str, value: YamlValue | None) -> str | None:
    """Words a rule asks for beside its condition become a concept of their own."""
    if value is None:
        return None
    concept = f"{SAID}{condition}:{value.place.line}"
    pages.spellings.extend(spellings_of(concept, value))
    return concept


def _phase(value: YamlValue | None) -> Phase | None:
    if value is None:
        return None
    return "acute" if value.choice(get_args(Phase)) == "acute" else "remission"


def _performer(value: YamlValue | None) -> Performer | None:
    if value is None:
        return None
    match value.choice(get_args(Performer)):
        case "self":
            return "self"
        case "partner":
            return "partner"
        case _:
            return "specialist"


def _citations(pages: _Pages, value: YamlValue | None) -> tuple[Citation, ...]:
    found = [pages.library.cite(item) for item in value.items()] if value is not None else []
    return tuple(citation for citation in found if citation is not None)


def _examples(value: YamlValue | None) -> tuple[Example, ...]:
    return tuple(Example(text=item.text(), place=item.place) for item in value.items()) if value is not None else ()


def _read_gap(pages: _Pages, name: str, body: YamlValue) -> None:
    fields = body.fields(required=("names",), optional=("aliases", "nearest", "say", "only_for", "not", "note"))
    pages.gaps[name] = Gap(
        name=name,
        names=_names(fields.get("names"), name),
        nearest=_citations(pages, fields.get("nearest")),
        place=body.place,
        only_for=frozenset(_scope(item) for item in fields["only_for"].items())
        if "only_for" in fields
        else frozenset(),
        say=_names(fields["say"], "") if "say" in fields else {},
    )
    if "aliases" in fields:
        pages.spellings.extend(spellings_of(GAP + name, fields["aliases"]))
    if "not" in fields:
        pages.spellings.extend(spellings_of(GAP + name, fields["not"], blocks=True))


def _read_product(pages: _Pages, name: str, key: YamlValue, body: YamlValue) -> None:
    fields = body.fields(required=("names", "aliases"), optional=("ingredients", "not", "note"))
    if name not in SCOPES:
        key.problem(f"'{name}' is not a scope; products are {', '.join(SCOPES[-3:])}")
        return
    pages.products[name] = Product(name=name, names=_names(fields.get("names"), name))
    if "aliases" in fields:
        pages.spellings.extend(spellings_of(PRODUCT + name, fields["aliases"]))
    if "ingredients" in fields:
        for _, _, by_language in fields["ingredients"].entries():
            pages.spellings.extend(spellings_of(PRODUCT + name, by_language))
    if "not" in fields:
        pages.spellings.extend(spellings_of(PRODUCT + name, fields["not"], blocks=True))


def _read_conflict(pages: _Pages, body: YamlValue) -> None:
    fields = body.fields(required=("topic", "one", "other", "about"), optional=("conditions", "note"))
    if len(fields.keys() & {"topic", "one", "other", "about"}) < 4:
        return
    pages.conflicts.append(
        Conflict(
            topic=fields["topic"].text(),
            one=_citations(pages, fields["one"]),
            other=_citations(pages, fields["other"]),
            about=_names(fields["about"], ""),
            conditions=frozenset(fields["conditions"].texts()) if "conditions" in fields else frozenset(),
            place=body.place,
        )
    )


def unknown_conditions(rulebook: Rulebook, problems: Problems) -> None:
    """Note conflicts that name conditions no file holds."""
    for conflict in rulebook.conflicts:
        for name in sorted(conflict.conditions - rulebook.conditions.keys()):
            problems.add(conflict.place, f"'{name}' is not a condition of any rule file")


def examples(conditions: Sequence[Condition]) -> Iterable[tuple[Condition, Example, bool]]:
    """Every `asked` (True) and `not_asked` (False) sentence."""
    for condition in conditions:
        for example in condition.asked:
            yield condition, example, True
        for example in condition.not_asked:
            yield condition, example, False
