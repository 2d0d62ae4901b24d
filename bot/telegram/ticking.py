"""Who moves the clocks of running sessions? Every few seconds their messages are changed, as long as they run.

A change is a letter like any other, so order, pace and retries are the delivery's; a chat that still waits for one gets
no second. What a session shows comes from what is stored, so any copy of the bot can go on with it, also after a crash.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.letters import Draft
from bot.people import Dialog
from bot.store.errors import StoreError

log = logging.getLogger(__name__)

AT_ONCE: Final = 20
"""Sessions whose messages are changed in one round: with a round a second, well below Telegram's 30 calls a second."""
LEASE: Final = timedelta(seconds=30)
AGAIN: Final = timedelta(seconds=2)
ROUND: Final = 1.0
IDLE: Final = 4.0
"""Seconds between two looks while no session runs; no session's first change is due sooner than five."""

Say = Callable[[Dialog], Awaitable[tuple[Draft | None, datetime | None]]]


class Dialogs(Protocol):
    """Where conversations wait that go on by themselves; `bot.store.Store` is one. Raises StoreError."""

    async def claim_dialogs(self, *, limit: int, lease: timedelta) -> list[Dialog]:
        """Those whose moment has come, leased to us."""
        ...

    async def go_on(self, dialog: Dialog, letter: Draft | None, wake: datetime | None, *, again: timedelta) -> None:
        """Stores the letter and the next moment, unless the conversation changed meanwhile."""
        ...

    async def seconds_to_next_dialog(self) -> float | None:
        """How long until one is due; None when none runs."""
        ...


class Ticking:
    """Looks after running sessions.

    Args:
        dialogs: where they stand.
        say: what one shows now, and when it changes next.
        on_letters: called after letters were stored.
    """

    def __init__(self, *, dialogs: Dialogs, say: Say, on_letters: Callable[[], None] = lambda: None) -> None:
        self._dialogs = dialogs
        self._say = say
        self._on_letters = on_letters

    async def run(self) -> None:
        """Goes on until it is cancelled, which loses nothing."""
        while True:  # noqa: ASYNC110  it waits for a clock, not for an event
            await asyncio.sleep(await self.round())

    async def round(self) -> float:
        """Changes what is due; the seconds after which to look again."""
        try:
            wait = await self._dialogs.seconds_to_next_dialog()
            if wait is None or wait > 0:
                return IDLE if wait is None else min(IDLE, wait)
            for dialog in await self._dialogs.claim_dialogs(limit=AT_ONCE, lease=LEASE):
                letter, wake = await self._say(dialog)
                await self._dialogs.go_on(dialog, letter, wake, again=AGAIN)
        except StoreError as error:
            log.warning("sessions not looked after: %s", type(error).__name__)
            return IDLE
        self._on_letters()
        return ROUND
