"""Which passages are there: all of them, by id, by line of the original, around one?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.page import Page, read_page
from corpus.passage import Citation, Document, Passage, PassageId
from corpus.yaml_source import Place, Problems, YamlValue, did_you_mean, read_yaml

ARTICLES = "articles"
LEFT_OUT = "left_out"
_LAST_LINE = 100_000
"""No original is longer; a figure beyond it is a slip of the keys."""


class Library:
    """The passages of some pages, in reading order."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages = tuple(pages)
        self.passages: tuple[Passage, ...] = tuple(passage for page in self.pages for passage in page.passages)
        self._by_id = {passage.id: passage for passage in self.passages}
        self._order = {passage.id: number for number, passage in enumerate(self.passages)}
        self._by_line: dict[tuple[str, int], Passage] = {}
        for passage in self.passages:
            for lines in passage.lines:
                for line in lines:
                    self._by_line.setdefault((passage.document.id, line), passage)

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents, in order."""
        return tuple(page.document for page in self.pages)

    def get(self, passage_id: str) -> Passage | None:
        """The passage with this id, or None."""
        return self._by_id.get(PassageId(passage_id))

    def at(self, document: str, line: int) -> Citation | None:
        """The block that renders a line of an original, as a citation; None when no passage does."""
        passage = self._by_line.get((document, line))
        if passage is None:
            return None
        block = passage.block_of_line(line)
        return Citation(passage=passage) if block is None else Citation.of_block(passage, block)

    def around(self, passage: Passage) -> tuple[Passage | None, Passage | None]:
        """The passages before and after one in its document; None at the ends."""
        number = self._order[passage.id]
        return self._neighbour(passage, number - 1), self._neighbour(passage, number + 1)

    def _neighbour(self, passage: Passage, number: int) -> Passage | None:
        if not 0 <= number < len(self.passages):
            return None
        other = self.passages[number]
        return other if other.document == passage.document and other.only_for is None else None

    def cite(self, value: YamlValue, says: YamlValue | None = None) -> Citation | None:
        """Read `neck:142` (with the words that stand there, if given) as a citation; mistakes are noted."""
        text = value.text()
        document, _, line = text.partition(":")
        if not line.isdigit():
            value.problem(f"'{text}' is not a place; write the document and the line, such as neck:142")
            return None
        if document not in {known.id for known in self.documents}:
            known = did_you_mean(document, [known.id for known in self.documents])
            value.problem(f"there is no document '{document}'{known}")
            return None
        citation = self.at(document, int(line))
        if citation is None:
            value.problem(f"no passage renders {text}; check the line, or add it to a passage's lines=")
            return None
        if says is None:
            return citation
        return _cite_words(citation, says)


def _cite_words(citation: Citation, says: YamlValue) -> Citation | None:
    """Narrow a citation to the words that carry it, in whichever block of those lines they stand."""
    words = says.text()
    passage = citation.passage
    lines = citation.lines
    for number, block in enumerate(passage.blocks):
        if any(block.lines.first <= run.last and run.first <= block.lines.last for run in lines):
            try:
                return Citation.of_block(passage, number, words)
            except ValueError:
                continue
    says.problem(f"'{words}' does not stand in passage {passage.id}, which says: {passage.text}")
    return citation


def read_library(folder: Path, problems: Problems, *, shown_as: str = "corpus") -> Library:
    """Read all pages of a corpus folder; mistakes are noted, pages that cannot be read are left out."""
    pages: list[Page] = []
    for path in sorted((folder / ARTICLES).glob("*.md")):
        page = read_page(path, problems, shown_as=f"{shown_as}/{ARTICLES}/{path.name}")
        if page is not None:
            pages.append(page)
    if not pages:
        problems.add(Place(f"{shown_as}/{ARTICLES}"), "holds no article page; add one as corpus/README.md shows")
    _note_repeated_ids(pages, problems)
    return Library(pages)


def _note_repeated_ids(pages: Sequence[Page], problems: Problems) -> None:
    taken: dict[PassageId, Place] = {}
    for page in pages:
        for passage_id, place in page.places.items():
            if passage_id in taken:
                problems.add(place, f"the id '{passage_id}' is taken at {taken[passage_id]}; ids are unique")
            taken.setdefault(passage_id, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Why a line of an original is rendered by no passage, and where that is written."""

    reason: str
    place: Place


def read_left_out(folder: Path, problems: Problems, *, shown_as: str = "corpus") -> Mapping[str, Mapping[int, LeftOut]]:
    """By document: which lines of the original are left out, and why."""
    found: dict[str, dict[int, LeftOut]] = {}
    for path in sorted((folder / LEFT_OUT).glob("*.yaml")):
        value = read_yaml(path, problems, shown_as=f"{shown_as}/{LEFT_OUT}/{path.name}")
        for entry in value.items():
            fields = entry.fields(required=("lines", "reason"))
            if len(fields) < 2:
                continue
            reason = fields["reason"].text()
            if not reason:
                fields["reason"].problem("the reason is empty; say why the lines are left out")
            lines = found.setdefault(path.stem, {})
            for line in _line_numbers(fields["lines"]):
                if line in lines:
                    fields["lines"].problem(f"line {line} is left out already at {lines[line].place}; name it once")
                lines[line] = LeftOut(reason=reason, place=fields["lines"].place)
    return found


def _line_numbers(value: YamlValue) -> list[int]:
    numbers: list[int] = []
    for part in value.text().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            value.problem(f"'{part}' is not a run of lines; write 3 or 3-11")
            continue
        if not 1 <= int(first) <= int(last or first) <= _LAST_LINE:
            value.problem(f"'{part}' is not a run of lines; write the smaller one first, from 1 to {_LAST_LINE}")
            continue
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers
