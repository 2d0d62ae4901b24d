"""Who has said what to whom, and what waits for the bot: all of Telegram that the bot can notice.

Nothing here reads a clock or speaks to a network: time comes in as Unix seconds, changes go out
through `watchers`.
"""

import dataclasses
import itertools
from collections import deque
from typing import TYPE_CHECKING

from bot.preview.profile import Profile
from bot.preview.records import (
    Call,
    Change,
    Chat,
    ChatKind,
    InlineQuery,
    Message,
    Person,
    Press,
    RefusalRecord,
    StoredFile,
)
from bot.preview.refusal import Json, Refusal, bad_request, forbidden
from bot.preview.update_queue import UpdateQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.preview.webhook_rules import Webhook

DEFAULT_TOKEN = "4242424242:local-preview-token-that-opens-nothing"  # noqa: S105 - it opens only this process
BOT_USERNAME = "massage_preview_bot"
FIRST_GROUP_ID = -1_001
CHANGES_KEPT = 5_000
CALLS_KEPT = 300


class TelegramState:
    """One bot, its people and chats; starts with Ann, Boris and a group of both."""

    def __init__(self, *, token: str = DEFAULT_TOKEN, bot_name: str = "Massage bot") -> None:
        self.token = token
        self.bot_name = bot_name
        self.watchers: list[Callable[[], None]] = []
        self.changes: deque[Change] = deque(maxlen=CHANGES_KEPT)
        self.change_number = 0
        self.clock_offset = 0.0
        self.is_token_revoked = False
        self.updates = UpdateQueue()
        self.webhook: Webhook | None = None
        self.profile = Profile()
        self.file_numbers = itertools.count(1)
        self._message_numbers: dict[int, Iterator[int]] = {}
        self._numbers = itertools.count(700_001)
        self._clear()

    def reset(self) -> None:
        """Go back to Ann, Boris and their group with nothing said.

        What the bot has set up stays (commands, texts, webhook), and so do the numbers: none comes twice.
        """
        self._clear()
        self.clock_offset = 0.0
        self.updates.clear()
        self.note("reset", {})

    def _clear(self) -> None:
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.presses: dict[str, Press] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.inline_cache: dict[tuple[str, str, int | None], tuple[float, InlineQuery]] = {}
        self.refusals: list[RefusalRecord] = []
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.files: dict[str, StoredFile] = {}
        ann = self.add_person("ann", "Ann", language="en")
        boris = self.add_person("boris", "Boris", language="ru")
        self.add_group("Back pain club", members=(ann.id, boris.id))

    # --- who and where ---

    @property
    def bot_id(self) -> int:
        """The bot's own id: the number before the colon of the token."""
        return int(self.token.partition(":")[0])

    def bot_user(self) -> Json:
        """Write the bot as the Bot API's User."""
        name = self.profile.name_in("") or self.bot_name
        return {"id": self.bot_id, "is_bot": True, "first_name": name, "username": BOT_USERNAME}

    def add_person(self, key: str, first_name: str, *, language: str | None = "en") -> Person:
        """Add someone who has not spoken to the bot yet."""
        number = 5_000_001 + len(self.people)
        person = Person(key=key, id=number, first_name=first_name, username=f"{key}_local", language=language)
        self.put_person(person)
        self.put_chat(Chat(id=number, kind="private", title=first_name, username=person.username))
        return person

    def add_group(self, title: str, *, members: tuple[int, ...], kind: ChatKind = "group") -> Chat:
        """Add a group that the bot belongs to already."""
        number = FIRST_GROUP_ID - sum(not chat.is_private for chat in self.chats.values())
        return self.put_chat(Chat(id=number, kind=kind, title=title, members=members))

    def put_person(self, person: Person) -> Person:
        """Store a person as they are now."""
        self.people[person.id] = person
        self.note("person", {"person": dataclasses.asdict(person)})
        return person

    def put_chat(self, chat: Chat) -> Chat:
        """Store a chat as it is now."""
        self.chats[chat.id] = chat
        self.messages.setdefault(chat.id, {})
        self._message_numbers.setdefault(chat.id, itertools.count(1))
        self.note("chat", {"chat": dataclasses.asdict(chat)})
        return chat

    def person_called(self, key: str) -> Person:
        """Give the person with this key, such as "ann".

        Raises:
            KeyError: there is nobody of this name.
        """
        for person in self.people.values():
            if person.key == key:
                return person
        raise KeyError(key)

    def reachable_chat(self, chat_id: int | None) -> Chat:
        """Give a chat the bot may write to.

        Raises:
            Refusal: no such chat, or the other side does not want to hear from the bot.
        """
        chat = self.known_chat(chat_id)
        if chat.moved_to is not None:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat.moved_to},
            )
        if chat.is_private:
            _check_person_listens(self.people[chat.id])
        elif chat.bot_status in {"left", "kicked"}:
            kind = "supergroup" if chat.kind == "supergroup" else "group"
            left = "is not a member of the" if chat.bot_status == "left" else "was kicked from the"
            raise forbidden(f"bot {left} {kind} chat")
        return chat

    def known_chat(self, chat_id: int | None) -> Chat:
        """Give a chat the bot has met.

        Raises:
            Refusal: the bot has never met it.
        """
        chat = self.chats.get(chat_id) if chat_id is not None else None
        if chat is None:
            raise bad_request("chat not found")
        person = self.people.get(chat.id)
        if person is not None and not (person.has_started or person.is_known):
            raise bad_request("chat not found")
        return chat

    # --- messages ---

    def post(self, chat: Chat, message: Json, *, sender: Json, now: float, **more: object) -> Message:
        """Add a message with this content to a chat and give it as stored."""
        number = next(self._message_numbers[chat.id])
        fields: Json = {
            "chat": chat.as_json(),
            "message_id": number,
            "sender": sender,
            "date": int(now),
            "content": message,
            **more,
        }
        posted = Message(**fields)
        self.messages[chat.id][number] = posted
        self.note("message", {"message": posted.as_seen()})
        return posted

    def put_message(self, message: Message) -> Message:
        """Store a message as it is now, after an edit."""
        self.messages[message.chat_id][message.message_id] = message
        self.note("edited", {"message": message.as_seen()})
        return message

    def remove_message(self, message: Message) -> None:
        """Take a message out of its chat."""
        del self.messages[message.chat_id][message.message_id]
        self.note("deleted", {"chat_id": message.chat_id, "message_id": message.message_id})

    def message(self, chat_id: int, message_id: int) -> Message | None:
        """Give a message, or None when it never was or is gone."""
        return self.messages.get(chat_id, {}).get(message_id)

    def inline_message(self, inline_message_id: str) -> Message | None:
        """Give a message that a person sent by way of an inline result."""
        everything = (message for chat in self.messages.values() for message in chat.values())
        return next((m for m in everything if m.inline_message_id == inline_message_id), None)

    # --- things with numbers ---

    def new_id(self) -> str:
        """Give a number that no press, query or inline message had before."""
        return str(next(self._numbers))

    def store_file(self, *, name: str, kind: str, content: bytes) -> StoredFile:
        """Keep an uploaded file in memory."""
        stored = StoredFile(id=f"file-{next(self.file_numbers)}", name=name, kind=kind, content=content)
        self.files[stored.id] = stored
        return stored

    # --- what happened ---

    def send_update(self, kind: str, body: Json, *, lane: int, now: float) -> None:
        """Let an update wait for the bot, if it asked for its kind."""
        if self.updates.add(kind, body, lane=lane, now=now) is not None:
            self.ring()

    def note(self, kind: str, body: Json) -> None:
        """Write down a change and tell those who follow."""
        self.change_number += 1
        self.changes.append(Change(number=self.change_number, kind=kind, body=body))
        self.ring()

    def ring(self) -> None:
        """Tell those who wait that something may have changed."""
        for watcher in list(self.watchers):
            watcher()

    def changes_since(self, number: int) -> list[Change] | None:
        """Give the later changes, oldest first; None when some of them are forgotten already."""
        if self.changes and number < self.changes[0].number - 1:
            return None
        return [change for change in self.changes if change.number > number]

    def note_refusal(self, method: str, refusal: Refusal, *, now: float) -> None:
        """Write down that Telegram would refuse this call."""
        record = RefusalRecord(method=method, code=refusal.code, description=refusal.description, at=now)
        self.refusals.append(record)
        self.note("refusal", {"refusal": dataclasses.asdict(record)})

    def note_call(self, call: Call) -> None:
        """Write down a call of the bot."""
        self.calls.append(call)
        self.note("call", {"call": dataclasses.asdict(call)})

    def unanswered_presses(self) -> list[Press]:
        """Give the presses whose button still spins."""
        return [press for press in self.presses.values() if press.answered_at is None]


def _check_person_listens(person: Person) -> None:
    if person.is_deactivated:
        raise forbidden("user is deactivated")
    if person.has_blocked:
        raise forbidden("bot was blocked by the user")
    if not person.has_started:
        raise forbidden("bot can't initiate conversation with a user")
