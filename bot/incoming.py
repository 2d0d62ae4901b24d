"""What reaches the conversation, and what comes out of it, whichever front door it used?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from bot.reply import Choice, Reply


class Door(Enum):
    """Where a message came from."""

    PRIVATE = "private"
    GROUP = "group"
    TERMINAL = "terminal"


class Odd(Enum):
    """A message that holds no words to read: it gets one kind line."""

    VOICE = "voice"
    PHOTO = "photo"
    STICKER = "sticker"
    DOCUMENT = "document"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Words a person wrote; `edited` when they changed a message they had sent."""

    text: str
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button, by the `press` of its `Choice`."""

    press: str
    shown: tuple[tuple[Choice, ...], ...] = ()
    """All buttons of its message at that moment, row by row."""
    below_text: bool = True
    """Whether its message is a text: one that is a file cannot be changed into words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A location pin, degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message without words."""

    kind: Odd


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """Nobody did anything: a running session's clock has gone on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing a person did, parsed: no framework type beyond this point."""

    chat: int
    person: int
    door: Door
    act: Typed | Pressed | Located | Sent | Ticked
    message: int
    """The message typed, or the one whose button was pressed."""
    at: datetime
    """When, aware."""
    language_code: str | None
    """What the person's app says, such as `pt-br`; None when it says nothing."""
    name: str = ""
    bot: str = ""
    """Our own name there, for links to us; empty where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A reply as a new message, answering `to` where a chat holds several people."""

    reply: Reply
    to: int | None = None
    key: str | None = None
    """Under which the number of the message can be looked up later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A reply in the place of an earlier message."""

    reply: Reply
    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons:
    """Other buttons below an earlier message, whose words, source and disclaimer stay as they are."""

    message: int
    choices: tuple[tuple[Choice, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a conversation makes of one `Incoming`: what is said, and what it remembers."""

    said: tuple[Say | Change | Buttons, ...]
    memory: Mapping[str, Any] | None
    """What to remember of this chat and person, as JSON-ready data; None: unchanged."""
    effects: tuple[object, ...] = field(default=())
    """Changes to what is stored (reminders, consent …), for the store that carries them out."""
    wake: datetime | None = None
    """When the conversation goes on by itself with a `Ticked`."""
    busy_until: datetime | None = None
    """Until when something runs that must not be forgotten, even if nobody touches it."""
