"""What is a figure, when does it hold, and how is it written down?"""

# ruff: noqa: E501, ISC004  a measurement waits, polls, prints

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Numbers of one run, and for some of them how large they may be at most."""

    numbers: Mapping[str, float]
    at_most: Mapping[str, float]

    @property
    def broken(self) -> list[str]:
        """The numbers that are too large, or missing."""
        return [name for name, bound in self.at_most.items() if not self.numbers.get(name, float("inf")) <= bound]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measurement. `run` is told whether the long form is wanted; the short one is part of the tests."""

    name: str
    says: str
    run: Callable[[bool], Measured]

    def short(self) -> Measured:
        """The form that the tests run."""
        return self.run(False)  # noqa: FBT003  the only choice there is


def write_down(figure: Figure, measured: Measured, *, long: bool, seconds: float, folder: Path = DOCS) -> None:
    """Puts a result into figures.json, in place of an earlier one of that name, and renders FIGURES.md anew."""
    folder.mkdir(exist_ok=True)
    file = folder / "figures.json"
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    known[figure.name] = {
        "says": figure.says,
        "form": "long" if long else "short",
        "command": f"python -m benchmarks.figures {'' if long else '--short '}{figure.name}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "load_before": round(os.getloadavg()[2], 1),
        "seconds": round(seconds, 1),
        "holds": not measured.broken,
        **asdict(measured),
    }
    file.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n")
    (folder / "FIGURES.md").write_text(rendered(known))


def rendered(known: Mapping[str, Mapping[str, Any]]) -> str:
    """The page for readers."""
    parts = [
        "# Figures\n",
        "Written by `make figures` (`python -m benchmarks.figures [name …]`); the numbers stand in `figures.json`.",
        "Each run kills, floods or deceives the bot and counts what became of every message. *Short* is the form that",
        "`make test` runs too. The machine has other work meanwhile (its load is told), so times are upper bounds.\n",
    ]
    for name, one in sorted(known.items()):
        parts += [
            f"## {name}\n",
            f"{one['says']}\n",
            f"**{'Holds' if one['holds'] else 'Does not hold'}** · {one['form']} form · {one['date']} · "
            f"{one['seconds']} s · {one['machine']}, load {one['load_before']} · `{one['command']}`\n",
            "| number | measured | at most |",
            "|---|---|---|",
            *(f"| {key} | {value:g} | {_bound(one, key)} |" for key, value in one["numbers"].items()),
            "",
        ]
    return "\n".join(parts)


def _bound(one: Mapping[str, Any], key: str) -> str:
    return f"{one['at_most'][key]:g}" if key in one["at_most"] else ""
