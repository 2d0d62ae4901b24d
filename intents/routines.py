"""Which routines do the articles describe, with which figures, from where?

They stand in routines.yaml; every figure and step names the line it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpus.library import Library
from corpus.passage import Citation
from corpus.yaml_source import Problems, YamlValue, did_you_mean, read_yaml
from intents.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """A phrase of ours about a routine, by language, and the place it rests on."""

    texts: Mapping[str, str]
    citation: Citation

    def said(self, language: str) -> str:
        """The phrase in a language; English where there is none."""
        return self.texts.get(language) or self.texts["en"]


STROKES: Final = ("stroke", "deep_stroke", "rub", "knead", "circle", "tilt", "tuck", "turn")
"""What hands, or a head, do in a step; each has a sign of its own in the picture."""
ZONES: Final = ("head", "ears", "neck", "neck_middle", "shoulders", "arms", "forearms", "beside_spine")
"""Where; each has a place in the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a guided session; `seconds` is how long it is suggested to take."""

    what: Sourced
    seconds: int
    stroke: str
    """One of `STROKES`."""
    zones: tuple[str, ...]
    """Some of `ZONES`, in the order they are worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """A routine of the articles."""

    name: str
    names: Mapping[str, str]
    suggest: Mapping[str, str]
    """A sentence that sets its times, by language; whoever starts it changes them."""
    about: tuple[Citation, ...]
    minutes: tuple[tuple[int, Citation], ...]
    """Minutes a session, each with its place: the articles differ."""
    course: tuple[Sourced, ...]
    region: str
    technique: str
    """What of and by which kind of massage it is, by the names of the guided check."""
    checks: tuple[str, ...]
    """Conditions whose rules are looked up when it is set up."""
    steps: tuple[Step, ...]
    most_a_year: int | None
    meal_before_minutes: int | None

    def called(self, language: str) -> str:
        """Its name in a language."""
        return self.names.get(language) or self.names["en"]


def read_routines(path: Path, library: Library, rulebook: Rulebook, problems: Problems) -> dict[str, Routine]:
    """Read routines.yaml; mistakes are noted."""
    fields = read_yaml(path, problems, shown_as=f"intents/{path.name}").fields(required=("routines",))
    if "routines" not in fields:
        return {}
    found = (_routine(name, body, library, rulebook) for name, _, body in fields["routines"].entries())
    return {routine.name: routine for routine in found}


def _routine(name: str, body: YamlValue, library: Library, rulebook: Rulebook) -> Routine:
    fields = body.fields(
        required=("names", "suggest", "about", "region"),
        optional=("technique", "minutes", "course", "checks", "steps", "ours", "most_a_year", "meal_before_minutes"),
    )
    about = [library.cite(item) for item in fields["about"].items()] if "about" in fields else []
    return Routine(
        name=name,
        names=_texts(fields.get("names")),
        suggest=_texts(fields.get("suggest")),
        about=tuple(citation for citation in about if citation is not None),
        minutes=tuple(_minutes(fields.get("minutes"), library)),
        course=tuple(_sourced_list(fields.get("course"), library)),
        region=fields["region"].text() if "region" in fields else "",
        technique=fields["technique"].text() if "technique" in fields else "",
        checks=tuple(_checks(fields.get("checks"), rulebook)),
        steps=tuple(_steps(fields.get("steps"), library)),
        most_a_year=fields["most_a_year"].integer() if "most_a_year" in fields else None,
        meal_before_minutes=fields["meal_before_minutes"].integer() if "meal_before_minutes" in fields else None,
    )


def _texts(value: YamlValue | None) -> dict[str, str]:
    if value is None:
        return {"en": ""}
    return {language: text.text() for language, text in value.fields(required=("en", "ru")).items()}


def _minutes(value: YamlValue | None, library: Library) -> list[tuple[int, Citation]]:
    found = []
    for item in value.items() if value is not None else ():
        fields = item.fields(required=("value", "passage"))
        citation = library.cite(fields["passage"]) if "passage" in fields else None
        if "value" in fields and citation is not None:
            found.append((fields["value"].integer(), citation))
    return found


def _sourced_list(value: YamlValue | None, library: Library) -> list[Sourced]:
    items = value.items() if value is not None else ()
    found = [_sourced(item.fields(required=("en", "ru", "passage")), library) for item in items]
    return [sourced for sourced in found if sourced is not None]


def _steps(value: YamlValue | None, library: Library) -> list[Step]:
    found = []
    for item in value.items() if value is not None else ():
        fields = item.fields(required=("en", "ru", "passage", "seconds", "stroke", "zones"))
        sourced = _sourced(fields, library)
        seconds = fields["seconds"].integer() if "seconds" in fields else 1
        if seconds < 1:
            fields["seconds"].problem("a step takes at least a second")
        stroke = fields["stroke"].choice(STROKES) if "stroke" in fields else None
        zones = [zone.choice(ZONES) for zone in fields["zones"].items()] if "zones" in fields else []
        if sourced is not None and stroke is not None:
            named = tuple(zone for zone in zones if zone is not None)
            found.append(Step(what=sourced, seconds=max(1, seconds), stroke=stroke, zones=named))
    return found


def _sourced(fields: Mapping[str, YamlValue], library: Library) -> Sourced | None:
    citation = library.cite(fields["passage"]) if "passage" in fields else None
    texts: dict[str, str] = {name: fields[name].text() for name in fields if name in {"en", "ru"}}
    return Sourced(texts=texts, citation=citation) if citation is not None and "en" in texts else None


def _checks(value: YamlValue | None, rulebook: Rulebook) -> list[str]:
    names = []
    for item in value.items() if value is not None else ():
        name = item.text()
        if name in rulebook.conditions:
            names.append(name)
        else:
            item.problem(f"'{name}' is not a condition{did_you_mean(name, rulebook.conditions)}")
    return names
