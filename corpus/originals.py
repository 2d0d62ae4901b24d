"""What do the originals say, line by line?

Where the originals are on disk (`SOURCES_DIR`), replies quote their lines verbatim, cut by line number. A file that is
not the one our edition was made from is refused: its line numbers would point elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.passage import Document, Lines, Passage


class WrongOriginal(Exception):
    """The file is missing, or is not the original that our edition renders."""


@dataclass(frozen=True, slots=True)
class Originals:
    """The originals' lines by document id; documents without an original are absent."""

    lines: Mapping[str, tuple[str, ...]]

    def text(self, passage: Passage) -> str | None:
        """The passage's lines verbatim, joined by line ends; None when its original is not at hand."""
        return self.at(passage.document.id, passage.lines)

    def at(self, document_id: str, runs: Iterable[Lines]) -> str | None:
        """These lines of a document verbatim, without blank ones; None when the original is not at hand."""
        lines = self.lines.get(document_id)
        if lines is None:
            return None
        return "\n".join(lines[number - 1].strip() for run in runs for number in run if lines[number - 1].strip())


NO_ORIGINALS = Originals({})
"""What the bot works with when `SOURCES_DIR` is not set: it shows our edition and says so."""


def read_originals(folder: Path, documents: Iterable[Document]) -> Originals:
    """Read and check every document's original; raises `WrongOriginal` with what to do about it."""
    found: dict[str, tuple[str, ...]] = {}
    for document in documents:
        if not document.original_file:
            continue
        path = folder / document.original_file
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WrongOriginal(
                f"{path} cannot be read ({error.strerror}). Put the original of '{document.id}' there, "
                "or unset SOURCES_DIR to show our own edition."
            ) from error
        digest = hashlib.sha256(data).hexdigest()
        if digest != document.original_sha256:
            raise WrongOriginal(
                f"{path} is not the original that the edition '{document.id}' was made from "
                f"(sha256 {digest[:12]}…, expected {document.original_sha256[:12]}…). "
                "Restore the file, or unset SOURCES_DIR to show our own edition."
            )
        found[document.id] = tuple(data.decode("utf-8").splitlines())
    return Originals(found)
