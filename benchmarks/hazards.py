"""How does the hazard log read for a clinician?

`python -m benchmarks.hazards` renders docs/clinical-safety/hazards.yaml to hazard-log.md; a test keeps them the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "clinical-safety"
SOURCE: Final = FOLDER / "hazards.yaml"
LOG: Final = FOLDER / "hazard-log.md"
GROUPS: Final = {
    "RF": "Emergencies",
    "POL": "Who has what",
    "WORD": "Understanding words",
    "VER": "The verdict",
    "SRC": "Sources and citations",
    "SAY": "How it is said",
    "OPS": "Chats, buttons, reminders, operation",
}
TO_BE_SIGNED: Final = 8
"""A remaining risk (severity times likelihood) from which on a clinician has to accept it by name."""
_HEAD: Final = """# Hazard log

Rendered from [hazards.yaml](hazards.yaml) by `python -m benchmarks.hazards`; edit that file, not this one.
Risk is severity (1 to 5) times likelihood (1 to 5), before and after the controls; what the figures mean is said there.
They are the authors' estimates. **No clinician has reviewed this log yet.**
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One thing that can go wrong for a person, and what stands against it."""

    id: str
    hazard: str
    cause: str
    harm: str
    severity: int
    before: int
    after: int
    control: str
    lives: tuple[str, ...]
    tests: tuple[str, ...]
    open: str

    @property
    def group(self) -> str:
        """The letters its id begins with."""
        return self.id.partition("-")[0]

    @property
    def risk(self) -> tuple[int, int]:
        """Before and after the controls."""
        return self.severity * self.before, self.severity * self.after


def read(text: str) -> list[Hazard]:
    """The hazards of a file; raises TypeError for a field that is missing or unknown."""
    items: list[dict[str, Any]] = yaml.safe_load(text)["hazards"]
    return [Hazard(**{**item, "lives": tuple(item["lives"]), "tests": tuple(item["tests"])}) for item in items]


def render(hazards: Sequence[Hazard]) -> str:
    """The log as Markdown."""
    return "\n".join([_HEAD, *_overview(hazards), *_entries(hazards)]).rstrip() + "\n"


def _overview(hazards: Sequence[Hazard]) -> Iterator[str]:
    yield f"{len(hazards)} hazards. Those whose remaining risk is {TO_BE_SIGNED} or more, or that no test shows:"
    yield ""
    yield "| id | hazard | before | after | test |"
    yield "|---|---|---|---|---|"
    for one in sorted(hazards, key=lambda one: -one.risk[1]):
        if one.risk[1] >= TO_BE_SIGNED or not one.tests:
            yield f"| {one.id} | {one.hazard} | {one.risk[0]} | {one.risk[1]} | {'yes' if one.tests else '**none**'} |"
    yield ""


def _entries(hazards: Sequence[Hazard]) -> Iterator[str]:
    for group, title in GROUPS.items():
        yield f"## {title}\n"
        for one in hazards:
            if one.group == group:
                yield from _entry(one)


def _entry(one: Hazard) -> Iterator[str]:
    yield f"### {one.id}: {one.hazard}\n"
    yield f"- Cause: {one.cause}."
    yield f"- Harm: {one.harm}."
    yield f"- Severity {one.severity}; likelihood {one.before}, then {one.after}."
    yield f"- Risk {one.risk[0]}, then {one.risk[1]}."
    yield f"- Control: {one.control}."
    yield f"- Lives in: {', '.join(f'`{place}`' for place in one.lives)}."
    yield f"- Shown by: {', '.join(f'`{test}`' for test in one.tests) or 'no test'}."
    yield f"- Left open: {one.open.removesuffix('.')}.\n"


if __name__ == "__main__":
    LOG.write_text(render(read(SOURCE.read_text(encoding="utf-8"))), encoding="utf-8")
