"""A person or a group as a test speaks of them: ann.sends("hello"), await ann.next_reply()."""

import asyncio
import dataclasses
from collections.abc import Callable

from bot.preview import person_side
from bot.preview.bot_api import BotApi
from bot.preview.person_api import SAMPLES
from bot.preview.records import Chat, InlineQuery, Message, Person, Press
from bot.preview.refusal import Json

PATIENCE = 10.0


class NothingCame(AssertionError):
    """The bot did not do what was waited for; the message lists its last calls and refusals."""


class _Follower:
    """Reads the changes of one chat in order, each once."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._read = api.state.change_number

    async def next_body(self, wanted: Callable[[str, Json], bool], *, seconds: float, what: str) -> Json:
        try:
            async with asyncio.timeout(seconds):
                while True:
                    ring = self._api.bell.next_ring()
                    for change in self._api.state.changes_since(self._read) or []:
                        self._read = change.number
                        if wanted(change.kind, change.body):
                            ring.cancel()
                            return change.body
                    await ring
        except TimeoutError:
            raise NothingCame(f"{what} did not come. {_recent(self._api)}") from None


class PersonHandle:
    """One person with their private chat; each kind of waiting goes on from where it last stopped."""

    def __init__(self, api: BotApi, person_id: int) -> None:
        self._api = api
        self.id = person_id
        self._messages = _Follower(api)
        self._edits = _Follower(api)
        self._answers = _Follower(api)
        self._inline = _Follower(api)

    @property
    def person(self) -> Person:
        """The person as they are now."""
        return self._api.state.people[self.id]

    # --- doing ---

    def sends(self, text: str, *, chat: int | None = None, reply_to: int | None = None) -> Message:
        """Send a text to the bot, or into another chat; give the (last) message it became."""
        now = self._api.now()
        return person_side.send(self._api.state, self.person, chat or self.id, text, now=now, reply_to=reply_to)[-1]

    def sends_other(self, kind: str, *, chat: int | None = None) -> Message:
        """Send a voice, photo, sticker, location, contact, dice or document."""
        return self.sends_content(SAMPLES[kind], chat=chat)

    def sends_location(self, latitude: float, longitude: float) -> Message:
        """Send a pin."""
        return self.sends_content({"location": {"latitude": latitude, "longitude": longitude}})

    def sends_content(self, content: Json, *, chat: int | None = None) -> Message:
        """Send a message of any kind, also one that nobody has invented yet."""
        now = self._api.now()
        return person_side.send_content(self._api.state, self.person, chat or self.id, content, now=now)

    def edits(self, message: Message, text: str) -> Message:
        """Change an own message."""
        now = self._api.now()
        return person_side.edit(self._api.state, self.person, message.chat_id, message.message_id, text, now=now)

    def presses(self, label: str, *, message: Message | None = None) -> Press:
        """Press the button with this label, under the newest message that has it.

        Raises:
            NothingCame: there is no such button.
        """
        candidates = [message] if message else list(reversed(self.seen()))
        for one in candidates:
            for button in one.buttons:
                if button["text"] == label and "callback_data" in button:
                    return self.presses_data(one, button["callback_data"])
        raise NothingCame(f"no button {label!r}. {_recent(self._api)}")

    def presses_data(self, message: Message, data: str) -> Press:
        """Press a button with this data, whether or not the message shows it."""
        now = self._api.now()
        return person_side.press(self._api.state, self.person, message.chat_id, message.message_id, data, now=now)

    def presses_on_lost_message(self, message_id: int, data: str) -> Press:
        """Press a button of a message the bot can no longer read."""
        now = self._api.now()
        return person_side.press_on_lost_message(self._api.state, self.person, message_id, data, now=now)

    def asks_inline(self, query: str, *, offset: str = "") -> InlineQuery:
        """Type after the bot's name."""
        now = self._api.now()
        return person_side.ask_inline(self._api.state, self.person, query, now=now, offset=offset)

    def chooses(self, query: InlineQuery, result_id: str, *, chat: int | None = None) -> Message:
        """Send an offered result."""
        now, place = self._api.now(), chat or self.id
        return person_side.choose_inline(self._api.state, self.person, query.id, result_id, place, now=now)

    def blocks_bot(self) -> None:
        """Block the bot."""
        person_side.set_blocked(self._api.state, self.person, blocked=True, now=self._api.now())

    def unblocks_bot(self) -> None:
        """Let the bot write again."""
        person_side.set_blocked(self._api.state, self.person, blocked=False, now=self._api.now())

    def speaks(self, language: str | None) -> None:
        """Set the language of the app, such as "ru" or "pt-br"; None sends none."""
        self._api.state.put_person(dataclasses.replace(self.person, language=language))

    def deletes_account(self) -> None:
        """Be gone for good."""
        self._api.state.put_person(dataclasses.replace(self.person, is_deactivated=True))

    # --- seeing ---

    def seen(self, *, chat: int | None = None) -> list[Message]:
        """Give all messages of the chat as they are now, oldest first."""
        return list(self._api.state.messages[chat or self.id].values())

    def replies(self, *, chat: int | None = None) -> list[Message]:
        """Give the bot's messages as they are now, oldest first."""
        return [message for message in self.seen(chat=chat) if message.is_from_bot]

    async def next_reply(self, *, chat: int | None = None, seconds: float = PATIENCE) -> Message:
        """Wait for the bot's next message in the chat and give it as it is now.

        Raises:
            NothingCame: none within `seconds`.
        """
        place = chat or self.id

        def wanted(kind: str, body: Json) -> bool:
            return kind == "message" and _is_from_bot(body, place)

        body = await self._messages.next_body(wanted, seconds=seconds, what="A message of the bot")
        return self._current(body, place)

    async def next_edit(self, *, chat: int | None = None, seconds: float = PATIENCE) -> Message:
        """Wait until the bot changes one of its messages and give it.

        Raises:
            NothingCame: none within `seconds`.
        """
        place = chat or self.id

        def wanted(kind: str, body: Json) -> bool:
            return kind == "edited" and _is_from_bot(body, place)

        body = await self._edits.next_body(wanted, seconds=seconds, what="An edit of the bot")
        return self._current(body, place)

    async def next_answer(self, *, seconds: float = PATIENCE) -> Json:
        """Wait until the bot answers a button this person pressed; give text, show_alert, url.

        Raises:
            NothingCame: none within `seconds`.
        """

        def wanted(kind: str, body: Json) -> bool:
            return kind == "answered" and body["press"]["person_id"] == self.id

        body = await self._answers.next_body(wanted, seconds=seconds, what="An answer to the button")
        answer: Json = body["press"]["answer"]
        return answer

    async def next_inline_answer(self, *, seconds: float = PATIENCE) -> InlineQuery:
        """Wait until results are offered for what this person typed.

        Raises:
            NothingCame: none within `seconds`.
        """

        def wanted(kind: str, body: Json) -> bool:
            return kind == "inline_answer" and body["inline_query"]["person_id"] == self.id

        body = await self._inline.next_body(wanted, seconds=seconds, what="An inline answer")
        return self._api.state.inline_queries[body["inline_query"]["id"]]

    def _current(self, body: Json, place: int) -> Message:
        message = self._api.state.message(place, body["message"]["message_id"])
        if message is None:
            raise NothingCame("the bot's message was deleted at once")
        return message


