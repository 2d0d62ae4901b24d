"""What can be said at all?

A `Reply` cannot be built without at least one citation and a disclaimer: there are no defaults for them. Even "I do not
know", a greeting or an error cites the bot's own notes. Whoever sends takes a `Reply` and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from corpus.passage import Citation, Disclaimer

Tone = Literal["answer", "verdict", "emergency", "not_covered", "note", "reminder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button: what it says, and the one thing it does."""

    label: str
    press: str = ""
    """What pressing it sends back to the conversation."""
    link: str = ""
    """The address it opens instead."""
    copy: str = ""
    """The text it puts on the clipboard instead."""

    def __post_init__(self) -> None:
        if not self.label.strip():
            raise ValueError("a button needs a label")
        if sum(map(bool, (self.press, self.link, self.copy))) != 1:
            raise ValueError(f"a button does one thing: {self.label!r}")
        if len(self.press.encode()) > 64:
            raise ValueError(f"a press must be 1 to 64 bytes, as Telegram demands: {self.press!r}")
        if len(self.copy) > 256:
            raise ValueError(f"Telegram copies 1 to 256 characters: {self.copy!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a reply; the reply's words become its caption."""

    kind: Literal["document", "photo"]
    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A citation as a reply shows it: in full with the answering words marked, or by its place only."""

    citation: Citation
    verbatim: str | None = None
    """The original's own lines, where they are at hand; otherwise our edition's text is shown, and said to be ours."""
    summary: str = ""
    """Our summary in the reader's language, where the passage is in another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One thing the bot says; the only thing that can be sent.

    Raises ValueError when it cites nothing.
    """

    tone: Tone
    language: str
    lead: str
    """Our own words above the quotes; may be empty when the quote speaks for itself."""
    quotes: tuple[Quoted, ...]
    disclaimer: Disclaimer
    see_also: tuple[Citation, ...]
    choices: tuple[tuple[Choice, ...], ...]
    """Rows of buttons."""
    attachment: Attachment | None = None

    def __post_init__(self) -> None:
        if not self.quotes:
            raise ValueError("a reply without a source cannot be said")

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the reply rests on, in order."""
        return tuple(quoted.citation for quoted in self.quotes)
