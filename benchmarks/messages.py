"""What does a message cost, next to other frameworks' bare echo bots?

Also start, idle memory, webhook, slow API, growth. Every bot is a process of its own, every round starts it anew;
questions come from tests/conversations. Ours answers them wholly (recognition, search, rules, rendering); the others
repeat them.
"""

# ruff: noqa: PLC0415 (imports are part of what is measured)

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import Api, Bot
from benchmarks.results import Results, compared

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
WARM_UP = 60
SEQ = 200
BURST = 600
CHATS = 600
"""No chat gets so many messages that its own limit would hold them back."""
A_CHATS_REST = 2.0
"""Seconds after which a chat may get three answers at once again, Telegram's limits permitting."""
HOOK_SECRET = "benchmark"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A bot to be measured: its command and what it needs in its environment, `{folder}` being a fresh folder."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


OURS = ("-m", "bot", "run")
KINDS: Mapping[str, Kind] = {
    "memory": Kind(command=OURS, environment={"DATABASE_URL": "sqlite://"}),
    "durable": Kind(command=OURS, environment={"DATABASE_URL": "sqlite:///{folder}/bot.db"}),
    "ptb": Kind(command=("-m", "benchmarks.peers.ptb_echo")),
    "ptb64": Kind(command=("-m", "benchmarks.peers.ptb_echo", "64")),
    "aiogram": Kind(command=("-m", "benchmarks.peers.aiogram_echo")),
    "floor": Kind(command=("-m", "benchmarks.peers.aiohttp_floor")),
}


@contextmanager
def running(kind: Kind, api: Api, **more: str) -> Iterator[Bot]:
    """A bot while it runs."""
    with tempfile.TemporaryDirectory() as folder:
        filled = {name: value.format(folder=folder) for name, value in {**kind.environment, **more}.items()}
        bot = Bot(list(kind.command), {"TELEGRAM_API_URL": api.url, **filled}, Path(folder) / "log")
        try:
            yield bot
        finally:
            bot.end()


def messages() -> Results:
    """CPU a message one at a time and in a burst; start and idle memory fall out of it."""
    names = ("memory", "durable", "ptb", "aiogram", "floor")
    seen: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in names}
    for number in range(ROUNDS):
        for step in range(len(names)):
            name = names[(number + step) % len(names)]
            for what, value in _one(KINDS[name]).items():
                seen[name][what].append(value)
            _say(f"messages: {name}", number)
    found: Results = {}
    for store in ("durable", "memory"):
        for peer in ("ptb", "aiogram", "floor"):
            for mode in ("seq", "burst"):
                unit = "µs CPU a message"
                found[f"message/{store}/{peer}/{mode}"] = compared(seen[store][mode], seen[peer][mode], unit)
    found["start/ptb"] = compared(seen["durable"]["start"], seen["ptb"]["start"], "s to the first getUpdates")
    found["start/ptb-cpu"] = compared(seen["durable"]["start_cpu"], seen["ptb"]["start_cpu"], "s CPU up to then")
    found["idle-memory/aiogram"] = compared(seen["durable"]["idle"], seen["aiogram"]["idle"], "MB resident, idle")
    found["idle-memory/ptb"] = compared(seen["durable"]["idle"], seen["ptb"]["idle"], "MB resident, idle")
    found["message/rate/seq"] = compared(
        seen["durable"]["rate"], seen["ptb"]["rate"], "messages a second, one at a time"
    )
    return found


def _one(kind: Kind) -> dict[str, float]:
    """All that is measured of one bot in one round."""
    api = Api()
    try:
        with running(kind, api) as bot:
            asked = api.tell(do="wait")["asked_at"]
            found = {"start": asked - bot.began, "start_cpu": bot.cpu}
            time.sleep(1.5)
            found["idle"] = bot.memory
            api.tell(do="seq", messages=WARM_UP, chats=CHATS)
            for mode, number in (("seq", SEQ), ("burst", BURST)):
                cpu, took = _cost(bot, lambda mode=mode, number=number: api.tell(do=mode, messages=number, chats=CHATS))
                found[mode] = cpu / number * 1e6
                if mode == "seq":
                    found["rate"] = number / took
            return found
    finally:
        api.close()


def _cost(bot: Bot, work: Callable[[], Mapping[str, float]]) -> tuple[float, float]:
    """CPU and seconds that some work took, what it left to be finished included."""
    before = bot.cpu
    took = work()["seconds"]
    time.sleep(0.3)
    return bot.cpu - before, took


