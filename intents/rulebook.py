"""Which conditions, gaps, products and opposing places do the rule files hold?

`intents/rules/*.yaml` is written by clinicians; intents/README.md shows the format. An overlay folder (`RULES_DIR`) may
add conditions and rules or make a shipped one stricter; it can never make one milder or take one away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, get_args

from corpus.library import Library
from corpus.passage import Citation
from corpus.pattern import example_words
from corpus.vocabulary import LANGUAGES, Spelling, Vocabulary, spellings_of
from corpus.yaml_source import Place, Problems, YamlValue, did_you_mean, read_yaml
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
_FIXED: Final = ("names", "kind", "past", "counts_as", "not")
"""What an added file cannot say of a shipped condition."""
_SIGNED: Final = ("reviewed", "reviewer")
_REMARK: Final = re.compile(r"\s*\([^)]*\)?")
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
    named: list[tuple[YamlValue, str]] = field(default_factory=list)
    """Conditions that other entries name, and where: they must exist once all files are read."""
    named_topics: list[tuple[YamlValue, str]] = field(default_factory=list)


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
        _read_overlay(pages, overlay)
    _note_unknown_names(pages)
    return Rulebook(
        conditions=pages.conditions,
        gaps=pages.gaps,
        products=pages.products,
        conflicts=tuple(_with_topics(pages)),
        spellings=tuple(pages.spellings),
    )


def _read_overlay(pages: _Pages, overlay: Path) -> None:
    """Read a clinic's own files: what they say stands beside what is shipped, never in its place."""
    if not overlay.is_dir():
        pages.problems.add(Place(str(overlay)), "is not a folder; make it, or unset RULES_DIR")
    shipped = tuple(pages.spellings)
    for path in sorted(overlay.glob("*.yaml")):
        _read_file(pages, read_yaml(path, pages.problems), over_shipped=True)
    pages.spellings.extend(_also_shipped(shipped, pages.spellings[len(shipped) :]))


def _also_shipped(shipped: Sequence[Spelling], added: Sequence[Spelling]) -> list[Spelling]:
    """Shipped concepts that an added, longer spelling would hide: they are read in it as well.

    The longest spelling names a text. A clinic's "high blood pressure under control" would otherwise take the words
    "high blood pressure" away from the shipped rules.
    """
    vocabulary = Vocabulary(shipped, Problems())
    found: dict[tuple[str, str], Spelling] = {}
    for spelling in added:
        for words in example_words(spelling.pattern):
            for end, _ in vocabulary.find_all(words):
                if not end.blocks and end.concept != spelling.concept:
                    found[end.concept, spelling.pattern] = replace(spelling, concept=end.concept)
    return list(found.values())


def _note_unknown_names(pages: _Pages) -> None:
    """Note conditions and topics that are named somewhere and stand nowhere."""
    for value, name in pages.named:
        if name not in pages.conditions:
            value.problem(f"no rule file has the condition '{name}'{did_you_mean(name, pages.conditions)}")
    topics = {conflict.topic for conflict in pages.conflicts}
    for value, topic in pages.named_topics:
        if topic not in topics:
            value.problem(f"no conflict has the topic '{topic}'{did_you_mean(topic, topics)}")


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
        for name, key, body in fields["gaps"].entries():
            if over_shipped and name in pages.gaps:
                key.problem(f"'{name}' stands already at {pages.gaps[name].place}; an added file cannot change it")
            else:
                _read_gap(pages, name, body)
    if "products" in fields and over_shipped:
        fields["products"].problem("an added file cannot name products: their limits would replace those for massage")
    elif "products" in fields:
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
    if over_shipped:
        _refuse_what_loosens(fields, also=() if shipped is None else _FIXED)
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
        counts_as=_named(pages, fields["counts_as"]) if "counts_as" in fields else None,
        takes_over=_takes_over(pages, fields.get("takes_over")),
        asked=_examples(fields.get("asked")),
        not_asked=_examples(fields.get("not_asked")),
        reviewed=signed.get("reviewed", ""),
        reviewer=signed.get("reviewer", ""),
    )
    if shipped is not None:
        condition = _tightened(shipped, condition)
    pages.conditions[name] = condition
    for item in fields["conflict"].items() if "conflict" in fields else ():
        topic = item.text()
        pages.named_topics.append((item, topic))
        pages.topics.setdefault(topic, set()).add(name)
    if "names" in fields:
        pages.spellings.extend(_own_names(name, fields["names"]))
    if "aliases" in fields:
        pages.spellings.extend(spellings_of(name, fields["aliases"]))
    if "implied_by" in fields:
        pages.spellings.extend(spellings_of(IMPLIED + name, fields["implied_by"]))
    if "nearest" in fields:
        pages.spellings.extend(spellings_of(NEAR + name, fields["nearest"]))
    if "not" in fields:
        pages.spellings.extend(spellings_of(name, fields["not"], blocks=True))


