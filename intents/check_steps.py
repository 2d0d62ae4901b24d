"""Which screens does the guided check have?

They stand in guided_check.yaml: regions, kinds of massage, and checklists of conditions by canonical name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.yaml_source import Problems, YamlValue, did_you_mean, read_yaml
from intents.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Conditions that are asked about on one screen."""

    name: str
    names: Mapping[str, str]
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The screens of a check, in order; names by language."""

    regions: Mapping[str, Mapping[str, str]]
    techniques: Mapping[str, Mapping[str, str]]
    checklists: tuple[Checklist, ...]


def read_steps(path: Path, rulebook: Rulebook, problems: Problems) -> Steps:
    """Read guided_check.yaml; mistakes are noted."""
    fields = read_yaml(path, problems, shown_as=f"intents/{path.name}").fields(
        required=("regions", "techniques", "checklists")
    )
    lists = fields["checklists"].items() if "checklists" in fields else []
    return Steps(
        regions=_named(fields.get("regions")),
        techniques=_named(fields.get("techniques")),
        checklists=tuple(_checklist(item, rulebook) for item in lists),
    )


def _named(value: YamlValue | None) -> dict[str, dict[str, str]]:
    return {name: _names(body) for name, _, body in value.entries()} if value is not None else {}


def _names(value: YamlValue) -> dict[str, str]:
    return {language: text.text() for language, text in value.fields(required=("en", "ru")).items()}


def _checklist(value: YamlValue, rulebook: Rulebook) -> Checklist:
    fields = value.fields(required=("name", "names", "conditions"))
    conditions = []
    for item in fields["conditions"].items() if "conditions" in fields else ():
        name = item.text()
        if name in rulebook.conditions:
            conditions.append(name)
        else:
            item.problem(f"'{name}' is not a condition{did_you_mean(name, rulebook.conditions)}")
    return Checklist(
        name=fields["name"].text() if "name" in fields else "",
        names=_names(fields["names"]) if "names" in fields else {"en": ""},
        conditions=tuple(conditions),
    )
