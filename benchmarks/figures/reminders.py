"""Figures about reminders: takeover, lanes, a million stored, a thousand at once, clocks that jump."""

# ruff: noqa: D102, FBT001, ASYNC110, E501  a measurement waits, polls, prints

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import orjson

from benchmarks.chaos import FREE, FileTelegram, Herd, compose, in_a_child, parse, patiently, postgres
from benchmarks.figures.live import copy_of_the_bot, free_port
from benchmarks.figures.measured import Figure, Measured
from benchmarks.figures.messages import tell
from benchmarks.figures.scripted import ScriptedTelegram, message
from bot.delivery import Delivery, DeliveryLimits
from bot.letters import Draft, Letter, Sent
from bot.preview.limits import FloodGate
from bot.preview.server import LocalBotApi
from bot.reminders import Due, OccurrenceId, Reminder
from bot.settings import read_settings
from bot.store.store import Store, open_store
from bot.telegram.run import run_bot
from tests.bot.echo_bot import parts as echo_parts

_ON_ITS_WAY = 0.05
"""Seconds a message takes to Telegram and back, about what it takes within Europe."""
LEASE = timedelta(seconds=6)
LIMITS = DeliveryLimits(overall=FREE, per_chat=FREE, per_group=FREE, lease=LEASE, margin=timedelta(seconds=1))


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is removed afterwards."""
    made = Path(tempfile.mkdtemp(prefix="massage-bot-figure-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def one_off(number: int, due: datetime) -> Reminder:
    """Somebody's single reminder."""
    return Reminder(id=f"o{number}", person_id=number + 1, chat_id=number + 1, text="neck", rule=None, due=due)


def daily(number: int, due: datetime) -> Reminder:
    """Somebody's daily reminder."""
    return Reminder(
        id=f"d{number}", person_id=number + 1, chat_id=number + 1, text="neck", rule=due.isoformat(), due=due
    )


# Takeover


def takeover(long: bool) -> Measured:
    """See its figure."""
    count = 2_000 if long else 300
    with folder() as place:
        url, sink = f"sqlite:///{place}/bot.db", place / "sink"
        due = datetime.now(UTC) - timedelta(minutes=1)
        in_a_child(lambda: _fill(url, [one_off(number, due) for number in range(count)]))
        herd = Herd()
        for seed in (1, 2):
            herd.start(lambda seed=seed: _deliver(url, sink, seed))  # type: ignore[misc]
        try:
            while _lines(sink) < count // 3:
                time.sleep(0.01)
            victim = herd.at_work()[0]
            os.kill(victim, signal.SIGKILL)
            killed_at, last, seen = time.monotonic(), time.monotonic(), _lines(sink)
            while time.monotonic() - last < LEASE.total_seconds() + 6 and _distinct(sink) < count:
                if _lines(sink) > seen:
                    last, seen = time.monotonic(), _lines(sink)
                time.sleep(0.05)
            over = time.monotonic() - killed_at
            numbers = {"reminders": count, "lost": count - _distinct(sink), "copies": _lines(sink) - _distinct(sink)}
        finally:
            herd.end()
    numbers |= {"last one after s": round(over, 1), "lease s": LEASE.total_seconds()}
    return Measured(numbers=numbers, at_most={"lost": 0, "copies": 8, "last one after s": LEASE.total_seconds() + 5})


async def _fill(url: str, reminders: list[Reminder]) -> None:
    store = await open_store(url, parse=parse)
    for start in range(0, len(reminders), 5_000):
        await store.add_reminders(reminders[start : start + 5_000])
    await store.close()


async def _deliver(url: str, sink: Path, seed: int) -> None:
    store = await patiently(lambda: open_store(url, parse=parse))
    telegram = FileTelegram(sink, 0.0, seed)
    await Delivery(post=store, send=telegram.send, compose=compose, limits=LIMITS).run(asyncio.Event())


