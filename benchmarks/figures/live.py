"""Is every message answered, once and in order, when the whole bot is killed, refused and lied to?

Three kinds of processes: a local Bot API with people who write, a gateway before it that makes calls fail, and copies of
the bot. Each answer repeats the message it answers, so that every message can be followed.
"""

# ruff: noqa: ASYNC240, E501, FURB192  a measurement waits, polls, prints

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.chaos import FREE, Herd, postgres
from benchmarks.figures.gateway import Gateway
from bot.delivery import DeliveryLimits
from bot.preview.limits import FloodGate
from bot.preview.server import LocalBotApi
from bot.preview.telegram_state import DEFAULT_TOKEN
from bot.settings import read_settings
from bot.telegram.run import Parts, run_bot
from tests.bot.echo_bot import parts as echo_parts

SECRET: Final = "a-secret-of-the-webhook"
SENDING: Final = 8
DEPLOY: Final = Path(__file__).resolve().parents[2] / "deploy"
UNPACED: Final = DeliveryLimits(overall=FREE, per_chat=FREE, per_group=FREE, sending=SENDING, replies=SENDING)
IN_FLIGHT: Final = UNPACED.sending + UNPACED.replies
"""Letters under way at once, claimed ones and replies sent as they are stored: what a kill may repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What people write: how many messages in how many chats, and how fast (0: as fast as they are answered).

    Without a pace, `at_once` messages at most wait for their answers.

    Everybody writes `in_a_row` messages before the next one's turn. Nobody may write faster than the turnstile lets them.
    """

    messages: int
    chats: int = 200
    in_a_row: int = 1
    at_once: int = 150
    per_second: float = 0.0
    patience: float = 120.0
    faults: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came of it."""

    lost: int
    doubled: int
    inversions: int
    answered: int
    seconds: float
    slowest: float
    p95: float
    refusals: int


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class _People:
    """Write, and note which of their messages was answered when."""

    def __init__(self, api: LocalBotApi, talk: Talk) -> None:
        self._api = api
        self._talk = talk
        self._people = [api.person(f"p{number}") for number in range(talk.chats)]
        self._sent: dict[str, float] = {}
        self._waits: list[float] = []
        self._answers: Counter[str] = Counter()
        self._order: defaultdict[int, list[int]] = defaultdict(list)
        self._read = api.state.change_number

    async def talk(self, progress: Path) -> Heard:
        started = last = time.monotonic()
        number = 0
        while len(self._answers) < self._talk.messages and time.monotonic() - last < self._talk.patience:
            if self._listen():
                last = time.monotonic()
                progress.write_text(str(len(self._answers)))
            number = self._write(number, started)
            await asyncio.sleep(0.01)
        await asyncio.sleep(2)  # whatever comes twice may come a little later
        self._listen()
        waits = sorted(self._waits) or [0.0]
        return Heard(
            lost=self._talk.messages - len(self._answers),
            doubled=sum(self._answers.values()) - len(self._answers),
            inversions=sum(_inversions(order) for order in self._order.values()),
            answered=len(self._answers),
            seconds=round(time.monotonic() - started, 1),
            slowest=round(waits[-1], 2),
            p95=round(waits[int(len(waits) * 0.95) - 1 if len(waits) > 1 else 0], 3),
            refusals=len(self._api.refusals),
        )

    def _write(self, number: int, started: float) -> int:
        """Sends what may be sent by now; the number of the next message."""
        pace = self._talk.per_second
        upto = min(self._talk.messages, int((time.monotonic() - started) * pace) if pace else self._talk.messages)
        while number < upto and (pace or len(self._sent) - len(self._answers) < self._talk.at_once):
            self._people[number // self._talk.in_a_row % len(self._people)].sends(f"message {number}")
            self._sent[str(number)] = time.monotonic()
            number += 1
        return number

    def _listen(self) -> bool:
        """Whether something was answered."""
        heard = False
        for change in self._api.state.changes_since(self._read) or []:
            self._read = change.number
            if change.kind == "message" and change.body["message"]["from"]["is_bot"]:
                heard = True
                self._hear(change.body["message"])
        return heard

    def _hear(self, message: Any) -> None:
        _, _, said = message["text"].partition(": message ")
        number = said.split("\n")[0]
        if number not in self._sent:
            raise RuntimeError(f"the bot said something else: {message['text']}")
        self._answers[number] += 1
        if self._answers[number] == 1:
            self._waits.append(time.monotonic() - self._sent[number])
            self._order[message["chat"]["id"]].append(int(number))


def _inversions(order: list[int]) -> int:
    highest, wrong = -1, 0
    for number in order:
        wrong += number < highest
        highest = max(highest, number)
    return wrong


async def telegram(port: int, behind: int, talk: Talk, folder: Path, gate: FloodGate | None) -> None:
    """The process that is Telegram and the people: writes down what was heard and ends."""
    async with LocalBotApi(port=behind if talk.faults else port, gate=gate) as api:
        people = _People(api, talk)
        gateway = Gateway(upstream=api.url, port=port, share=talk.faults) if talk.faults else None
        if gateway is not None:
            await gateway.open()
        heard = await people.talk(folder / "progress")
        if gateway is not None:
            (folder / "faults").write_text(json.dumps(gateway.counts))
            await gateway.close()
    (folder / "heard.tmp").write_text(json.dumps({name: getattr(heard, name) for name in Heard.__slots__}))
    (folder / "heard.tmp").replace(folder / "heard")


async def copy_of_the_bot(parts: Parts, limits: DeliveryLimits | None, **chosen: Any) -> None:
    """The process that is the bot; it waits until Telegram is there."""
    settings = read_settings(None, telegram_token=DEFAULT_TOKEN, **chosen)
    await run_bot(settings, parts, asyncio.Event(), limits=limits)


@dataclass(slots=True)
class Live:
    """A run: the folder of its files, its database, and the processes."""

    folder: Path
    url: str
    telegram: Herd
    bots: Herd

    def progress(self) -> int:
        """How many messages were answered."""
        file = self.folder / "progress"
        return int(file.read_text() or 0) if file.exists() else 0

    def heard(self) -> Heard | None:
        """What came of it, once it is over."""
        file = self.folder / "heard"
        return Heard(**json.loads(file.read_text())) if file.exists() else None


@contextmanager
def live(
    talk: Talk,
    *,
    backend: str = "sqlite",
    webhook: bool = False,
    copies: int = 1,
    parts: Parts | None = None,
    limits: DeliveryLimits | None = UNPACED,
    gate: FloodGate | None = None,
    hooks: tuple[int, ...] = (),
    webhook_at: int | None = None,
) -> Iterator[Live]:
    """Everything started; everything ended and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="massage-bot-live-"))
    logging.disable(logging.CRITICAL)
    try:
        with _database(backend, folder) as url:
            run = Live(folder, url, Herd(), Herd())
            port, behind = free_port(), free_port()
            ports = hooks or tuple(free_port() for _ in range(copies))
            chosen: dict[str, Any] = {"telegram_api_url": f"http://127.0.0.1:{port}", "database_url": url}
            if webhook:
                chosen |= {"webhook_url": f"http://127.0.0.1:{webhook_at or ports[0]}/hook", "webhook_secret": SECRET}
            made = parts or echo_parts()
            try:
                run.telegram.start(lambda: telegram(port, behind, talk, folder, gate))
                _wait_for(port)
                for hook in ports:
                    run.bots.start(lambda hook=hook: copy_of_the_bot(made, limits, webhook_port=hook, **chosen))  # type: ignore[misc]
                yield run
            finally:
                run.bots.end()
                run.telegram.end()
    finally:
        logging.disable(logging.NOTSET)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(backend: str, folder: Path) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite:///{folder}/bot.db"
        return
    with postgres(folder / "pg") as server:
        yield server.url


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the local Bot API did not start")


