"""How much memory do a crowd after an outage and a hundred thousand different people cost?"""

# ruff: noqa: FBT001, ASYNC110  a measurement waits, polls, prints

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import psutil

from benchmarks.chaos import Herd
from benchmarks.figures.live import UNPACED, copy_of_the_bot, free_port
from benchmarks.figures.measured import Figure, Measured
from benchmarks.figures.messages import tell
from benchmarks.figures.scripted import ScriptedTelegram, message
from tests.bot.echo_bot import parts as echo_parts

AT_ONCE = 100


def waiting(long: bool) -> Measured:
    """See its figure."""
    count = 20_000 if long else 500
    grown, answered = _fed((message(n, 1_000 + n % 2_000, f"question {n}") for n in range(1, count + 1)), count)
    numbers = {"updates waiting": count, "not answered": count - answered, "growth MB": grown}
    return Measured(numbers=numbers, at_most={"not answered": 0, "growth MB": 50})


def people(long: bool) -> Measured:
    """See its figure."""
    count = 100_000 if long else 500
    grown, answered = _fed((message(n, 10_000 + n, "hello") for n in range(1, count + 1)), count)
    numbers = {"people": count, "not answered": count - answered, "growth MB": grown}
    return Measured(numbers=numbers, at_most={"not answered": 0, "growth MB": 20})


def _fed(updates: Iterator[dict[str, Any]], count: int) -> tuple[float, int]:
    """How far the bot's memory grew at most after its first 300 answers, in MB, and how many answers came."""
    folder, herd, port = Path(tempfile.mkdtemp(prefix="massage-bot-memory-")), Herd(), free_port()
    made = echo_parts()
    try:
        chosen: dict[str, Any] = {
            "telegram_api_url": f"http://127.0.0.1:{port}",
            "database_url": f"sqlite:///{folder}/bot.db",
        }
        herd.start(lambda: copy_of_the_bot(made, UNPACED, **chosen))
        return asyncio.run(_watch(psutil.Process(herd.at_work()[0]), port, updates, count))
    finally:
        herd.end()
        shutil.rmtree(folder, ignore_errors=True)


async def _watch(bot: psutil.Process, port: int, updates: Iterator[dict[str, Any]], count: int) -> tuple[float, int]:
    async with ScriptedTelegram(port, at_once=AT_ONCE) as telegram:
        telegram.keeps = False
        telegram.waiting += [orjson.dumps(each) for each in islice(updates, 300)]
        await _until(telegram, min(300, count))
        before = most = bot.memory_info().rss
        last, seen = time.monotonic(), 0
        while telegram.count_sent < count and time.monotonic() - last < 60:
            telegram.waiting += [orjson.dumps(each) for each in islice(updates, 1_000 - len(telegram.waiting))]
            await asyncio.sleep(0.2)
            most = max(most, bot.memory_info().rss)
            if telegram.count_sent > seen:
                last, seen = time.monotonic(), telegram.count_sent
            if seen % 5_000 < 40:
                tell(f"{seen} answered, {(most - before) / 1024 / 1024:.1f} MB more")
        return round((most - before) / 1024 / 1024, 1), telegram.count_sent


async def _until(telegram: ScriptedTelegram, count: int) -> None:
    async with asyncio.timeout(60):
        while telegram.count_sent < count:
            await asyncio.sleep(0.05)


FIGURES = (
    Figure(name="crowd", says="20,000 updates wait after an outage; all are answered, in bounded memory.", run=waiting),
    Figure(name="people", says="100,000 different people write once each.", run=people),
)
