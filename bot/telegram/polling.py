"""How are updates fetched, each confirmed only once it is stored?

The first call carries no offset; an offset comes from the batch in hand alone, and is dropped once it has confirmed
that batch: update numbers may start anew after a quiet week, so none is ever kept.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Protocol

import orjson
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.intake import RawUpdate
from bot.store.errors import StoreError
from bot.telegram.api import POLL_SECONDS
from bot.telegram.request import UnreadableAnswer
from bot.telegram.sending import Api, seconds_of
from bot.telegram.updates import ALLOWED, lane_of, number_of

log = logging.getLogger(__name__)

AT_ONCE: Final = 100
_TRIES_TO_READ: Final = 3
_NUMBER: Final = re.compile(rb'"update_id"\s*:\s*(\d{1,18})\b')


class PollingEnded(Exception):
    """Polling cannot go on; the text says why and what to do."""


class TokenRefused(PollingEnded):
    """Telegram does not accept the token."""


class AnotherPoller(PollingEnded):
    """Another program fetches this bot's updates."""


class Silence(PollingEnded):
    """Telegram could not be reached for too long."""


class PollerLock(Protocol):
    """Lets one process at a time fetch a bot's updates; `bot.store.sole.SolePoller` is one."""

    async def take(self) -> bool:
        """Takes the lock if it is free; whether it is ours now. Raises StoreError."""
        ...

    async def release(self) -> None:
        """Lets it go."""
        ...


