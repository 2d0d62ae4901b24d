"""Is anything lost when any single call to the database fails, before it or after it has taken effect?"""

# ruff: noqa: FBT001  a measurement waits, polls, prints

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.chaos import FREE, compose, parse
from benchmarks.figures.measured import Figure, Measured
from benchmarks.figures.reminders import JumpingClock
from bot.changes import AddReminder, Handled
from bot.delivery import Delivery, DeliveryLimits
from bot.intake import InboxItem, Intake, RawUpdate
from bot.letters import Draft, Letter, Sent
from bot.reminders import Reminder
from bot.store.errors import StoreAway, StoreError
from bot.store.store import Store, open_store

CALLS = ("store_updates", "claim_updates", "finish_update", "claim_post", "complete_post", "settle_failure",
         "release_update", "give_up_update", "return_post", "seconds_to_next_update")  # fmt: skip
LIMITS = DeliveryLimits(overall=FREE, per_chat=FREE, per_group=FREE, lease=timedelta(seconds=20))


class FaultyStore:
    """A store whose n-th call fails, before it does anything or after it has done it."""

    def __init__(self, store: Store, fails_at: int | None, *, after: bool) -> None:
        self._store = store
        self._fails_at = fails_at
        self._after = after
        self.calls = 0
        self.met: str | None = None

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        return self._guarded(name, real) if name in CALLS else real

    def _guarded(self, name: str, real: Any) -> Any:
        async def call(*given: Any, **named: Any) -> Any:
            self.calls += 1
            fails = self.calls == self._fails_at
            if fails:
                self.met = name
            if fails and not self._after:
                raise StoreAway("as planned")
            result = await real(*given, **named)
            if fails:
                raise StoreAway("as planned, though it was done")
            return result

        return call


async def scenario(url: str, updates: int, fails_at: int | None, *, after: bool) -> tuple[FaultyStore, list[str], bool]:
    """A few chats write, each message leads to a letter and a reminder; what was sent, and whether nothing is left."""
    clock = JumpingClock()
    store = await open_store(url, parse=parse, clock=clock)
    faulty = FaultyStore(store, fails_at, after=after)
    sent: list[str] = []
    tries: list[str] = []

    async def handle(item: InboxItem) -> Handled:
        if item.update_id == 2 and item.failures == 0:
            raise ValueError  # an update that fails once
        if item.update_id == 3:
            raise ValueError  # and one that always does
        name = f"m{item.update_id}"
        new = Reminder(id=name, person_id=item.chat_id, chat_id=item.chat_id, text=name, rule=None, due=clock.now)
        letter = Draft(chat_id=item.chat_id, method="sendMessage", body=json.dumps({"text": name}))
        return Handled(changes=(AddReminder(reminder=new),), letters=(letter,))

    async def send(letter: Letter) -> Sent:
        name = letter.occurrence.reminder_id if letter.occurrence else json.loads(letter.body)["text"]
        tries.append(name)
        if len(tries) % 5 == 0:
            raise TimeoutError
        sent.append(f"{'r' if letter.occurrence else 'l'}-{name}")
        return Sent(message_id=len(sent))

    async def no_pause(_seconds: float) -> None:
        await asyncio.sleep(0)

    delivery = Delivery(post=faulty, send=send, compose=compose, limits=LIMITS, sleep=no_pause, jitter=lambda: 0.0)  # type: ignore[arg-type]
    intake: Any = Intake(inbox=faulty, handle=handle, delivery=delivery)  # type: ignore[arg-type]
    waiting = [RawUpdate(update_id=n, chat_id=n % 3 + 1, body=json.dumps({"n": n})) for n in range(1, updates + 1)]
    wanted = {f"{kind}-m{n}" for n in range(1, updates + 1) if n != 3 for kind in "lr"}
    for _ in range(60):
        if waiting:
            try:
                await intake.accept(waiting)
                waiting = []
            except StoreError:
                pass  # Telegram was not told, and gives them again
        await intake.drain()
        await delivery.drain()
        if not waiting and wanted <= set(sent):
            break
        clock.now += timedelta(seconds=7)
    await store.close()
    return faulty, sent, wanted <= set(sent)


def every_call(long: bool) -> Measured:
    """See its figure."""
    return asyncio.run(_every_call(9 if long else 3))


async def _every_call(updates: int) -> Measured:
    folder = Path(tempfile.mkdtemp(prefix="massage-bot-store-"))
    logging.disable(logging.CRITICAL)  # hundreds of planned failures need no lines
    lost = damaged = visited = copies = runs = 0
    names: set[str] = set()
    try:
        calls = (await scenario(f"sqlite:///{folder}/count.db", updates, None, after=False))[0].calls
        for number in range(1, calls + 1):
            for after in (False, True):
                file = folder / f"{number}-{after}.db"
                faulty, sent, whole = await scenario(f"sqlite:///{file}", updates, number, after=after)
                runs, lost, visited = runs + 1, lost + (not whole), visited + (faulty.met is not None)
                copies = max(copies, len(sent) - len(set(sent)))
                names |= {faulty.met or ""}
                with closing(sqlite3.connect(file)) as conn:
                    damaged += conn.execute("PRAGMA integrity_check").fetchone() != ("ok",)
                file.unlink()
    finally:
        logging.disable(logging.NOTSET)
        shutil.rmtree(folder, ignore_errors=True)
    numbers = {
        "store calls": calls, "runs": runs, "not visited": runs - visited, "kinds of calls": len(names - {""}),
        "runs that lost something": lost, "most copies in a run": copies, "damaged": damaged,
    }  # fmt: skip
    bounds = {"not visited": 0, "runs that lost something": 0, "damaged": 0, "most copies in a run": 1}
    return Measured(numbers=numbers, at_most=bounds)


FIGURES = (
    Figure(
        name="store-faults",
        says="Each call to the database fails in turn, once before and once after it has taken effect.",
        run=every_call,
    ),
)