def _lines(sink: Path) -> int:
    return sink.read_bytes().count(b"\n") if sink.exists() else 0


def _distinct(sink: Path) -> int:
    return len({line.split()[1] for line in sink.read_text().splitlines()}) if sink.exists() else 0


# Lanes


def own_lane(long: bool) -> Measured:
    """See its figure."""
    waiting = 100_000 if long else 3_000
    with folder() as place:
        return asyncio.run(_own_lane(f"sqlite:///{place}/bot.db", waiting, 20 if long else 3))


async def _own_lane(url: str, waiting: int, tries: int) -> Measured:
    due = datetime.now(UTC) - timedelta(minutes=1)
    await _fill(url, [daily(number, due) for number in range(waiting)])
    store = await open_store(url, parse=parse)
    arrived: dict[str, float] = {}

    async def send(letter: Letter) -> Sent:
        arrived[letter.id.partition("@")[0]] = time.monotonic()
        await asyncio.sleep(0.05)
        return Sent(message_id=1)

    stop, waits = asyncio.Event(), []
    delivery = Delivery(post=store, send=send, compose=compose)  # at Telegram's own pace
    running = asyncio.create_task(delivery.run(stop))
    for number in range(tries):
        await asyncio.sleep(1)
        one = one_off(900_000 + number, datetime.now(UTC))
        await store.add_reminders([one])
        since = time.monotonic()
        while one.id not in arrived and time.monotonic() - since < 60:
            await asyncio.sleep(0.01)
        waits.append(arrived.get(one.id, float("inf")) - since)
    stop.set()
    await running
    await store.close()
    numbers = {
        "waiting": waiting,
        "one-offs": tries,
        "slowest s": round(max(waits), 2),
        "median s": round(median(waits), 2),
    }
    return Measured(numbers=numbers, at_most={"slowest s": 3})


# A million stored


