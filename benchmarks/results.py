"""What was measured, in the form of the contract: `{name: {ratio, ours, peer, unit, runs}}`."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "benchmarks" / "results.json"
ABOUT = "_about"
_LIBRARIES = (
    "aiogram aiohttp bm25s numpy orjson python-telegram-bot rank-bm25 rapidfuzz sqlalchemy tantivy uvloop".split()
)

Results = dict[str, dict[str, Any]]


def compared(ours: Sequence[float], peer: Sequence[float], unit: str) -> dict[str, Any]:
    """Two things measured side by side: the medians, and the median of the ratios of each round."""
    ratios = [one / other for one, other in zip(ours, peer, strict=True)]
    return {
        "ratio": _short(statistics.median(ratios)),
        "ours": _short(statistics.median(ours)),
        "peer": _short(statistics.median(peer)),
        "unit": unit,
        "runs": [[_short(one), _short(other)] for one, other in zip(ours, peer, strict=True)],
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def merged(found: Results) -> Results:
    """Adds to what earlier runs measured, and writes it all down; the machine of each run is kept."""
    known: Results = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    about = machine()
    for name, result in found.items():
        known[name] = {**result, "at": about["at"], "load": about["load"]}
    known[ABOUT] = about
    text = json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")
    return known


def machine() -> dict[str, Any]:
    """Where and with what it was measured."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "cpu": _processor(),
        "load": round(os.getloadavg()[0], 1),
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()}",
        "versions": {name: version(name) for name in _LIBRARIES},
    }


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
