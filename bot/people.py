"""Who is known to the bot, and where did a conversation stop?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a person agreed to and chose. `data` is JSON text of the caller; the store never looks inside."""

    person_id: int
    consent: datetime | None = None
    language: str | None = None
    zone: str | None = None
    data: str = "{}"
    created: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is looked up for every message, at once: where the conversation stands, and who the person is."""

    dialog: Dialog | None = None
    person: Person | None = None
    has_reminders: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """Where a conversation stands. It is not found any more once `expires` has passed.

    `version` belongs to the caller: it says which shape `data` (JSON text) has.
    """

    chat_id: int
    person_id: int
    step: str
    data: str
    version: int
    expires: datetime
    wake: datetime | None = None
    """When the conversation goes on by itself; None while it only waits for the person."""
