"""How does an update get from Telegram to its handling, once and in order, through any crash?

Updates are stored before they are confirmed. Each chat is a lane: its updates are handled one after the
other, many chats at once, by any copy of the bot; a copy that dies loses its lease and another goes on. What
an update changes and what it says are stored in the transaction that removes its text, so it happens wholly
or not at all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from bot import counts
from bot.store.errors import StatementRefused, StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.changes import Handled
    from bot.delivery import Claim, DeliveryLimits
    from bot.letters import Draft
    from bot.people import Remembered

log = logging.getLogger(__name__)
GATHERING = 0.01
"""Seconds for which a few free lanes wait for more before the inbox is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawUpdate:
    """An update as it came: its number, the chat whose lane it belongs to (0 when it has none), its JSON."""

    update_id: int
    chat_id: int
    body: str | bytes

    @property
    def text(self) -> str:
        """The JSON as text; bytes that are no UTF-8 and NULs, which no database keeps, become U+FFFD."""
        text = self.body if isinstance(self.body, str) else self.body.decode("utf-8", "replace")
        return text.replace("\x00", "�").encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """A stored update that is leased to us.

    `failures` and `claims` count how often it was tried before and at all. In a private chat it may bring along what
    is remembered of the person, who has the chat's own number there.
    """

    update_id: int
    chat_id: int
    body: str
    received: datetime
    failures: int
    claims: int
    token: str
    remembered: Remembered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAside:
    """An update that was given up.

    `reference` may be told to the person; `error` is the kind of error, no content.
    """

    update_id: int
    chat_id: int
    error: str

    @property
    def reference(self) -> str:
        """What a person may quote when asking what went wrong."""
        return f"u{self.update_id:x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of updates: how many were new, the first ones of lanes that are leased to us from the start.

    `waiting`: others wait for somebody to claim them.
    """

    new: int
    items: tuple[InboxItem, ...] = ()
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What follows once an update is handled: the lane's next one, and a letter leased to us to be sent at once."""

    following: InboxItem | None = None
    claim: Claim | None = None


Handle = Callable[[InboxItem], Awaitable["Handled"]]
OnFailure = Callable[[PutAside], "Draft | None"]


class Inbox(Protocol):
    """Where updates wait; `bot.store.Store` is one. Raises `bot.store.errors.StoreError`."""

    async def store_updates(self, updates: Sequence[RawUpdate], *, room: int, lease: timedelta) -> Stored:
        """Stores the updates not seen before, and leases up to `room` lanes that were empty."""
        ...

    async def claim_updates(self, *, limit: int, lease: timedelta) -> list[InboxItem]:
        """Leases up to `limit` lanes and returns the next update of each."""
        ...

    async def finish_update(
        self, item: InboxItem, handled: Handled, *, keep: timedelta | None, at_once: DeliveryLimits | None
    ) -> Finished:
        """Applies `handled` and removes the update, in one transaction.

        The lane's next one comes back leased for `keep`; with `at_once`, so may a letter that may be sent now.
        """
        ...

    async def give_up_update(self, item: InboxItem, note: PutAside, letter: Draft | None) -> None:
        """Removes the update, notes that it was put aside, stores the letter, lets the lane go."""
        ...

    async def release_update(self, item: InboxItem, *, wait: timedelta, failed: bool) -> None:
        """Lets the lane go, its update still in front."""
        ...

    async def seconds_to_next_update(self) -> float | None:
        """How long until a lane may be claimed; None when nothing waits."""
        ...


