"""A local Telegram in memory, and one behind a real port."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from telegram import Bot

from bot.preview import person_side
from bot.preview.limits import FloodGate
from bot.preview.methods import Rules, apply
from bot.preview.parameters import Parameters, Upload
from bot.preview.records import Message, Person
from bot.preview.server import LocalBotApi
from bot.preview.telegram_state import TelegramState


class Telegram:
    """Telegram without a network: calls go straight to the rules, the clock stands until it is moved."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.state = TelegramState()
        self.now = 1_800_000_000.0
        self.rules = rules or Rules()

    def call(self, method: str, *, files: dict[str, Upload] | None = None, **fields: Any) -> dict[str, Any]:
        """Make a call and give the whole envelope."""
        parameters = Parameters(fields=fields, files=files or {})
        return apply(self.state, method, parameters, now=self.now, rules=self.rules)

    def result(self, method: str, **fields: Any) -> Any:
        """Make a call that must succeed."""
        answer = self.call(method, **fields)
        assert answer["ok"], answer
        return answer["result"]

    def refusal(self, method: str, **fields: Any) -> str:
        """Make a call that must be refused; give code and description."""
        answer = self.call(method, **fields)
        assert not answer["ok"], answer
        return f"{answer['error_code']} {answer['description']}"

    @property
    def ann(self) -> Person:
        """Ann as she is now."""
        return self.state.person_called("ann")

    @property
    def boris(self) -> Person:
        """Boris as he is now."""
        return self.state.person_called("boris")

    @property
    def group_id(self) -> int:
        """The group of both."""
        return next(chat.id for chat in self.state.chats.values() if not chat.is_private)

    def says(self, person: Person, text: str, chat: int | None = None, reply_to: int | None = None) -> Message:
        """Let a person write; give the (last) message."""
        place = chat or person.id
        return person_side.send(self.state, person, place, text, now=self.now, reply_to=reply_to)[-1]

    def updates(self, **fields: Any) -> list[dict[str, Any]]:
        """Ask for updates."""
        updates: list[dict[str, Any]] = self.result("getUpdates", **fields)
        return updates


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def telegram() -> Telegram:
    """Ann has written once and her update is confirmed, so the bot may write to her."""
    telegram = Telegram()
    telegram.says(telegram.ann, "hello")
    telegram.updates(offset=telegram.updates()[-1]["update_id"] + 1)
    return telegram


@pytest.fixture
def flooded() -> Callable[[], Telegram]:
    def build() -> Telegram:
        telegram = Telegram(Rules(gate=FloodGate()))
        for person in (telegram.ann, telegram.boris):
            telegram.says(person, "hello")
        return telegram

    return build


@pytest.fixture
async def api() -> AsyncIterator[LocalBotApi]:
    async with LocalBotApi() as running:
        yield running


@pytest.fixture
async def bot(api: LocalBotApi) -> AsyncIterator[Bot]:
    async with Bot(api.token, base_url=f"{api.url}/bot") as bot:
        yield bot
