"""What is a letter: one call of the Bot API that must reach Telegram?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.reminders import OccurrenceId


class Lane(IntEnum):
    """Who goes first: a person who waits for a reply, then reminders and news."""

    INTERACTIVE = 0
    REMINDER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A letter before it is stored. `body` is JSON text that nobody but the sender reads.

    With a `reply_key`, the id of the message it becomes can be looked up later (to edit it in place).
    """

    chat_id: int
    method: str
    body: str
    reply_key: str | None = None
    lane: Lane = Lane.INTERACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A stored letter, or a due reminder in its final words.

    `id` is the same in every copy and every retry.
    """

    id: str
    chat_id: int
    lane: Lane
    method: str
    body: str
    created: datetime
    occurrence: OccurrenceId | None = None
    reply_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Telegram took it. `message_id` is None for calls that make no message."""

    message_id: int | None = None
