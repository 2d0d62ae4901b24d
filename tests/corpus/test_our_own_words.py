"""Our edition and everything around it is written by us: no eight words in a row stand in the originals too."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.originals import ROOT, originals_folder

RUN = 8
_WORD = re.compile(r"[^\W_]+")
_FOLDER = originals_folder()


def runs(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every eight words in a row, in lower case, with the line the first stands on."""
    words = [(match.start(), match[0].casefold()) for match in _WORD.finditer(text)]
    for number in range(len(words) - RUN + 1):
        yield words[number][0], tuple(word for _, word in words[number : number + RUN])


def tracked() -> list[Path]:
    """All files under version control, or all files where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        hidden = {".venv", ".git", "node_modules"}
        return [path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.relative_to(ROOT).parts)]
    return [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]


@pytest.mark.skipif(_FOLDER is None, reason="the originals are not at hand")
def test_no_tracked_text_shares_eight_words_in_a_row_with_an_original() -> None:
    assert _FOLDER is not None
    theirs = {run for path in sorted(_FOLDER.glob("*.txt")) for _, run in runs(path.read_text(encoding="utf-8"))}
    shared = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        if path.name == "uv.lock":
            continue
        for start, run in runs(text):
            if run in theirs:
                line = text.count("\n", 0, start) + 1
                shared.append(f"{path.relative_to(ROOT)}:{line}: {' '.join(run)}")
    assert shared == []


def test_eight_shared_words_would_be_seen() -> None:
    text = "One two three, FOUR five six.\nSeven eight nine."
    assert [run for _, run in runs(text)] == [
        ("one", "two", "three", "four", "five", "six", "seven", "eight"),
        ("two", "three", "four", "five", "six", "seven", "eight", "nine"),
    ]
