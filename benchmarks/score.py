"""How well does the bot answer: the development questions (when ../shared/dev is there) and our own?

`make score` prints the scorers' tables. Our own questions lie in tests/conversations and are turned into the scorers'
format by tests/conversations/to_dev_format.py. Answers are made by `massage-bot ask --jsonl`; its start is in the time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT.parent / "shared" / "dev"
SCORERS = {"search": "score_retrieval.py", "advice": "score_contra.py", "reminders": "score_reminders.py"}


def asked(gold: Path) -> str:
    """The questions of a gold file as input lines of `ask --jsonl`."""
    lines = []
    for line in gold.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        given = {"id": item["id"], "text": item.get("question") or item["text"]}
        given |= {name: item[name] for name in ("lang", "context", "tz", "now") if item.get(name)}
        lines.append(json.dumps(given, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def answered(kind: str, gold: Path, folder: Path) -> Path:
    """The bot's answers to a gold file, written beside it; prints how long they took."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "--jsonl"],
        input=asked(gold),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
    print(f"{gold.name}: {len(done.stdout.splitlines())} answers in {time.monotonic() - started:.2f} s, start included")
    out = folder / f"{gold.stem}.answers.jsonl"
    lines = done.stdout.splitlines()
    if kind == "reminders":
        lines = [json.dumps(_reminder(json.loads(line)), ensure_ascii=False) for line in lines]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return out


def _reminder(answer: dict[str, Any]) -> dict[str, Any]:
    """The fields the reminder scorer reads."""
    return {"id": answer["id"], **(answer["reminder"] or {})}


def score(kind: str, gold: Path, folder: Path, *, worst: int) -> None:
    """Print the table of one scorer."""
    answers = answered(kind, gold, folder)
    command = [sys.executable, str(DEV / SCORERS[kind])]
    if kind == "search":
        command += [str(answers), "--gold", str(gold), "--misses", str(worst)]
    else:
        command += [str(gold), str(answers), "--show", str(worst)]
    sys.stdout.flush()
    subprocess.run(command, check=False)


def main() -> None:
    """Score whatever is there; `--worst N` lists the N worst answers of each set."""
    worst = int(sys.argv[sys.argv.index("--worst") + 1]) if "--worst" in sys.argv else 0
    if not DEV.is_dir():
        print(f"{DEV} is not there: its scorers and questions are needed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, gold in (("search", "dev_retrieval"), ("advice", "dev_contra"), ("reminders", "dev_reminders")):
            print(f"\n=== development questions: {kind}")
            score(kind, DEV / f"{gold}.jsonl", folder, worst=worst)
        for kind in ("search", "advice"):
            print(f"\n=== our own questions: {kind}")
            gold_file = folder / f"own_{kind}.jsonl"
            converter = ROOT / "tests" / "conversations" / "to_dev_format.py"
            subprocess.run([sys.executable, str(converter), kind, str(gold_file)], check=True)
            score(kind, gold_file, folder, worst=worst)


if __name__ == "__main__":
    main()