def _refuse_what_loosens(fields: Mapping[str, YamlValue], *, also: Iterable[str]) -> None:
    """Note what an added file must not say: it would take a shipped rule's word, or its meaning, away."""
    for name in ("takes_over", *also):
        if name in fields:
            fields[name].problem(f"an added file can only add or tighten; '{name}:' would change what is shipped")


def _named(pages: _Pages, value: YamlValue) -> str:
    """The name of a condition, which must exist once all files are read."""
    name = value.text()
    pages.named.append((value, name))
    return name


def _own_names(name: str, value: YamlValue) -> Iterable[Spelling]:
    """What a card calls a condition finds it again; remarks in brackets are left out."""
    for _, _, text in value.entries():
        pattern = _REMARK.sub("", text.text()).strip()
        if pattern:
            yield Spelling(concept=name, pattern=pattern, place=text.place)


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


def _takes_over(pages: _Pages, value: YamlValue | None) -> tuple[frozenset[str], When] | None:
    if value is None:
        return None
    fields = value.fields(required=("condition", "when"), optional=("also",))
    if not {"condition", "when"} <= fields.keys():
        return None
    others = fields["also"].items() if "also" in fields else ()
    taken = frozenset(_named(pages, item) for item in (fields["condition"], *others))
    return taken, _when(pages, "", fields["when"])


def _rules(pages: _Pages, condition: str, value: YamlValue | None) -> tuple[Rule, ...]:
    rules = (_rule(pages, condition, item) for item in value.items()) if value is not None else ()
    return tuple(rule for rule in rules if rule is not None)


def _rule(pages: _Pages, condition: str, value: YamlValue) -> Rule | None:
    fields = value.fields(required=("class", "scope", "passage"), optional=("when", "says", "note"))
    if len(fields.keys() & {"class", "scope", "passage"}) < 3:
        return None
    severity = Severity(fields["class"].choice(_CLASSES))
    scopes = frozenset(_scope(pages, item) for item in fields["scope"].items())
    citation = pages.library.cite(fields["passage"], fields.get("says"))
    if citation is None:
        return None
    when = _when(pages, condition, fields["when"]) if "when" in fields else When()
    return Rule(severity=severity, scopes=scopes, citation=citation, place=value.place, when=when)


def _scope(pages: _Pages, value: YamlValue) -> str:
    text = value.text()
    kind, _, technique = text.partition(":")
    if kind != "technique":
        return value.choice(SCOPES)
    pages.named.append((value, technique))
    return text


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
        unsure=_either(found.get("certainty"), yes="unsure", no="sure"),
        implied=_either(found.get("certainty"), yes="implied", no="told"),
        region=found["region"].choice(_REGIONS) if "region" in found else None,
        performer=_performer(found.get("performer")),
        also=frozenset(_named(pages, item) for item in also.items()) if also is not None else frozenset(),
        said=_said(pages, condition, said),
    )


def _either(certainty: YamlValue | None, *, yes: str, no: str) -> bool | None:
    """How sure the condition is (sure, unsure) or by what it is known (told, implied by a medicine)."""
    said = certainty.choice(("unsure", "sure", "implied", "told")) if certainty is not None else ""
    return said == yes if said in {yes, no} else None


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
    fields = body.fields(
        required=("names",),
        optional=("aliases", "nearest", "say", "only_for", "not", "asked", "not_asked", "note"),
    )
    pages.gaps[name] = Gap(
        name=name,
        names=_names(fields.get("names"), name),
        nearest=_citations(pages, fields.get("nearest")),
        place=body.place,
        only_for=frozenset(_scope(pages, item) for item in fields["only_for"].items())
        if "only_for" in fields
        else frozenset(),
        say=_names(fields["say"], "") if "say" in fields else {},
        asked=_examples(fields.get("asked")),
        not_asked=_examples(fields.get("not_asked")),
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
            conditions=frozenset(_named(pages, item) for item in fields["conditions"].items())
            if "conditions" in fields
            else frozenset(),
            place=body.place,
        )
    )


def examples(entries: Iterable[Condition | Gap]) -> Iterator[tuple[Condition | Gap, Example, bool]]:
    """Every `asked` (True) and `not_asked` (False) sentence."""
    for entry in entries:
        for example in entry.asked:
            yield entry, example, True
        for example in entry.not_asked:
            yield entry, example, False
