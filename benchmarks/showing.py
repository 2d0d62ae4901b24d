"""How are the results shown? As a table with their targets (docs/SPEED.md) and as a chart (docs/speed.png)."""

# ruff: noqa: PLC0415 (imports are part of what is measured)

from __future__ import annotations

import json
from typing import Any

from benchmarks.results import ABOUT, FILE, ROOT

DOCS = ROOT / "docs"
TARGETS: dict[str, float] = {
    "message/durable/ptb/seq": 0.6,
    "message/durable/ptb/burst": 0.8,
    "message/memory/ptb/seq": 0.45,
    "message/memory/ptb/burst": 0.6,
    "message/memory/aiogram/seq": 1.0,
    "message/memory/aiogram/burst": 1.1,
    "message/durable/aiogram/seq": 1.4,
    "message/durable/aiogram/burst": 1.4,
    "webhook/ptb": 0.6,
    "search/rank_bm25/150": 1 / 4,
    "search/rank_bm25/1000": 1 / 10,
    "search/rank_bm25/10000": 1 / 100,
    "search/rank_bm25/100000": 1 / 500,
    "search/bm25s/150": 0.9,
    "search/bm25s/1000": 0.9,
    "search/bm25s/10000": 0.5,
    "search/bm25s/100000": 0.2,
    "search/tantivy/150": 1.2,
    "search/tantivy/1000": 1.2,
    "search/tantivy/10000": 1.0,
    "search/tantivy/100000": 1.5,
    "search/memory-100000/rank_bm25": 0.25,
    "start/ptb": 1.3,
    "idle-memory/aiogram": 0.75,
    "people/100000-vs-10": 1.1,
    "ask/question": 1.0,
    "ask/question-misspelt": 1.0,
    "ask/4096-characters": 1.0,
    "ask/read-content": 1.0,
}
AT_LEAST: dict[str, float] = {"message/slow-api/ptb": 5.0}
"""Where more is better."""


def show() -> None:
    """Writes the table and, where matplotlib is there, the chart."""
    results: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    DOCS.mkdir(exist_ok=True)
    (DOCS / "SPEED.md").write_text(_table(results), encoding="utf-8")
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        return
    mpl.use("Agg")
    _chart(results)


def _table(results: dict[str, dict[str, Any]]) -> str:
    about = results[ABOUT]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines = [
        "# Speed",
        "",
        "Written by `make bench` (`python -m benchmarks.run`); edit nothing here. Every figure is ours ÷ peer, both",
        "measured side by side: rounds interleaved, order rotated, the median of the rounds' ratios. The bots' CPU is",
        "that of their own process; the local Bot API and the load run in another. benchmarks/results.json holds",
        "every round.",
        "",
        f"Machine: {about['cpu']}, {about['cores']} cores, {about['system']}, Python {about['python']}.",
        f"{versions}. Load on the machine when last measured: {about['load']}.",
        "",
        "![ratios](speed.png)",
        "",
        "| what | ratio | target | met | ours | peer | unit | rounds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        if name != ABOUT:
            target, met = _judged(name, result["ratio"])
            cells = (
                name,
                result["ratio"],
                target,
                met,
                result["ours"],
                result["peer"],
                result["unit"],
                len(result["runs"]),
            )
            lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _judged(name: str, ratio: float) -> tuple[str, str]:
    if name in AT_LEAST:
        return f"≥ {AT_LEAST[name]:.3g}", "yes" if ratio >= AT_LEAST[name] else "no"
    if name in TARGETS:
        return f"≤ {TARGETS[name]:.3g}", "yes" if ratio <= TARGETS[name] else "no"
    return "", ""


def _chart(results: dict[str, dict[str, Any]]) -> None:
    import matplotlib.pyplot as plt

    names = [name for name in results if name in TARGETS][::-1]
    shares = [results[name]["ratio"] / TARGETS[name] for name in names]
    figure, axes = plt.subplots(figsize=(9, 0.28 * len(names) + 1.2))
    axes.barh(names, shares, color=["#2a7f62" if share <= 1 else "#b5523b" for share in shares])
    axes.axvline(1, color="#333333", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("measured ratio ÷ its target (left of the line: met)")
    axes.tick_params(axis="y", labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(DOCS / "speed.png", dpi=110)
    plt.close(figure)