def until_heard(run: Live, each: Callable[[float], None] = lambda _now: None, *, tick: float = 0.02) -> Heard:
    """Waits until the people have ended; `each` is called meanwhile with the seconds since the start."""
    started = time.monotonic()
    while (heard := run.heard()) is None:
        run.telegram.reap()
        each(time.monotonic() - started)
        time.sleep(tick)
    return heard


def with_kills(talk: Talk, kills: int, *, backend: str, webhook: bool, tell: Callable[[str], None]) -> Heard:
    """Kills the one copy evenly over the first nine tenths of the work, and starts it again."""
    chance, done = random.Random(1), 0
    with live(talk, backend=backend, webhook=webhook) as run:

        def kill(_now: float) -> None:
            nonlocal done
            if done < kills and run.progress() >= talk.messages * 9 * (done + 1) // (10 * kills):
                run.bots.kill_one(chance)
                done += 1
                tell(f"kill {done} of {kills}, {run.progress()} answered")

        return until_heard(run, kill)


def behind_nginx(talk: Talk, kills: int, *, tell: Callable[[str], None]) -> Heard:
    """Two copies on PostgreSQL behind a real nginx with the configuration of deploy/; one after the other is killed."""
    front, hooks = free_port(), (free_port(), free_port())
    chance, done = random.Random(3), 0
    with live(talk, backend="postgresql", hooks=hooks, webhook_at=front, webhook=True) as run:
        nginx = _nginx(run.folder, front, hooks)

        def kill(_now: float) -> None:
            nonlocal done
            if done < kills and run.progress() >= talk.messages * 9 * (done + 1) // (10 * kills):
                run.bots.kill_one(chance)
                done += 1
                tell(f"kill {done} of {kills}, {run.progress()} answered")

        try:
            return until_heard(run, kill)
        finally:
            nginx.terminate()
            nginx.wait()


