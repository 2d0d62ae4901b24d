"""What does a button send back, and how is it read?

`v1:<act>:<argument>`, at most 64 bytes. Any client may send any data: what cannot be read is `None`, never an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VERSION: Final = "v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button by what it does and to what."""

    act: str
    argument: str = ""

    def __str__(self) -> str:
        return f"{VERSION}:{self.act}:{self.argument}"

    @classmethod
    def parse(cls, text: str) -> Press | None:
        """Read what a client sent; None when no button of ours sends such a thing."""
        version, _, rest = text.partition(":")
        act, colon, argument = rest.partition(":")
        if version != VERSION or not act or not colon:
            return None
        return cls(act=act, argument=argument)