class GroupHandle:
    """A group; people act in it through `person.sends(..., chat=group.id)`."""

    def __init__(self, api: BotApi, chat_id: int) -> None:
        self._api = api
        self.id = chat_id

    @property
    def chat(self) -> Chat:
        """The group as it is now."""
        return self._api.state.chats[self.id]

    def removes_bot(self, by: PersonHandle) -> None:
        """Throw the bot out."""
        person_side.set_bot_in_group(self._api.state, by.person, self.id, "kicked", now=self._api.now())

    def adds_bot(self, by: PersonHandle) -> None:
        """Add the bot."""
        person_side.set_bot_in_group(self._api.state, by.person, self.id, "member", now=self._api.now())

    def becomes_supergroup(self, by: PersonHandle) -> Chat:
        """Move to a new id; messages to the old one are refused from now on."""
        return person_side.upgrade_group(self._api.state, by.person, self.id, now=self._api.now())


def _is_from_bot(body: Json, chat_id: int) -> bool:
    message = body["message"]
    return bool(message["chat"]["id"] == chat_id and message["from"]["is_bot"])


def _recent(api: BotApi) -> str:
    calls = [f"{call.method}: {call.answer}" for call in list(api.state.calls)[-8:]]
    refusals = [f"{refusal.method}: {refusal.description}" for refusal in api.state.refusals[-5:]]
    return f"Last calls: {calls}. Refusals: {refusals}."
