"""The shipped bot, content and all, against the local Bot API, on the chat's own clock."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.content_cache import content_for
from bot.preview.person_handle import PersonHandle
from bot.preview.records import Message
from bot.preview.server import LocalBotApi
from bot.settings import read_settings
from bot.telegram.assembled import parts
from bot.telegram.run import Parts, run_bot
from tests.hands.world import World, world_of


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@cache
def shipped_parts(**chosen: Any) -> Parts:
    settings = read_settings(None, **chosen)
    return parts(settings, content_for(settings))


class Talk:
    """One person in their private chat: does something, and waits for what comes of it."""

    def __init__(self, chat: Chat, handle: PersonHandle) -> None:
        self.chat = chat
        self.handle = handle
        self._heard: set[int] = set()

    @property
    def is_russian(self) -> bool:
        return self.handle.person.language == "ru"

    async def says(self, text: str) -> Message:
        self.handle.sends(text)
        return await self.hears()

    async def presses(self, label: str) -> Message:
        """The message a button leads to: the changed one, or a new one."""
        before = {message.message_id: message for message in self.handle.replies()}
        self.handle.presses(label)
        await self.handle.next_answer(seconds=30)

        def moved() -> bool:
            return any(before.get(each.message_id) != each for each in self.handle.replies())

        await self.chat.api.until(moved, seconds=30)
        found = next(each for each in reversed(self.handle.replies()) if before.get(each.message_id) != each)
        self._heard.add(found.message_id)
        return found

    async def hears(self) -> Message:
        """The bot's next message that no button led to."""
        while (message := await self.handle.next_reply(seconds=30)).message_id in self._heard:
            continue
        self._heard.add(message.message_id)
        return message

    def last(self) -> Message:
        return self.handle.replies()[-1]


class Chat:
    """The bot, running, and the people around it."""

    def __init__(self, api: LocalBotApi, database: Path) -> None:
        self.api = api
        self.database = database

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.api.api.now(), UTC)

    async def set_clock(self, moment: datetime) -> None:
        """Moves the clock once nothing is under way: a leap past a lease looks like a copy that died."""
        await self.rests()
        self.api.move_clock((moment - self.now()).total_seconds())

    async def moves_on(self, **length: float) -> None:
        await self.set_clock(self.now() + timedelta(**length))

    async def rests(self) -> None:
        """Waits until everything that came in is handled and everything that was said is sent."""
        async with asyncio.timeout(30):
            while self._under_way():  # noqa: ASYNC110  another thread writes the database; nothing can be waited for
                await asyncio.sleep(0.01)

    def _under_way(self) -> int:
        asked = """SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM outbox)
            + (SELECT count(*) FROM reminders WHERE token IS NOT NULL)"""
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return int(database.execute(asked).fetchone()[0]) + len(self.api.state.updates._waiting)

    def talk(self, key: str) -> Talk:
        return Talk(self, self.api.person(key))

    def nothing_went_wrong(self) -> None:
        assert self.api.refusals == []
        assert self.api.unanswered == []


@contextlib.asynccontextmanager
async def running(database: Path, **chosen: Any) -> AsyncIterator[Chat]:
    """The shipped bot, ready; told to stop at the end."""
    async with LocalBotApi() as api:
        chat = Chat(api, database)
        stop, ready = asyncio.Event(), asyncio.Event()
        settings = read_settings(
            None,
            telegram_token=api.token,
            telegram_api_url=api.url,
            database_url=f"sqlite:///{database}",
            **chosen,
        )
        made = shipped_parts(**chosen)
        bot = asyncio.create_task(run_bot(settings, made, stop, on_ready=ready.set, clock=chat.now))
        starting = asyncio.create_task(ready.wait())
        await asyncio.wait({starting, bot}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
        starting.cancel()
        try:
            yield chat
        finally:
            stop.set()
            await bot


MONDAY = datetime(2030, 1, 7, 7, 0, tzinfo=UTC)
"""When the chats of these tests begin: a Monday morning."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Ann, who writes English, and Boris, who writes Russian, on a database of their own."""
    world = await world_of(shipped_parts(), MONDAY, f"sqlite:///{tmp_path}/bot.db")
    for key, language in (("ann", "en"), ("boris", "ru")):
        await world.says(world.person(key, language), "/start")
    yield world
    world.nothing_went_wrong()
    await world.store.close()


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with running(tmp_path / "bot.db") as chat:
        await chat.set_clock(MONDAY)
        yield chat
        chat.nothing_went_wrong()


def labels(message: Message) -> list[str]:
    return [button["text"] for button in message.buttons]
