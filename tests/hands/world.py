"""The whole bot and a strict Bot API in one place, without a network and without waiting: real but for the wires."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.delivery import Delivery, DeliveryLimits, Rate
from bot.incoming import Say
from bot.intake import Intake, RawUpdate
from bot.letters import Draft
from bot.preview import methods, person_side
from bot.preview.parameters import Parameters, Upload
from bot.preview.records import Message, Person
from bot.preview.telegram_state import TelegramState
from bot.reminders import Due
from bot.reply import Attachment
from bot.store.store import Store, open_store
from bot.telegram.handling import Handler
from bot.telegram.inline import InlineQueries
from bot.telegram.request import NotSent
from bot.telegram.run import Parts
from bot.telegram.sending import Sender, written
from bot.telegram.signs import Signs
from bot.telegram.ticking import Ticking
from bot.telegram.updates import Me, lane_of

AT_ONCE = Rate(every=timedelta(0))
A_MOMENT = timedelta(seconds=6)
"""What a person takes to read, write or press; nobody is faster than the limit for each person allows."""
PACELESS = DeliveryLimits(overall=AT_ONCE, per_chat=AT_ONCE, per_group=AT_ONCE)


class DirectApi:
    """Carries out calls on the state of the local Bot API."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def call(self, method: str, fields: Any = b"{}") -> Any:
        given = orjson.loads(fields) if isinstance(fields, bytes) else dict(fields)
        return self._apply(method, Parameters(fields=given))

    async def upload(self, method: str, fields: Any, file: Attachment) -> Any:
        upload = Upload(name=file.name, kind="application/octet-stream", content=file.content)
        return self._apply(method, Parameters(fields=dict(fields), files={file.kind: upload}))

    def _apply(self, method: str, call: Parameters) -> Any:
        self._world.called.append(method)
        if self._world.is_cut_off:
            raise NotSent(method)
        rules = methods.Rules(gate=None, loopback_webhooks=True)
        envelope = methods.apply(self._world.state, method, call, now=self._world.now().timestamp(), rules=rules)
        if envelope["ok"]:
            return envelope["result"]
        said = envelope["description"].partition(": ")[2].capitalize()
        raise {400: BadRequest, 403: Forbidden}.get(envelope["error_code"], TelegramError)(said)


class World:
    """People, their chats, the bot, and a clock that is moved by hand."""

    def __init__(self, parts: Parts, store: Store, began: datetime) -> None:
        self.state = TelegramState()
        self.parts = parts
        self.store = store
        self.at = began
        self.called: list[str] = []
        self.is_cut_off = False
        api = DirectApi(self)
        self.signs = Signs(api, slow_seconds=600)
        self.sender = Sender(api)
        me = Me(id=self.state.bot_id, username=self.state.bot_user()["username"])
        self.handler = Handler(me=me, words=parts.words, memories=store, signs=self.signs, clock=self.now)
        self.inline = InlineQueries(api, me=me, talk=parts.words.conversation, clock=self.now)
        self.intake = Intake(inbox=store, handle=self.handler.handle, on_failure=self.handler.apology)
        self.ticking = Ticking(dialogs=store, say=self.handler.ticked)
        self.delivery = Delivery(post=store, send=self.sender.send, compose=self._compose, limits=PACELESS)

    def now(self) -> datetime:
        return self.at

    async def _compose(self, due: Due) -> Draft:
        return written(Say(reply=self.parts.remind(due)), chat=due.reminder.chat_id)

    async def settles(self) -> None:
        """Handles all that came in and sends all that may be sent."""
        waiting = self.state.updates.take(offset=0, limit=100, now=self.now().timestamp())
        raw = [
            RawUpdate(update_id=each.id, chat_id=lane_of(each.as_json()), body=orjson.dumps(each.as_json()))
            for each in waiting
        ]
        if waiting:
            await self.inline.before(self.intake.accept)(raw)
            self.state.updates.take(offset=waiting[-1].id + 1, limit=100, now=self.now().timestamp())
        await self.intake.drain()
        await self.delivery.drain()
        await self.ticking.round()
        await self.delivery.drain()
        await self.signs.finish()
        await self.inline.finish()

    def person(self, key: str, language: str) -> Person:
        try:
            return self.state.person_called(key)
        except KeyError:
            return self.state.add_person(key, key.capitalize(), language=language)

    def current(self, person: Person) -> Person:
        return self.state.people[person.id]

    async def says(self, person: Person, text: str, chat: int | None = None) -> list[Message]:
        """What the bot said or changed in that chat."""
        place = chat or person.id
        self.at += A_MOMENT
        before = dict(self.state.messages[place])
        person_side.send(self.state, self.current(person), place, text, now=self.now().timestamp())
        return await self._changed(place, before)

    async def does(self, person: Person, content: dict[str, Any]) -> list[Message]:
        before = dict(self.state.messages[person.id])
        person_side.send_content(self.state, self.current(person), person.id, content, now=self.now().timestamp())
        return await self._changed(person.id, before)

    async def presses(self, person: Person, message: Message, data: str) -> list[Message]:
        place = message.chat_id
        self.at += A_MOMENT
        before = dict(self.state.messages[place])
        person_side.press(self.state, self.current(person), place, message.message_id, data, now=self.now().timestamp())
        return await self._changed(place, before)

    async def moves_on(self, length: timedelta) -> None:
        self.at += length
        await self.settles()

    async def _changed(self, place: int, before: dict[int, Message]) -> list[Message]:
        await self.settles()
        after = self.state.messages[place]
        return [each for number, each in after.items() if each.is_from_bot and before.get(number) != each]

    def nothing_went_wrong(self) -> None:
        assert [(each.method, each.description) for each in self.state.refusals] == []
        assert self.state.unanswered_presses() == []
        failed = [each for chat in self.state.messages.values() for each in chat.values() if "(error u" in each.text]
        assert failed == []


async def world_of(parts: Parts, began: datetime, database: str = "sqlite://") -> World:
    """A world that begins at a moment."""
    hands: list[World] = []
    store = await open_store(database, parse=parts.parse, clock=lambda: hands[0].at if hands else began)
    hands.append(World(parts, store, began))
    return hands[0]


def pressable(message: Message) -> list[str]:
    return [button["callback_data"] for button in message.buttons if "callback_data" in button]
