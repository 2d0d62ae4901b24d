"""What the local Telegram remembers: people, chats, messages, presses, inline queries, refusals."""

import dataclasses
from typing import Literal

from bot.preview.refusal import Json

ChatKind = Literal["private", "group", "supergroup"]
BotStatus = Literal["member", "administrator", "left", "kicked"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who can talk to the bot; `language` is an IETF tag and may be missing."""

    key: str
    id: int
    first_name: str
    username: str | None = None
    language: str | None = "en"
    has_started: bool = False
    is_known: bool = False
    has_blocked: bool = False
    is_deactivated: bool = False

    def as_user(self) -> Json:
        """Write the person as the Bot API's User."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        if self.language:
            user["language_code"] = self.language
        return user


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A place for messages; a private chat has the id of its person."""

    id: int
    kind: ChatKind
    title: str = ""
    username: str | None = None
    members: tuple[int, ...] = ()
    bot_status: BotStatus = "member"
    moved_to: int | None = None

    @property
    def is_private(self) -> bool:
        """Whether it is the chat of one person with the bot."""
        return self.kind == "private"

    def as_json(self) -> Json:
        """Write it as the Bot API's Chat."""
        chat: Json = {"id": self.id, "type": self.kind}
        chat["first_name" if self.is_private else "title"] = self.title
        if self.username:
            chat["username"] = self.username
        return chat


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; `content` holds the fields that differ between kinds (text, voice, photo and so on)."""

    chat: Json
    message_id: int
    sender: Json
    date: int
    content: Json
    markup: Json | None = None
    reply_to: Json | None = None
    edit_date: int | None = None
    via_bot: Json | None = None
    inline_message_id: str | None = None

    @property
    def chat_id(self) -> int:
        """Which chat it stands in."""
        return int(self.chat["id"])

    @property
    def text(self) -> str:
        """Its text or caption; empty for what has none."""
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def is_from_bot(self) -> bool:
        """Whether the bot sent it as its own."""
        return bool(self.sender["is_bot"])

    @property
    def buttons(self) -> list[Json]:
        """The buttons under it, row by row in one list."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    def as_json(self) -> Json:
        """Write it as the Bot API's Message; only inline keyboards come back to the bot."""
        body: Json = {
            "message_id": self.message_id,
            "from": self.sender,
            "chat": self.chat,
            "date": self.date,
            **self.content,
        }
        if self.edit_date is not None:
            body["edit_date"] = self.edit_date
        if self.reply_to is not None:
            body["reply_to_message"] = self.reply_to
        if self.via_bot is not None:
            body["via_bot"] = self.via_bot
        if self.markup and "inline_keyboard" in self.markup:
            body["reply_markup"] = self.markup
        return body

    def as_seen(self) -> Json:
        """Write it as a person's app needs it: with every kind of markup."""
        return {**self.as_json(), "reply_markup": self.markup}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A pressed button and what the bot answered; `pressed_at` and `answered_at` are Unix seconds."""

    id: str
    person_id: int
    chat_id: int
    message_id: int
    data: str
    pressed_at: float
    answered_at: float | None = None
    answer: Json = dataclasses.field(default_factory=dict)

    def as_json(self) -> Json:
        """Write it for the page and for tests."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InlineQuery:
    """What a person typed after the bot's name, and what the bot offered; times are Unix seconds."""

    id: str
    person_id: int
    query: str
    offset: str
    asked_at: float
    answered_at: float | None = None
    results: tuple[Json, ...] = ()
    next_offset: str = ""
    button: Json | None = None

    def as_json(self) -> Json:
        """Write it for the page and for tests."""
        return {**dataclasses.asdict(self), "results": list(self.results)}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRecord:
    """A call Telegram would have refused; `at` is Unix seconds."""

    method: str
    code: int
    description: str
    at: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of the bot, as the page's drawer lists it; `fault` names one that was played."""

    method: str
    parameters: Json
    answer: str
    at: float
    fault: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """An uploaded file, in memory only."""

    id: str
    name: str
    kind: str
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that happened, numbered from 1, for whoever follows along."""

    number: int
    kind: str
    body: Json

    def as_json(self) -> Json:
        """Write it for the page."""
        return {"number": self.number, "kind": self.kind, **self.body}
