"""What is a passage, and how is a place in a document cited?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType

PassageId = NewType("PassageId", str)
"""The id of a passage; given once, never changed."""

BlockKind = Literal["paragraph", "bullet", "step"]


@dataclass(frozen=True, slots=True, order=True)
class Lines:
    """A run of lines of an original, both ends included, counted from 1."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last:
            raise ValueError(f"lines {self.first}-{self.last} are not a run of lines")

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def __contains__(self, line: object) -> bool:
        return isinstance(line, int) and self.first <= line <= self.last

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    @classmethod
    def parse(cls, text: str) -> Lines:
        """Read `12` or `12-14`; raises ValueError for anything else."""
        first, dash, last = text.strip().partition("-")
        return cls(int(first), int(last if dash else first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A source: an article, or the bot's own notes."""

    id: str
    title: str
    language: str
    publisher: str = ""
    retrieved: str = ""
    original_file: str = ""
    original_sha256: str = ""
    own_words: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, list item or numbered step of a passage, with the original's lines it renders."""

    kind: BlockKind
    text: str
    lines: Lines
    number: int = 0
    """The step's number as shown; 0 for paragraphs and bullets."""

    @property
    def shown(self) -> str:
        """The block as a reader sees it, with its bullet or number."""
        match self.kind:
            case "paragraph":
                return self.text
            case "bullet":
                return f"• {self.text}"
            case "step":
                return f"{self.number}. {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passage:
    """What a reader wants to see at once: a paragraph, or a whole list with its lead-in.

    A passage is itself and equals no other.
    """

    id: PassageId
    document: Document
    section: str
    section_is_ours: bool
    """True when the article lost this heading and an editor restored it: searched, never quoted."""
    title: str
    """A short name given by our editors; shown on buttons."""
    lines: tuple[Lines, ...]
    blocks: tuple[Block, ...]
    summary: Mapping[str, str] = field(default_factory=dict)
    """Our one- or two-sentence summaries in other languages, by language."""
    search_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words people use for this, by language, given by our editors: searched, never shown."""
    only_for: str | None = None
    """A concept that the question must name for this passage to be found at all."""

    @property
    def text(self) -> str:
        """The whole passage as shown."""
        return "\n".join(block.shown for block in self.blocks)

    def block_of_line(self, line: int) -> int | None:
        """Which block renders this line of the original; the most specific one; None when the passage does not."""
        holding = [index for index, block in enumerate(self.blocks) if line in block.lines]
        return min(
            holding, key=lambda index: self.blocks[index].lines.last - self.blocks[index].lines.first, default=None
        )

    def renders(self, line: int) -> bool:
        """Whether this passage renders the line."""
        return any(line in lines for lines in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a passage's text by position: block index, then characters in the block's text."""

    block: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A passage and the stretch of it that carries the answer; the quote is cut from the passage, never typed.

    Raises ValueError when the stretch lies outside the passage: a citation that is not in its source cannot exist.
    """

    passage: Passage
    marked: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        for span in self.marked:
            if not 0 <= span.block < len(self.passage.blocks):
                raise ValueError(f"passage {self.passage.id} has no block {span.block}")
            if not 0 <= span.start < span.end <= len(self.passage.blocks[span.block].text):
                raise ValueError(f"passage {self.passage.id} has no text at {span}")

    @property
    def lines(self) -> tuple[Lines, ...]:
        """The original's lines that carry the answer: of the marked blocks, else of the whole passage."""
        if not self.marked:
            return self.passage.lines
        return merge_lines(self.passage.blocks[span.block].lines for span in self.marked)

    @property
    def place(self) -> str:
        """Where to find it, such as `neck 142` or `back 181, 209`."""
        return f"{self.passage.document.id} {', '.join(str(lines) for lines in self.lines)}"

    @classmethod
    def of_block(cls, passage: Passage, block: int, words: str = "") -> Citation:
        """Cite one block, or only `words` of it; raises ValueError when they do not stand there."""
        text = passage.blocks[block].text
        start = text.casefold().find(words.casefold()) if words else 0
        if start < 0:
            raise ValueError(f"'{words}' does not stand in passage {passage.id}: {text}")
        end = start + len(words) if words else len(text)
        return cls(passage=passage, marked=(Span(block=block, start=start, end=end),))


def merge_lines(lines: Iterable[Lines]) -> tuple[Lines, ...]:
    """The same lines in order, touching runs joined."""
    merged: list[Lines] = []
    for run in sorted(lines):
        if merged and run.first <= merged[-1].last + 1:
            merged[-1] = Lines(merged[-1].first, max(merged[-1].last, run.last))
        else:
            merged.append(run)
    return tuple(merged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclaimer:
    """The line that sends the reader to a doctor; every reply carries one."""

    text: str

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a disclaimer cannot be empty")
