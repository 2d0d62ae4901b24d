"""Is every line of the originals rendered by a passage, or left out for a reason, and none both?"""

from __future__ import annotations

from collections.abc import Mapping

from corpus.library import LeftOut, Library
from corpus.originals import Originals
from corpus.page import Page
from corpus.yaml_source import Place, Problems


def note_uncovered(
    library: Library, left_out: Mapping[str, Mapping[int, LeftOut]], originals: Originals, problems: Problems
) -> None:
    """Note lines that are both rendered and left out and, where the originals are at hand, lines that are neither."""
    known = {page.document.id for page in library.pages}
    for document, lines in left_out.items():
        if document not in known:
            first = next(iter(lines.values()))
            problems.add(first.place, f"no page has 'doc: {document}'; name this file after the page's doc")
    for page in library.pages:
        if page.document.original_file:
            lines = left_out.get(page.document.id, {})
            _note_contradictions(page, lines, problems)
            original = originals.lines.get(page.document.id)
            if original is not None:
                _note_missing(page, lines, original, problems)


def _note_contradictions(page: Page, left_out: Mapping[int, LeftOut], problems: Problems) -> None:
    for line, holder in _rendered(page).items():
        if line in left_out:
            problems.add(
                left_out[line].place,
                f"line {line} of {page.document.original_file} is left out here and rendered at {holder}; keep one",
            )


def _note_missing(page: Page, left_out: Mapping[int, LeftOut], original: tuple[str, ...], problems: Problems) -> None:
    rendered = _rendered(page)
    for line, holder in rendered.items():
        if line > len(original):
            problems.add(holder, f"line {line} is beyond the end of {page.document.original_file}; check lines=")
    for line, entry in left_out.items():
        if line > len(original):
            problems.add(entry.place, f"line {line} is beyond the end of {page.document.original_file}; check lines:")
    for passage in page.passages:
        for run in passage.lines:
            ends = (end for end in {run.first, run.last} if end <= len(original) and not original[end - 1].strip())
            for end in ends:
                problems.add(
                    page.places[passage.id], f"line {end} of {page.document.original_file} is blank; check lines="
                )
    for line, text in enumerate(original, 1):
        if text.strip() and line not in rendered and line not in left_out:
            problems.add(
                _nearest(page, rendered, line),
                f"line {line} of {page.document.original_file} is rendered by no passage from here on; "
                f"write one with lines={line}, or give a reason in corpus/left_out/{page.document.id}.yaml",
            )


def _rendered(page: Page) -> dict[int, Place]:
    """By line of the original: where the page renders it."""
    found = {line: page.heading_places[number] for number, run in enumerate(page.heading_lines) for line in run}
    for passage in page.passages:
        for run in passage.lines:
            for line in run:
                found.setdefault(line, page.places[passage.id])
    return found


def _nearest(page: Page, rendered: Mapping[int, Place], line: int) -> Place:
    """The place that renders the nearest line before: what is missing belongs below it."""
    before = max((other for other in rendered if other < line), default=None)
    return Place(page.file) if before is None else rendered[before]
