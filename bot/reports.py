"""What may somebody report about an answer, and what is kept of it?

A reason out of a fixed list and where the answer came from; never a word of the person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

REASONS: Final = ("harm", "wrong", "missed", "other")
"""It did harm; it is wrong; it overlooked something said; something else."""
MOST_PLACES: Final = 6
KEPT: Final = timedelta(days=180)
"""How long a report is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report. A person reports once below each message; pressing another reason there changes it."""

    person_id: int
    message_id: int
    """The message whose buttons gave the reason."""
    at: datetime
    reason: str
    """One of `REASONS`."""
    verdict: str
    """The class of the verdict, or which kind of answer it was; empty when no answer is remembered."""
    places: tuple[str, ...]
    """What the answer cited, such as `neck 142`; at most `MOST_PLACES`."""
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted:
    """How often people said that answers resting on a passage first of all helped them, and how often not."""

    passage: str
    yes: int
    no: int
