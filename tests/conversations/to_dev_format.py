"""Which lines would a scorer read? Writes the questions of this folder as JSON lines.

    python tests/conversations/to_dev_format.py search OUT.jsonl
    python tests/conversations/to_dev_format.py advice OUT.jsonl

`search` asks where an answer stands, `advice` what the rules say; each file in the two folders holds one
style of question. The rows have the fields that the development scorers read.

An entry of `search` has ask, id, lang, gold (lines that answer; none = the sources do not cover it), and
may have also (lines that help) and context (what the person said before, oldest first). An entry of
`advice` has ask, id, lang, intent (one, or all that will do), conditions, negated, verdict (accepted
classes, best first), cite (per condition, any of these lines), and may have context, alt (another name
accepted in place of a condition) and optional (conditions that may be named but need not be).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import yaml

Entry = dict[str, Any]
"""One question as its YAML file writes it."""

Row = dict[str, Any]
"""One question as a scorer reads it."""

HERE: Final = Path(__file__).parent

UNJUDGED_WORDING: Final = [["(wording is not judged here)"]]
"""A fact no reply contains: this set judges the place only, so the scorer's `mm` columns stay at zero."""

SUBTYPES: Final = {"unans_ood": "ood", "unans_near": "near"}

REASSURING: Final = {
    "en": ["safe", "go ahead", "you're fine", "no problem", "no contraindications"],
    "ru": ["безопасно", "смело", "без проблем", "противопоказаний нет", "нет противопоказаний"],
}
"""What no advice may say, in the language of the question."""

CALLS_FOR_HELP: Final = [
    "112",
    "103",
    "911",
    "999",
    "emergency",
    "ambulance",
    "скорую",
    "скорая",
    "скорой",
    "экстренн",
]
"""What the reply to an emergency must contain one of."""


def entries(kind: str) -> list[tuple[str, Entry]]:
    """Return every question of a kind with its style, which is the name of its file.

    Raises:
        ValueError: an id stands twice.
    """
    found = [
        (path.stem, entry)
        for path in sorted((HERE / kind).glob("*.yaml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    twice = [name for name, times in Counter(entry["id"] for _, entry in found).items() if times > 1]
    if twice:
        raise ValueError(f"these ids stand twice: {', '.join(twice)}")
    return found


def span(doc: str, lines: str) -> Row:
    """Turn "12" or "12-14" of an article into its first and last line."""
    start, _, end = lines.partition("-")
    return {"doc": doc, "start": int(start), "end": int(end or start)}


def spans(places: dict[str, list[str]]) -> list[Row]:
    """Turn `{neck: ["12", "30-32"]}` into spans, in the order written."""
    return [span(doc, lines) for doc, ranges in places.items() for lines in ranges]


def turns(context: list[str]) -> list[Row]:
    """Turn what the person said before into turns of a dialogue, oldest first."""
    return [{"role": "user", "text": text} for text in context]


def common(style: str, entry: Entry) -> Row:
    """Return the fields both kinds share."""
    row: Row = {"id": entry["id"], "question": entry["ask"], "lang": entry["lang"], "style": style}
    if "context" in entry:
        row["context"] = turns(entry["context"])
    return row


def search_row(style: str, entry: Entry) -> Row:
    """Return the row for a question that a passage answers, or that the sources do not cover."""
    gold = [place | {"grade": 2} for place in spans(entry["gold"])]
    gold += [place | {"grade": 1} for place in spans(entry.get("also", {}))]
    row = common(style, entry) | {
        "gold": gold,
        "must_mention": UNJUDGED_WORDING if gold else [],
        "answerable": bool(gold),
    }
    return row if gold else row | {"subtype": SUBTYPES.get(style, style)}


def advice_row(style: str, entry: Entry) -> Row:
    """Return the row for a question that the rules judge.

    An accepted class "none" means no verdict at all; an empty list of classes accepts nothing else.
    """
    intents = entry["intent"] if isinstance(entry["intent"], list) else [entry["intent"]]
    classes = [None if name == "none" else name for name in entry["verdict"]] or [None]
    expected: Row = {
        "intent": intents[0],
        "intent_any_of": intents,
        "conditions": entry["conditions"],
        "conditions_alt": entry.get("alt", {}),
        "optional_conditions": entry.get("optional", []),
        "negated": entry["negated"],
        "verdict": classes[0],
        "verdict_any_of": classes,
        "must_cite": [place | {"for": group} for group, places in entry["cite"].items() for place in spans(places)],
        "may_cite": [],
        "must_not_say": REASSURING.get(entry["lang"], REASSURING["en"]),
    }
    if intents[0] == "emergency":
        expected["must_say_any"] = CALLS_FOR_HELP
    return common(style, entry) | {"expected": expected}


ROWS: Final = {"search": search_row, "advice": advice_row}


def convert(kind: str) -> str:
    """Return all questions of a kind ("search" or "advice") as JSON lines."""
    return "".join(json.dumps(ROWS[kind](style, entry), ensure_ascii=False) + "\n" for style, entry in entries(kind))


def main(arguments: list[str]) -> int:
    """Write the file named last; return 2 when the words on the command line are wrong."""
    match arguments:
        case [("search" | "advice") as kind, out]:
            Path(out).write_text(convert(kind), encoding="utf-8")
            return 0
        case _:
            sys.stderr.write("usage: to_dev_format.py search|advice OUT.jsonl\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
