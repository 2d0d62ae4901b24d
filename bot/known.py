"""What does an answer know: what came in, what is remembered, what is stored of the person?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.changes import Change
from bot.incoming import Incoming
from bot.people import Person
from bot.reminders import Occurrence, Reminder
from bot.reply import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person, their reminders, and what became of each one's occurrences (by reminder id)."""

    person: Person | None = None
    reminders: Sequence[Reminder] = ()
    history: Mapping[str, Sequence[Occurrence]] = field(default_factory=dict)
    exported: str | None = None
    """Everything stored of the person as JSON text, where they asked for it."""

    @property
    def agreed(self) -> bool:
        """Whether the person agreed that reminders and settings are stored."""
        return self.person is not None and self.person.consent is not None

    def reminder(self, reminder_id: str) -> Reminder | None:
        """One of the person's reminders; never anybody else's."""
        return next((reminder for reminder in self.reminders if reminder.id == reminder_id), None)


NOTHING_KNOWN = Known()


Memory = Mapping[str, Any]
"""What is remembered of one conversation, JSON-ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where a conversation stands: what came in, in which language it goes on, what is remembered and known."""

    incoming: Incoming
    language: str
    memory: Memory
    known: Known = NOTHING_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A reply, what to remember, and what to change in what is stored."""

    reply: Reply
    memory: Memory
    effects: tuple[Change, ...] = ()
    in_place: bool = False
    """Whether it takes the place of the message whose button was pressed."""
    key: str | None = None
    """Under which the number of a new message can be looked up, for whoever changes it later by itself."""
    also: tuple[Reply, ...] = ()
    """What is said after it, each as a message of its own."""