def slow_api() -> Results:
    """Messages a second when the Bot API answers after 50 ms, against 64 updates at once; order kept in each chat."""
    rates: dict[str, list[float]] = {"durable": [], "ptb64": []}
    disorder = 0
    for number in range(ROUNDS):
        for name in list(rates)[:: 1 if number % 2 else -1]:
            api = Api()
            try:
                with running(KINDS[name], api) as bot:
                    api.tell(do="wait")
                    alone = api.tell(do="seq", messages=WARM_UP, chats=WARM_UP, tell=True)["answers"]
                    time.sleep(A_CHATS_REST)
                    said = api.tell(do="burst", messages=BURST, chats=BURST // 3, delay=0.05, in_turn=True, tell=True)
                    rates[name].append(BURST / said["seconds"])
                    assert bot.cpu > 0
                    if name == "durable":
                        disorder += _out_of_order(alone, said["answers"])
            finally:
                api.close()
            _say(f"slow API: {name}", number)
    print(f"slow API: {disorder} chats out of order", file=sys.stderr)
    result = compared(rates["durable"], rates["ptb64"], "messages a second, the API answering after 50 ms")
    return {"message/slow-api/ptb": {**result, "chats_out_of_order": disorder}}


def _out_of_order(alone: Mapping[str, list[str]], answers: Mapping[str, list[str]]) -> int:
    """In how many chats the answers to the first questions came in another order than the questions.

    What an answer looks like is known from each question asked alone; one that two questions share says nothing.
    """
    texts = [answer for answer, *_ in alone.values()]
    place = {text: number for number, text in enumerate(texts) if texts.count(text) == 1}
    places = [[place[text] for text in texts if text in place] for texts in answers.values()]
    return sum(each != sorted(each) for each in places)


def webhook() -> Results:
    """CPU a message that comes by webhook, stored before it is confirmed, against PTB's tornado webhook."""
    costs: dict[str, list[float]] = {"durable": [], "ptb": []}
    for number in range(ROUNDS):
        for name in list(costs)[:: 1 if number % 2 else -1]:
            port = _free_port()
            url = f"http://127.0.0.1:{port}/hook"
            shared = {"WEBHOOK_URL": url, "WEBHOOK_SECRET": HOOK_SECRET, "WEBHOOK_PORT": str(port)}
            api = Api()
            try:
                with running(KINDS[name], api, **shared) as bot:
                    api.tell(do="wait")
                    time.sleep(0.5)
                    told = {"do": "hook", "url": url, "secret": HOOK_SECRET, "chats": CHATS}
                    api.tell(messages=WARM_UP, **told)
                    cpu, _ = _cost(bot, lambda api=api, told=told: api.tell(messages=SEQ * 2, **told))
                    costs[name].append(cpu / (SEQ * 2) * 1e6)
            finally:
                api.close()
            _say(f"webhook: {name}", number)
    return {"webhook/ptb": compared(costs["durable"], costs["ptb"], "µs CPU a message")}


def people() -> Results:
    """CPU a message with 10 and with 100,000 people stored."""
    costs: dict[int, list[float]] = {10: [], 100_000: []}
    with tempfile.TemporaryDirectory() as folder:
        made = {}
        for number in costs:
            made[number] = Path(folder) / f"{number}.db"
            asyncio.run(_filled(made[number], number))
        for number in range(ROUNDS):
            for many in list(costs)[:: 1 if number % 2 else -1]:
                api = Api()
                # A copy of its own: the made-up updates of each round bear the same numbers, and are answered once.
                fresh = Path(shutil.copy(made[many], Path(folder) / f"{many}-{number}.db"))
                kind = Kind(command=OURS, environment={"DATABASE_URL": f"sqlite:///{fresh}"})
                try:
                    with running(kind, api) as bot:
                        api.tell(do="wait")
                        api.tell(do="seq", messages=WARM_UP, chats=CHATS)
                        cpu, _ = _cost(bot, lambda api=api: api.tell(do="burst", messages=BURST, chats=CHATS))
                        costs[many].append(cpu / BURST * 1e6)
                finally:
                    api.close()
                _say(f"people: {many}", number)
    return {"people/100000-vs-10": compared(costs[100_000], costs[10], "µs CPU a message in a burst")}


async def _filled(path: Path, number: int) -> None:
    """A database with so many people, each with where the conversation stands."""
    from bot.changes import SaveDialog, SavePerson
    from bot.people import Dialog, Person
    from bot.store.apply import apply
    from bot.store.store import open_store

    far = datetime(2100, 1, 1, tzinfo=UTC)
    store = await open_store(f"sqlite:///{path}", parse=lambda text: (_ for _ in ()).throw(ValueError(text)))
    try:
        for first in range(0, number, 2_000):
            numbers = range(first, min(first + 2_000, number))

            def write(tx, numbers=numbers) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
                for each in numbers:
                    person = Person(
                        person_id=500_000 + each, consent=far, language="en", zone="UTC", data="{}", created=far
                    )
                    dialog = Dialog(
                        chat_id=500_000 + each, person_id=500_000 + each, step="talk", data="{}", version=1, expires=far
                    )
                    apply(tx, SavePerson(person=person), None)
                    apply(tx, SaveDialog(dialog=dialog), None)

            await store.database.write(write)
    finally:
        await store.close()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _say(what: str, number: int) -> None:
    print(f"{what}: round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
