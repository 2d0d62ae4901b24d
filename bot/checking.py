"""Does all content hold together?

`massage-bot check` reads everything that is written rather than programmed, collects every problem, and proves what
reading alone does not: each line of the originals is accounted for, each example holds, nothing reassures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from bot.assemble import CORPUS, INTENTS, ROOT, Content, read_content
from corpus.coverage import note_uncovered
from corpus.library import ARTICLES, Library, read_left_out
from corpus.originals import NO_ORIGINALS, Originals, WrongOriginal, read_originals
from corpus.page import Page
from corpus.yaml_source import Place, Problem, Problems, did_you_mean
from intents.proving import note_broken, promises
from intents.reassurance import FORBIDDEN, note_reassurances, read_reassurances
from intents.wording import SPOKEN

SHARED_SOURCES: Final = ROOT.parent / "shared" / "sources"
"""Where the originals lie beside a developer's checkout."""
_EXAMPLES_REST_ON: Final = ("intents/cues", "intents/measures", "intents/scopes", "corpus/vocabulary")
_QUIET: Final = 1.0
"""Seconds of work without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """All problems in the order of the files, and how much was looked at."""

    problems: tuple[Problem, ...]
    passages: int
    conditions: int
    spellings: int
    examples: int
    """Sentences tried; 0 when they were not asked for, or when what they all rest on cannot be read."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check(
    *,
    corpus: Path = CORPUS,
    intents: Path = INTENTS,
    overlay: Path | None = None,
    sources: Path | None = None,
    examples: bool = True,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Checked:
    """Read and prove all content.

    Args:
        corpus: the folder of articles, notes and vocabulary.
        intents: the folder of rules, cues and wording.
        overlay: a clinic's own rule files, which may only add or tighten.
        sources: the folder of the originals; without it their lines cannot be counted.
        examples: whether to try every `asked` and `not_asked` sentence.
        progress: hears how many of how many sentences have been tried.
    """
    problems = Problems()
    content = read_content(corpus=corpus, intents=intents, rules_overlay=overlay, problems=problems)
    library = content.library
    originals = _originals(sources, library, problems)
    note_uncovered(library, read_left_out(corpus, problems), originals, problems)
    _note_passages_nobody_can_find(content, problems)
    _note_lines_no_block_renders(library, problems)
    _note_reassurances(content, corpus, intents, overlay, problems)
    made = promises(content.rulebook, content.reader, content.red_flags) if examples else []
    if any(file.startswith(_EXAMPLES_REST_ON) for file in problems.unreadable):
        made = []
    note_broken(made, problems, progress=progress)
    return Checked(
        problems=tuple(sorted(set(problems.found))),
        passages=len(library.passages),
        conditions=len(content.rulebook.conditions),
        spellings=len(content.rulebook.spellings),
        examples=len(made),
    )


def print_check(checked: Checked, out: TextIO) -> int:
    """Print the problems and their count, or "ok" with what was looked at; returns the exit status."""
    out.writelines(f"{problem}\n" for problem in checked.problems)
    if checked.problems:
        word = "problem" if len(checked.problems) == 1 else "problems"
        out.write(f"{len(checked.problems)} {word}\n")
        return 1
    out.write(
        f"ok: {checked.passages} passages, {checked.conditions} conditions, {checked.spellings} spellings, "
        f"{checked.examples} examples\n"
    )
    return 0


def run_check(
    out: TextIO, err: TextIO, *, corpus: Path | None = None, overlay: Path | None = None, sources: Path | None = None
) -> int:
    """`massage-bot check`: the shipped content or another corpus, with the originals where they can be found.

    After a second of work it says on `err` how far it has got.
    """
    place = sources if sources is not None else SHARED_SOURCES if SHARED_SOURCES.is_dir() else None
    if place is None:
        err.write("The originals are not at hand (SOURCES_DIR): their lines are not counted.\n")
    progress = _Progress(err)
    checked = check(corpus=corpus or CORPUS, overlay=overlay, sources=place, progress=progress.told)
    progress.finish()
    return print_check(checked, out)


class _Progress:
    """One line that is written over, once the work has taken more than a second."""

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._last = time.monotonic()
        self._shown = False

    def told(self, done: int, everything: int) -> None:
        now = time.monotonic()
        if now - self._last > _QUIET:
            self._last, self._shown = now, True
            self._err.write(f"\r{done} of {everything} examples tried")
            self._err.flush()

    def finish(self) -> None:
        if self._shown:
            self._err.write("\n")


def _originals(sources: Path | None, library: Library, problems: Problems) -> Originals:
    """Each document's original; one that is missing or changed is noted, and the others are still compared."""
    if sources is None:
        return NO_ORIGINALS
    found: dict[str, tuple[str, ...]] = {}
    for page in library.pages:
        try:
            found |= read_originals(sources, [page.document]).lines
        except WrongOriginal as error:
            problems.add(Place(page.file), str(error))
    return Originals(found)


def _note_passages_nobody_can_find(content: Content, problems: Problems) -> None:
    for page in content.library.pages:
        for passage in page.passages:
            concept = passage.only_for
            if concept is not None and concept not in content.vocabulary.concepts:
                known = did_you_mean(concept, content.vocabulary.concepts)
                problems.add(
                    page.places[passage.id], f"only-for={concept} names no concept of corpus/vocabulary{known}"
                )


def _note_lines_no_block_renders(library: Library, problems: Problems) -> None:
    for page in library.pages:
        for passage in page.passages:
            for run in passage.lines:
                for line in run:
                    if passage.block_of_line(line) is None:
                        problems.add(
                            page.places[passage.id],
                            f"lines= names line {line}, but no block of the passage ends with {{{line}}}; add it there",
                        )


def _note_reassurances(content: Content, corpus: Path, intents: Path, overlay: Path | None, problems: Problems) -> None:
    wording = intents / "wording"
    rules: dict[Path, str] = {path: f"intents/rules/{path.name}" for path in sorted((intents / "rules").glob("*.yaml"))}
    rules[intents / "red_flags.yaml"] = "intents/red_flags.yaml"
    rules |= {path: str(path) for path in sorted(overlay.glob("*.yaml"))} if overlay is not None else {}
    shown = {wording / f"{language}.yaml": f"intents/wording/{language}.yaml" for language in SPOKEN}
    shown[corpus / "disclaimer.yaml"] = "corpus/disclaimer.yaml"
    shown[intents / "profile.yaml"] = "intents/profile.yaml"
    note_reassurances(
        reassurances=read_reassurances(wording / FORBIDDEN, content.library, problems),
        pages=_files(content, corpus),
        shown_files=rules,
        wording=shown,
        problems=problems,
    )


def _files(content: Content, corpus: Path) -> Mapping[Path, Page]:
    articles = {corpus / ARTICLES / Path(page.file).name: page for page in content.library.pages}
    notes = {corpus / "notes" / Path(page.file).name: page for page in content.notes.pages}
    return articles | notes
