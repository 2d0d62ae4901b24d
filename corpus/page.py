"""Which passages does a Markdown page hold?

A page is an article in our own words, or the bot's own notes; corpus/README.md shows the format. Headings of level 2
are sections, of level 3 passages; `{…}` at the end of a heading or block carries the id and the original's lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from corpus.passage import Block, BlockKind, Document, Lines, Passage, PassageId, merge_lines
from corpus.vocabulary import LANGUAGES
from corpus.yaml_source import Place, Problems, did_you_mean, parse_yaml, read_text

_HEADING: Final = re.compile(r"(#{1,6}) +(.*)")
_BRACES: Final = re.compile(r"\{([^{}]*)\}\s*$")
_INSIDE: Final = re.compile(r"\S+")
_BULLET: Final = re.compile(r"[-*•] +(.*)")
_STEP: Final = re.compile(r"(\d{1,3})[.)] +(.*)")
_META: Final = re.compile(r"(ru|en|de|es|find(?:-[a-z]+)?): *(.*)")
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PASSAGE_NAMES: Final = frozenset({"lines", "only-for"})
EDITIONS: Final = ("own-words", "verbatim")
"""Whose words a page holds: ours, or its publisher's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document, its passages in order, and the original's lines that its headings render."""

    document: Document
    passages: tuple[Passage, ...]
    heading_lines: tuple[Lines, ...]
    heading_places: tuple[Place, ...]
    """Where each run of `heading_lines` is named."""
    places: Mapping[PassageId, Place]
    """Where each passage's heading stands."""
    file: str
    """The page's own name, for messages."""


@dataclass(slots=True)
class _Draft:
    """A passage while its lines are being read."""

    id: str
    title: str
    place: Place
    lines: tuple[Lines, ...]
    only_for: str | None
    blocks: list[tuple[BlockKind, int, str, Place]] = field(default_factory=list)
    summary: dict[str, str] = field(default_factory=dict)
    search_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    in_meta: bool = True


class _Reader:
    def __init__(self, file: str, document: Document, problems: Problems, *, own_notes: bool) -> None:
        self._file = file
        self._document = document
        self._problems = problems
        self._own_notes = own_notes
        self._section = ""
        self._section_is_ours = False
        self._draft: _Draft | None = None
        self._open_block = False
        self.passages: list[Passage] = []
        self.places: dict[PassageId, Place] = {}
        self.heading_lines: list[Lines] = []
        self.heading_places: list[Place] = []

    def read(self, number: int, line: str) -> None:
        heading = _HEADING.match(line)
        if heading:
            self._heading(number, len(heading[1]), heading[2])
        elif not line.strip():
            self._open_block = False
            if self._draft is not None and (self._draft.summary or self._draft.search_words or self._draft.blocks):
                self._draft.in_meta = False
        elif self._draft is None:
            self._problem(number, 1, "text stands outside a passage; give it a '### Title {#id lines=…}' above")
        else:
            self._content(self._draft, number, line)

    def finish(self) -> None:
        self._close_passage()

    def _problem(self, number: int, column: int, message: str) -> None:
        self._problems.add(Place(self._file, number, column), message)

    def _heading(self, number: int, level: int, text: str) -> None:
        self._close_passage()
        self._open_block = False
        braces = _BRACES.search(text)
        title = text[: braces.start()].strip() if braces else text.strip()
        before = level + 2
        inside = (
            [(word[0], word.start() + braces.start(1) + before) for word in _INSIDE.finditer(braces[1])]
            if braces
            else []
        )
        if level == 3:
            self._open_passage(number, title, inside)
            return
        for word, column in inside:
            name, _, value = word.partition("=")
            if name == "lines":
                runs = self._lines(number, column, value)
                self.heading_lines.extend(runs)
                self.heading_places.extend(Place(self._file, number, column) for _ in runs)
            elif word != "editor":
                self._problem(
                    number, column, f"'{word}' is not known in a heading{did_you_mean(word, ['lines=1', 'editor'])}"
                )
        if level == 2:
            self._section = title
            self._section_is_ours = any(word == "editor" for word, _ in inside)

    def _open_passage(self, number: int, title: str, inside: list[tuple[str, int]]) -> None:
        passage_id, only_for = "", None
        lines: tuple[Lines, ...] = (Lines(number, number),) if self._own_notes else ()
        named = False
        for word, column in inside:
            name, _, value = word.partition("=")
            if word.startswith("#"):
                passage_id = word[1:]
            elif name == "lines":
                named = True
                lines = self._lines(number, column, value)
            elif name == "only-for":
                only_for = value
            else:
                known = ["#id", *sorted(_PASSAGE_NAMES)]
                self._problem(number, column, f"'{word}' is not known here{did_you_mean(name, known)}")
        if not passage_id:
            self._problem(number, 1, "the passage has no id; end its heading with {#document-topic lines=…}")
        elif not _ID.fullmatch(passage_id):
            self._problem(number, 1, f"'#{passage_id}' is no id; use small letters, digits and hyphens: #neck-course")
        if not title:
            self._problem(number, 1, "the passage has no title; write a few words before the {…}")
        if not lines:
            if not named:
                self._problem(number, 1, "the passage names no lines of the original; add lines=… to its heading")
            lines = (Lines(number, number),)
        self._draft = _Draft(passage_id, title, Place(self._file, number), lines, only_for)

    def _lines(self, number: int, column: int, text: str) -> tuple[Lines, ...]:
        try:
            return merge_lines(Lines.parse(part) for part in text.split(","))
        except ValueError:
            self._problem(number, column, f"'{text}' is not a list of lines; write 8 or 8,10-13, the smaller one first")
            return ()

    def _content(self, draft: _Draft, number: int, line: str) -> None:
        meta = _META.match(line) if draft.in_meta and not draft.blocks else None
        if meta:
            self._meta(draft, number, meta[1], meta[2].strip())
            return
        stripped = line.strip()
        bullet, step = _BULLET.match(stripped), _STEP.match(stripped)
        place = Place(self._file, number, len(line) - len(line.lstrip()) + 1)
        if bullet:
            draft.blocks.append(("bullet", 0, bullet[1], place))
        elif step:
            draft.blocks.append(("step", int(step[1]), step[2], place))
        elif self._open_block:
            kind, shown_number, text, start = draft.blocks[-1]
            draft.blocks[-1] = (kind, shown_number, f"{text} {stripped}", start)
        else:
            draft.blocks.append(("paragraph", 0, stripped, place))
        self._open_block = True

    def _meta(self, draft: _Draft, number: int, name: str, value: str) -> None:
        if not name.startswith("find"):
            if name in draft.summary:
                self._problem(number, 1, f"'{name}:' stands here twice; write one summary on one line")
            draft.summary[name] = value
            return
        language = name.removeprefix("find").removeprefix("-") or "en"
        if language not in LANGUAGES:
            self._problem(
                number, 1, f"'{name}' is not known{did_you_mean(name, ['find', 'find-ru', 'find-de', 'find-es'])}"
            )
            return
        phrases = tuple(phrase.strip() for phrase in value.split(";") if phrase.strip())
        draft.search_words[language] = draft.search_words.get(language, ()) + phrases

    def _close_passage(self) -> None:
        draft, self._draft = self._draft, None
        if draft is None:
            return
        if not draft.blocks:
            self._problems.add(draft.place, "the passage has no text; write it below the heading")
            return
        if draft.id in self.places:
            self._problems.add(draft.place, f"the id '{draft.id}' is taken at {self.places[PassageId(draft.id)]}")
            return
        passage_id = PassageId(draft.id)
        self.places[passage_id] = draft.place
        self.passages.append(
            Passage(
                id=passage_id,
                document=self._document,
                section=self._section,
                section_is_ours=self._section_is_ours,
                title=draft.title,
                lines=draft.lines,
                blocks=tuple(self._block(draft, *block) for block in draft.blocks),
                summary=draft.summary,
                search_words=draft.search_words,
                only_for=draft.only_for,
            )
        )

    def _block(self, draft: _Draft, kind: BlockKind, shown_number: int, text: str, place: Place) -> Block:
        braces = _BRACES.search(text)
        lines = Lines(draft.lines[0].first, draft.lines[-1].last)
        if braces:
            text = text[: braces.start()].strip()
            named = self._lines(place.line, place.column, braces[1])
            lines = Lines(named[0].first, named[-1].last) if named else lines
            if named and not all(any(line in run for run in draft.lines) for run in named for line in run):
                self._problems.add(place, f"the block renders {braces[1]}, which the heading's lines= do not hold")
        elif self._own_notes:
            lines = Lines(place.line, place.line)
        elif len(draft.blocks) > 1 and kind != "paragraph":
            self._problems.add(place, "the list item does not say which line it renders; end it with {line}")
        return Block(kind=kind, text=text, lines=lines, number=shown_number)