Accept = Callable[[Sequence[RawUpdate]], Awaitable[int]]
"""Stores updates; when it returns they may be confirmed. Raises StoreError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingLimits:
    """In seconds: how long a poll waits, when we count as not ready, when we give up, how far retries back off."""

    poll: int = POLL_SECONDS
    unready: float = 90.0
    silent: float = 300.0
    conflict: float = 300.0
    unready_conflict: float = 60.0
    longest_pause: float = 30.0


class Polling:
    """Fetches updates into the intake.

    Args:
        api: the Bot API.
        accept: stores a batch.
        lock: sees to it that only one process polls.
        limits: see `PollingLimits`.
        tick: seconds of a clock that only goes forward.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        *,
        api: Api,
        accept: Accept,
        lock: PollerLock,
        limits: PollingLimits | None = None,
        tick: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._accept = accept
        self._lock = lock
        self._limits = limits or PollingLimits()
        self._tick = tick
        self._sleep = sleep
        self._offset: int | None = None
        self._at_once = AT_ONCE
        self._unread = (0, 0)
        self._last_good = tick()
        self._conflict_since: float | None = None
        self._failures = 0
        self._told_of_standby = False
        self.started = asyncio.Event()
        """Set once Telegram has answered a poll."""

    @property
    def is_ready(self) -> bool:
        """Whether polls were answered lately, and no other poller has been in the way for long."""
        now = self._tick()
        conflicted = self._conflict_since is not None and now - self._conflict_since > self._limits.unready_conflict
        return now - self._last_good <= self._limits.unready and not conflicted

    @property
    def age(self) -> float:
        """Seconds since Telegram last answered a poll, or since another copy was last seen to poll."""
        return self._tick() - self._last_good

    async def run(self, stop: asyncio.Event) -> None:
        """Fetches until `stop` is set; a poll under way is broken off then, which loses nothing.

        Raises:
            PollingEnded: it cannot go on.
        """
        stopping = asyncio.create_task(stop.wait())
        fetching = asyncio.create_task(self._fetch_for_ever())
        try:
            await asyncio.wait({stopping, fetching}, return_when=asyncio.FIRST_COMPLETED)
            if fetching.done():
                fetching.result()
        finally:
            for task in (stopping, fetching):
                task.cancel()
            await asyncio.gather(stopping, fetching, return_exceptions=True)
            await self._lock.release()

    async def _fetch_for_ever(self) -> None:
        while True:
            pause = await self.step()
            if pause > 0:
                await self._sleep(pause)

    async def step(self) -> float:
        """One poll and the storing of what it brought; the seconds to wait before the next.

        Raises:
            PollingEnded: it cannot go on.
        """
        try:
            if not await self._lock.take():
                return self._stand_by()
        except StoreError as error:
            log.warning("the right to poll cannot be taken: %s", type(error).__name__)
            return self._pause()
        self._told_of_standby = False
        try:
            batch = await self._fetch()
        except UnreadableAnswer as answer:
            return await self._unreadable(answer.payload)
        except TelegramError as error:
            return await self._failed(error)
        self._good()
        if not isinstance(batch, list):
            return self._pause()
        if not batch:
            self._offset, self._at_once = None, AT_ONCE
            return 0
        return await self._store(batch)

    async def _fetch(self) -> Any:
        fields: dict[str, Any] = {
            "limit": self._at_once,
            "timeout": self._limits.poll if self.started.is_set() else 0,  # the first answer tells whether all is well
            "allowed_updates": ALLOWED,
        }
        if self._offset is not None:
            fields["offset"] = self._offset
        return await self._api.call("getUpdates", fields)

    async def _store(self, batch: Sequence[Any]) -> float:
        numbered = [(number, update) for update in batch if (number := number_of(update)) is not None]
        if not numbered:
            log.error("a batch of %s updates has no numbers", len(batch))
            return self._pause()
        updates = [
            RawUpdate(update_id=number, chat_id=lane_of(update), body=dumps(update)) for number, update in numbered
        ]
        try:
            await self._accept(updates)
        except StoreError as error:
            log.warning("updates not stored, Telegram keeps them: %s", type(error).__name__)
            return self._pause()
        self._failures = 0
        self._at_once = min(2 * self._at_once, AT_ONCE)
        self._offset = max(number for number, _ in numbered) + 1
        return 0

    async def _unreadable(self, payload: bytes) -> float:
        """Fetches one, then more and more again until the update that cannot be read is in hand, and puts it aside."""
        self._good()
        if self._at_once > 1:
            self._at_once = 1
            return 0
        number = _NUMBER.search(payload)
        if number is None:
            log.error("an answer of %s bytes is no JSON and names no update", len(payload))
            return self._pause()
        found = int(number.group(1))
        self._unread = (found, self._unread[1] + 1 if self._unread[0] == found else 1)
        if self._unread[1] < _TRIES_TO_READ:  # an answer cut short on its way looks the same, but not three times
            return 0.1
        log.warning("update %s cannot be read and is passed over", found)
        self._offset, self._at_once = found + 1, AT_ONCE
        return 0

    async def _failed(self, error: TelegramError) -> float:
        match error:
            case InvalidToken():
                raise TokenRefused(
                    "Telegram does not accept the token any more. Ask BotFather for a new one (/token)"
                ) from None
            case Conflict():
                return await self._in_the_way(error)
            case RetryAfter():
                self._good()
                return min(seconds_of(error), self._limits.silent)
            case _:
                silent_for = self._tick() - self._last_good
                log.warning("no updates from Telegram for %.0f s: %s", silent_for, type(error).__name__)
                if silent_for > self._limits.silent:
                    raise Silence(
                        f"Telegram has not answered for {silent_for / 60:.0f} minutes. Check the network and"
                        " TELEGRAM_API_URL; started again, the bot goes on where it was"
                    ) from None
                return self._pause()

    async def _in_the_way(self, error: Conflict) -> float:
        """A webhook that is still set is taken away: this bot was told to poll. Another poller is waited for."""
        now = self._tick()
        self._last_good = now  # Telegram did answer
        if self._conflict_since is None:
            self._conflict_since = now
            if "webhook" in error.message.casefold():
                log.warning("a webhook is still set; it is removed, since WEBHOOK_URL is empty here")
                return await self._without_webhook()
        if now - self._conflict_since > self._limits.conflict:
            raise AnotherPoller(
                "Another program fetches this bot's updates. Stop it, or give this bot a token of its own"
            ) from None
        log.warning("another program fetches this bot's updates")
        return self._pause()

    async def _without_webhook(self) -> float:
        try:
            await self._api.call("deleteWebhook", {"drop_pending_updates": False})
        except TelegramError as failed:
            log.warning("the webhook could not be removed: %s", type(failed).__name__)
            return self._pause()
        return 0

    def _stand_by(self) -> float:
        if not self._told_of_standby:
            self._told_of_standby = True
            log.info("another copy fetches the updates; this one stands by")
        self._last_good = self._tick()
        return min(1.0, self._limits.longest_pause)

    def _good(self) -> None:
        self._last_good = self._tick()
        self._conflict_since = None
        self._failures = 0
        self.started.set()

    def _pause(self) -> float:
        """Seconds to wait, twice as long with each failure in a row."""
        self._failures += 1
        return min(self._limits.longest_pause, 0.25 * 2.0 ** min(self._failures, 8))


def dumps(update: Any) -> str | bytes:
    """An update as JSON for the inbox.

    Half characters and huge numbers go the standard library's slower way; what nests too deep is left out.
    """
    try:
        return orjson.dumps(update)
    except TypeError:
        try:
            return json.dumps(update)
        except RecursionError:
            return b"{}"