class Outgoing(Protocol):
    """How letters get out; `bot.delivery.Delivery` is one."""

    @property
    def limits(self) -> DeliveryLimits:
        """How fast letters go."""
        ...

    async def deliver(self, claim: Claim) -> None:
        """Sends a letter that is leased to us."""
        ...

    def wake(self) -> None:
        """There are letters to be claimed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """How many lanes at once, how long a lease holds, when an update is given up.

    There are twice as many lanes as replies under way: while those are sent, others are answered or marked as sent.

    `claims` bounds an update that kills the process each time before it can fail properly.
    """

    lanes: int = 128
    in_a_row: int = 16
    lease: timedelta = timedelta(seconds=60)
    handling: timedelta = timedelta(seconds=30)
    tries: int = 3
    claims: int = 20
    poll: timedelta = timedelta(seconds=1)


class Intake:
    """Stores updates and runs the lanes.

    Args:
        inbox: where updates wait.
        handle: what an update leads to; it reads but changes nothing by itself.
        on_failure: the letter for a person whose update was given up, if any.
        delivery: sends what is said, if this process does; a lane goes on once its reply is sent or has failed, so
            that a slow Telegram slows the handling down rather than piling letters up in memory.
        limits: see `IntakeLimits`.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        handle: Handle,
        on_failure: OnFailure = lambda _note: None,
        delivery: Outgoing | None = None,
        limits: IntakeLimits | None = None,
    ) -> None:
        self._inbox = inbox
        self._handle = handle
        self._on_failure = on_failure
        self._delivery = delivery
        self._limits = limits or IntakeLimits()
        self._busy: set[asyncio.Task[None]] = set()
        self._promised = 0
        self._wake = asyncio.Event()
        self._freed = asyncio.Event()
        self._stop: asyncio.Event | None = None

    async def accept(self, updates: Sequence[RawUpdate]) -> int:
        """Stores updates; when this returns they may be confirmed to Telegram. How many were new.

        While lanes run, free ones take up what was stored without asking the inbox again.
        """
        room = 0 if self._stop is None or self._stop.is_set() else min(self._free, len(updates))
        self._promised += room
        try:
            stored = await self._inbox.store_updates(updates, room=room, lease=self._limits.lease)
        finally:
            self._promised -= room
            self._freed.set()
        if stored.new:
            counts.accepted(stored.new)
        for item in stored.items:
            self._start(item, self._stop)
        if stored.waiting:
            self._wake.set()
        return stored.new

    @property
    def _free(self) -> int:
        """How many more lanes may be run now."""
        return max(0, self._limits.lanes - len(self._busy) - self._promised)

    async def run(self, stop: asyncio.Event) -> None:
        """Runs lanes until `stop` is set, then lets those in hand finish their update."""
        self._stop = stop
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _done: self._wake.set())
        try:
            while not stop.is_set():
                await self._rest(await self.round(stop))
        finally:
            stopping.cancel()
            await self.finish()

    async def round(self, stop: asyncio.Event | None = None) -> float:
        """Claims what waits and starts its lanes; the seconds after which another round is worth while."""
        self._wake.clear()
        free = await self._some_free()
        try:
            items = await self._inbox.claim_updates(limit=free, lease=self._limits.lease)
            for item in items:
                self._start(item, stop)
            wait = None if items else await self._inbox.seconds_to_next_update()
        except StoreError as error:
            log.warning("inbox not reachable: %s", type(error).__name__)
            return self._limits.poll.total_seconds()
        if len(items) == free:
            return 0
        poll = self._limits.poll.total_seconds()
        return poll if wait is None else max(0.0, min(wait, poll))

    async def _some_free(self) -> int:
        """How many lanes are free, once some are.

        A few wait a moment for more: looking into the inbox costs as much for one lane as for many.
        """
        while self._free == 0:
            self._freed.clear()
            await self._freed.wait()
        if self._free * 4 < self._limits.lanes:
            await asyncio.sleep(GATHERING)
        return self._free

    async def finish(self) -> None:
        """Waits for the lanes in hand."""
        while self._busy:
            await asyncio.wait(self._busy)

    async def drain(self) -> None:
        """Handles everything that may be handled now; for tools and tests."""
        while True:
            await self.round()
            if not self._busy:
                return
            await self.finish()

    async def _rest(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _start(self, item: InboxItem, stop: asyncio.Event | None) -> None:
        task = asyncio.create_task(self._lane(item, stop))
        self._busy.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, lane: asyncio.Task[None]) -> None:
        self._busy.discard(lane)
        self._freed.set()

    async def _lane(self, first: InboxItem, stop: asyncio.Event | None) -> None:
        """Handles a chat's updates one after the other, then steps back so that other chats get a turn."""
        item: InboxItem | None = first
        turn = 0
        while item is not None:
            turn += 1
            last = turn >= self._limits.in_a_row or (stop is not None and stop.is_set())
            try:
                item = await self._one(item, keep=None if last else self._limits.lease)
                if last:
                    self._wake.set()  # there may be more in this lane
            except StoreError as error:
                log.warning("update not finished, the lane waits for its lease: %s", type(error).__name__)
                return

    async def _one(self, item: InboxItem, *, keep: timedelta | None) -> InboxItem | None:
        if item.claims > self._limits.claims:
            await self._give_up(item, "KilledTheProcess")
            return None
        try:
            async with asyncio.timeout(self._limits.handling.total_seconds()):
                handled = await self._handle(item)
            at_once = None if self._delivery is None else self._delivery.limits
            finished = await self._inbox.finish_update(item, handled, keep=keep, at_once=at_once)
        except StatementRefused:
            await self._failed(item, StatementRefused.__name__)
            return None
        except StoreError:
            await self._inbox.release_update(item, wait=self._limits.poll, failed=False)
            raise
        except Exception as error:  # noqa: BLE001  whatever an update does to us, the lane goes on
            await self._failed(item, type(error).__name__)
            return None
        counts.handled("answered")
        if self._delivery is not None:
            if len(handled.letters) > (0 if finished.claim is None else 1):
                self._delivery.wake()
            if finished.claim is not None:
                await self._delivery.deliver(finished.claim)
        return finished.following

    async def _failed(self, item: InboxItem, error: str) -> None:
        counts.handled("failed")
        log.warning("update %s failed, try %s: %s", item.update_id, item.failures + 1, error)
        if item.failures + 1 >= self._limits.tries:
            await self._give_up(item, error)
        else:
            await self._inbox.release_update(item, wait=timedelta(seconds=2**item.failures), failed=True)

    async def _give_up(self, item: InboxItem, error: str) -> None:
        note = PutAside(update_id=item.update_id, chat_id=item.chat_id, error=error)
        try:
            letter = self._on_failure(note)
        except Exception as failure:  # noqa: BLE001  no apology is better than a stuck chat
            log.warning("no letter for %s: %s", note.reference, type(failure).__name__)
            letter = None
        await self._inbox.give_up_update(item, note, letter)
        counts.handled("put_aside")
        log.error("update put aside as %s: %s", note.reference, error)
        if letter is not None and self._delivery is not None:
            self._delivery.wake()