def read_page(path: Path, problems: Problems, *, shown_as: str | None = None) -> Page | None:
    """Read one page; None when its front matter cannot be read. Mistakes are noted in `problems`."""
    file = shown_as or str(path)
    text = read_text(path, problems, shown_as=file)
    if text is None:
        return None
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:]):
        problems.add(Place(file), "does not begin with front matter; start with '---', 'doc: …', 'title: …', '---'")
        return None
    end = next(number for number, line in enumerate(lines[1:], 1) if line.strip() == "---")
    document = _front_matter("\n".join(lines[1:end]), file, problems)
    if document is None:
        return None
    reader = _Reader(file, document, problems, own_notes=not document.original_file)
    for number, line in enumerate(lines[end + 1 :], end + 2):
        reader.read(number, line)
    reader.finish()
    passages = tuple(reader.passages)
    if not document.original_file:
        passages = tuple(_with_own_lines(passage) for passage in passages)
    return Page(
        document=document,
        passages=passages,
        heading_lines=tuple(reader.heading_lines),
        heading_places=tuple(reader.heading_places),
        places=reader.places,
        file=file,
    )


def _with_own_lines(passage: Passage) -> Passage:
    """A note is its own original: it cites the lines of its own page."""
    return replace(passage, lines=merge_lines(block.lines for block in passage.blocks))


def _front_matter(text: str, file: str, problems: Problems) -> Document | None:
    value = parse_yaml(text, file, problems, first_line=2)
    before = len(problems.found)
    fields = value.fields(
        required=("doc", "title", "language", "edition"), optional=("publisher", "retrieved", "original")
    )
    original = fields["original"].fields(required=("file", "sha256")) if "original" in fields else {}
    if "language" in fields:
        fields["language"].choice(LANGUAGES)
    if "edition" in fields:
        fields["edition"].choice(EDITIONS)
    if "doc" in fields and not _ID.fullmatch(fields["doc"].text()):
        fields["doc"].problem("the document's id is made of small letters, digits and hyphens, such as 'neck'")
    if len(problems.found) > before or not {"doc", "title", "language", "edition"} <= fields.keys():
        return None
    return Document(
        id=fields["doc"].text(),
        title=fields["title"].text(),
        language=fields["language"].text(),
        publisher=fields["publisher"].text() if "publisher" in fields else "",
        retrieved=fields["retrieved"].text() if "retrieved" in fields else "",
        original_file=original["file"].text() if "file" in original else "",
        original_sha256=original["sha256"].text() if "sha256" in original else "",
        own_words=fields["edition"].text() == "own-words",
    )