def _nginx(folder: Path, front: int, hooks: tuple[int, ...]) -> subprocess.Popen[bytes]:
    """Nginx with our own configuration, on loopback and without TLS."""
    own = (DEPLOY / "nginx.conf").read_text()
    own = re.sub(r"\n *ssl_[^\n]*", "", own).replace("listen 443 ssl", f"listen 127.0.0.1:{front}")
    own = own.replace("/tmp/", f"{folder}/")
    for name, port in zip(("bot-1:8080", "bot-2:8080"), hooks, strict=True):
        own = own.replace(name, f"127.0.0.1:{port}")
    (folder / "nginx.conf").write_text(own)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def every_five_seconds(talk: Talk, *, tell: Callable[[str], None]) -> tuple[Heard, int]:
    """Two copies on PostgreSQL, one of them killed every five seconds; what was heard, and how many kills."""
    chance, kills = random.Random(2), 0
    with live(talk, backend="postgresql", copies=2) as run:

        def kill(now: float) -> None:
            nonlocal kills
            if now >= 5 * (kills + 1) and run.progress() < talk.messages:
                run.bots.kill_one(chance)
                kills += 1
                tell(f"kill {kills}, {run.progress()} answered")

        return until_heard(run, kill), kills


def frozen(talk: Talk, *, seconds: float) -> Heard:
    """Two copies; one is stopped in the middle of its work for `seconds`, longer than its lease, and goes on."""
    lease = timedelta(seconds=4)
    limits = replace(UNPACED, lease=lease, margin=timedelta(seconds=1))
    with live(talk, backend="postgresql", copies=2, limits=limits) as run:
        asleep: list[int] = []
        woken: list[float] = []

        def freeze(now: float) -> None:
            if not asleep and run.progress() > talk.messages // 4:
                asleep.append(sorted(run.bots.at_work())[0])
                os.kill(asleep[0], signal.SIGSTOP)
                woken.append(now + seconds)
            elif asleep and woken and now > woken[0]:
                os.kill(asleep[0], signal.SIGCONT)
                woken.clear()

        return until_heard(run, freeze)