def million(*, backend: str) -> Figure:
    """A million stored against ten thousand, and questions while a tenth of the million is due."""

    def run(long: bool) -> Measured:
        small, large = (10_000, 1_000_000) if long else (4_000, 40_000)
        with _databases(backend) as (little, big, third):
            claims = asyncio.run(_claims(little, big, small, large))
            in_a_child(lambda: _fill_far_ahead(third, large - large // 10))
            questions = _questions(third, large // 10, 40 if long else 4)
        # A short run is too short for times to be told apart from what else the machine does.
        times = {"ratio": 2, "ratio of the p95": 2} if long else {}
        return Measured(numbers=claims | questions, at_most={"unanswered": 0, **times})

    says = (
        "1,000,000 stored, 100,000 due at once, against 10,000 stored: the next 1,000; questions before and meanwhile"
    )
    return Figure(name=f"million-{backend}", says=f"{says}; {backend}.", run=run)


@contextmanager
def _databases(backend: str) -> Iterator[tuple[str, str, str]]:
    with folder() as place:
        if backend == "sqlite":
            yield f"sqlite:///{place}/1.db", f"sqlite:///{place}/2.db", f"sqlite:///{place}/3.db"
            return
        with postgres(place / "pg") as server:
            yield server.url, server.database("second"), server.database("third")


async def _claims(little: str, big: str, small: int, large: int) -> dict[str, float]:
    """Both stores have the same number of reminders to claim in the first place; claims are taken in turns."""
    due, later = datetime.now(UTC) - timedelta(minutes=1), datetime.now(UTC) + timedelta(days=9)
    async with AsyncExitStack() as open_things:
        stores = []
        for url, stored, due_now in ((little, small, small), (big, large, large // 10)):
            store = await open_store(url, parse=parse)
            open_things.push_async_callback(store.close)
            for start in range(0, stored, 20_000):
                upto = min(start + 20_000, stored)
                await store.add_reminders(daily(n, due if n < due_now else later) for n in range(start, upto))
            tell(f"{stored} reminders stored, {due_now} due")
            stores.append(store)
        times: list[list[float]] = [[], []]
        for _ in range(min(9, small // 1_000)):
            for store, taken in zip(stores, times, strict=True):
                taken.append(await _claim_thousand(store))
        for taken in times:
            del taken[0]  # a warm process is what is measured
    few, many = median(times[0]), median(times[1])
    return {
        "stored": large, "due": large // 10, "claim of 1,000, ms": round(many * 1000, 1),
        "the same at the small store, ms": round(few * 1000, 1), "ratio": round(many / few, 2),
    }  # fmt: skip


async def _claim_thousand(store: Store) -> float:
    limits = DeliveryLimits(overall=FREE, per_chat=FREE, per_group=FREE, lease=timedelta(hours=1))
    started = time.perf_counter()
    batch = await store.claim_post(room=1_000, limits=limits)
    taken = time.perf_counter() - started
    assert len(batch.claims) == 1_000 or batch.claims
    return taken


async def _fill_far_ahead(url: str, count: int) -> None:
    later = datetime.now(UTC) + timedelta(days=9)
    store = await open_store(url, parse=parse)
    for start in range(0, count, 20_000):
        await store.add_reminders(daily(n, later) for n in range(start, min(start + 20_000, count)))
    await store.close()


def _questions(url: str, due: int, seconds: int) -> dict[str, float]:
    """How long people wait for their answers, before and while `due` reminders go out at Telegram's pace."""
    port, herd = free_port(), Herd()
    parts = replace(echo_parts(), parse=parse)
    herd.start(lambda: copy_of_the_bot(parts, None, telegram_api_url=f"http://127.0.0.1:{port}", database_url=url))
    try:
        return asyncio.run(_asked(url, port, due, seconds))
    finally:
        herd.end()


async def _asked(url: str, port: int, due: int, seconds: int) -> dict[str, float]:
    async with ScriptedTelegram(port, seconds=_ON_ITS_WAY) as telegram:
        await _waits(telegram, 0, 8)  # a warm process is what is measured
        before = await _waits(telegram, 1_000, 4 * seconds)
        in_the_past = datetime.now(UTC) - timedelta(minutes=1)
        other = await open_store(url, parse=parse)
        for start in range(0, due, 20_000):
            numbers = range(5_000_000 + start, 5_000_000 + min(start + 20_000, due))
            await other.add_reminders(daily(n, in_the_past) for n in numbers)
        await other.close()
        sent = telegram.count_sent
        meanwhile = await _waits(telegram, 2_000, 4 * seconds)
        sent = telegram.count_sent - sent - len(meanwhile)
    usual, busy = _p95(before), _p95(meanwhile)
    return {
        "questions": len(before) + len(meanwhile), "reminders sent meanwhile": sent,
        "unanswered": sum(each == float("inf") for each in (*before, *meanwhile)),
        "question p95 before, ms": round(usual * 1000, 1), "question p95 meanwhile, ms": round(busy * 1000, 1),
        "ratio of the p95": round(busy / usual, 2),
    }  # fmt: skip


async def _waits(telegram: ScriptedTelegram, first: int, count: int) -> list[float]:
    """Seconds from each question to its answer; four questions a second, each by somebody else."""
    asked = {}
    for number in range(first, first + count):
        asked[9_000_000 + number] = time.monotonic()
        telegram.waiting.append(orjson.dumps(message(number + 1, 9_000_000 + number, "how are you?")))
        await asyncio.sleep(0.25)
    for _ in range(500):
        answered = {body["chat_id"]: at for at, body in telegram.sent}
        if asked.keys() <= answered.keys():
            break
        await asyncio.sleep(0.05)
    return [answered.get(person, float("inf")) - at for person, at in asked.items()]


def _p95(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.95) - 1]


# A thousand at once


def thousand(long: bool) -> Measured:
    """See its figure."""
    with folder() as place:
        return asyncio.run(_thousand(f"sqlite:///{place}/bot.db", 1_000 if long else 60, 40 if long else 3))


async def _thousand(url: str, count: int, questions: int) -> Measured:
    async with LocalBotApi(gate=FloodGate(), port=free_port()) as api:
        people = [api.person(f"p{number}") for number in range(count)]
        asking = [api.person(f"q{number}") for number in range(questions)]
        stop, ready = asyncio.Event(), asyncio.Event()
        settings = read_settings(None, telegram_token=api.token, telegram_api_url=api.url, database_url=url)
        bot = asyncio.create_task(run_bot(settings, echo_parts(), stop, on_ready=ready.set))
        await ready.wait()
        for person in (*people, *asking):  # Telegram lets nobody be written to who has not written first
            person.sends("silence")
        await asyncio.sleep(max(2.0, count / 150))
        due = datetime.now(UTC) + timedelta(seconds=2)
        other = await open_store(url, parse=parse)
        await other.add_reminders(
            Reminder(id=f"t{n}", person_id=one.id, chat_id=one.id, text=f"t{n}", rule=None, due=due)
            for n, one in enumerate(people)
        )
        await other.close()
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
        started, waits = time.monotonic(), []
        for person in asking:
            asked = time.monotonic()
            person.sends("how are you?")
            await person.next_reply(seconds=30)
            waits.append(time.monotonic() - asked)
            await asyncio.sleep(0.5 if questions > 5 else 0.1)
        while sum(bool(one.replies()) for one in people) < count and time.monotonic() - started < 120:
            await asyncio.sleep(0.1)
        last = time.monotonic() - started
        reached = sum(bool(one.replies()) for one in people)
        twice = sum(len(one.replies()) > 1 for one in people)
        stop.set()
        await bot
        refused = len([each for each in api.refusals if each.code == 429])
    waits.sort()
    numbers = {
        "due at once": count, "lost": count - reached, "twice": twice, "last after s": round(last, 1),
        "questions": questions, "question p95 s": round(waits[int(len(waits) * 0.95) - 1], 3), "429": refused,
    }  # fmt: skip
    return Measured(numbers=numbers, at_most={"lost": 0, "twice": 0, "last after s": 45, "question p95 s": 1})


# Clocks


class JumpingClock:
    """A clock that may be set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def clocks(long: bool) -> Measured:
    """See its figure."""
    jumps = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]
    totals = {"jumps": 0, "occurrences": 0, "lost": 0, "twice": 0, "late but not said so": 0}
    with folder() as place:
        for number, jump in enumerate(jumps):
            found = asyncio.run(_clocks(f"sqlite:///{place}/{number}.db", jump, 120 if long else 30))
            totals = {name: totals[name] + found.get(name, 0) for name in totals}
        slept = asyncio.run(_asleep(f"sqlite:///{place}/asleep.db", days=9 if long else 5))
    bounds = dict.fromkeys(("lost", "twice", "late but not said so", "asleep: lost", "asleep: twice"), 0)
    bounds |= {"asleep: late but not said so": 0, "asleep: more than one on waking": 0}
    return Measured(numbers=totals | {f"asleep: {name}": value for name, value in slept.items()}, at_most=bounds)


async def _asleep(url: str, *, days: int) -> dict[str, int]:
    """A laptop sleeps for two days and a half: 24 daily reminders and 50 one-offs, a tenth of an hour between looks."""
    clock = JumpingClock()
    first, step = clock.now, timedelta(minutes=6)
    falls_asleep, wakes = first + timedelta(hours=30, minutes=3), first + timedelta(hours=90, minutes=2)
    store = await open_store(url, parse=parse, clock=clock)
    await store.add_reminders(daily(n, first + timedelta(hours=n)) for n in range(24))
    await store.add_reminders(one_off(n, first + timedelta(hours=2 * n)) for n in range(50))
    sent: list[tuple[OccurrenceId, int, bool, timedelta]] = []

    async def note(due: Due) -> Draft:
        late = clock.now - due.occurrence.due
        sent.append((due.occurrence, due.skipped, due.late_by >= timedelta(minutes=5), late))
        return await compose(due)

    async def send(_letter: Letter) -> Sent:
        return Sent(message_id=1)

    async def no_pause(_seconds: float) -> None:
        await asyncio.sleep(0)

    delivery = Delivery(post=store, send=send, compose=note, limits=LIMITS, sleep=no_pause)
    on_waking = 0
    while clock.now < first + timedelta(days=days):
        before = len(sent)
        await delivery.drain()
        on_waking = max(on_waking, max(Counter(each[0].reminder_id for each in sent[before:]).values(), default=0))
        clock.now = wakes if falls_asleep <= clock.now < wakes else clock.now + step
    await store.close()
    wanted = sum(-(-(days * 24 - n) // 24) for n in range(24)) + 50
    told = sum(1 + skipped for _, skipped, _, _ in sent)
    once = {occurrence for occurrence, _, _, _ in sent}
    unsaid = sum(late >= timedelta(minutes=5) and not said for _, _, said, late in sent)
    return {
        "occurrences": wanted, "messages": len(sent), "lost": wanted - told, "twice": len(sent) - len(once),
        "late ones": sum(said for _, _, said, _ in sent), "late but not said so": unsaid,
        "more than one on waking": max(0, on_waking - 1),
    }  # fmt: skip


async def _clocks(url: str, jump: timedelta, count: int) -> dict[str, int]:
    """One-offs every second for `count` seconds; the clock jumps in the middle and, later, jumps back."""
    clock = JumpingClock()
    first = clock.now
    store = await open_store(url, parse=parse, clock=clock)
    await store.add_reminders(one_off(n, first + timedelta(seconds=n)) for n in range(count))
    sent: list[tuple[str, bool, timedelta]] = []

    async def note(due: Due) -> Draft:
        said_late = due.late_by >= timedelta(minutes=5)
        sent.append((due.reminder.id, said_late, clock.now - due.occurrence.due))
        return await compose(due)

    async def send(_letter: Letter) -> Sent:
        return Sent(message_id=1)

    async def no_pause(_seconds: float) -> None:
        await asyncio.sleep(0)

    delivery = Delivery(post=store, send=send, compose=note, limits=LIMITS, sleep=no_pause)
    for second in range(count + 40):
        if second == count // 2:
            clock.now += jump
        if second == count + 20:
            clock.now -= jump
        await delivery.drain()
        clock.now += timedelta(seconds=1)
    for _ in range(10):  # a clock that was set back: the rest comes when it is their time
        clock.now += max(timedelta(minutes=30), abs(jump) / 5)
        await delivery.drain()
    await store.close()
    names = [name for name, _, _ in sent]
    unsaid = sum(late >= timedelta(minutes=5) and not said for _, said, late in sent)
    return {
        "jumps": 2, "occurrences": count, "lost": count - len(set(names)),
        "twice": len(names) - len(set(names)), "late but not said so": unsaid,
    }  # fmt: skip


FIGURES = (
    Figure(
        name="takeover",
        says="One of two copies is killed and never started again; the other sends everything within lease + 5 s.",
        run=takeover,
    ),
    Figure(name="own-lane", says="A one-off goes out within 3 s while 100,000 recurring reminders wait.", run=own_lane),
    *(million(backend=backend) for backend in ("sqlite", "postgresql")),
    Figure(
        name="thousand-at-once",
        says="1,000 reminders due at once under Telegram's limits; people's questions are answered meanwhile.",
        run=thousand,
    ),
    Figure(
        name="clock-jumps",
        says="The clock is set an hour and a day forward and back; a laptop sleeps: each occurrence once, late ones say so.",
        run=clocks,
    ),
)
