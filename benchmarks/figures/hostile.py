"""Figures about hostile input: malformed updates, webhook attacks, damaged files, words in logs."""

# ruff: noqa: FBT001, ASYNC110, ASYNC240, E501, SIM105  a measurement waits, polls, prints

from __future__ import annotations

import asyncio
import io
import logging
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil

from benchmarks.chaos import Herd, parse
from benchmarks.figures.live import SECRET, UNPACED, copy_of_the_bot, free_port
from benchmarks.figures.measured import Figure, Measured
from benchmarks.figures.scripted import ScriptedTelegram, message
from bot import logs
from bot.preview.telegram_state import DEFAULT_TOKEN
from bot.reminders import Reminder
from bot.settings import read_settings
from bot.store.errors import StoreError
from bot.store.moments import wall_clock
from bot.store.store import open_store
from bot.telegram.run import run_bot
from tests.bot.echo_bot import parts as echo_parts

ROOT = Path(__file__).resolve().parents[2]
CANARIES = tuple(f"kanarie{number:02d}vogel" for number in range(50))
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@contextmanager
def written_logs(level: str) -> Iterator[io.StringIO]:
    """All that logs show at a level; the root logger is put back afterwards."""
    root, stream, hook = logging.getLogger(), io.StringIO(), sys.excepthook
    before, old = list(root.handlers), root.level
    logs.set_up(level, [DEFAULT_TOKEN, SECRET], stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = before
        root.setLevel(old)
        sys.excepthook = hook


def misshapen(chance: random.Random, number: int) -> bytes:
    """An update of valid number that is broken in some way, with a canary inside."""
    word = CANARIES[number % len(CANARIES)]
    update = message(number, 5_000_000 + number % 50, word)
    said = update["message"]
    match number % 10:
        case 0:
            del said["chat"]
        case 1:
            said["chat"] = word
        case 2:
            said["from"] = [word]
        case 3:
            said["text"] = {word: [word]}
        case 4:
            said["date"] = word
        case 5:
            return orjson.dumps(update).replace(word.encode(), word.encode() + b"\\ud83d")
        case 6:
            said["entities"] = word
            said["message_id"] = word
        case 7:
            return b'{"update_id":%d,"message":%s}' % (number, b"[" * 500 + b"]" * 500)
        case 8:
            update["callback_query"] = {"id": word, "from": chance.choice([None, word, 7]), "data": word * 30}
            del update["message"]
        case _:
            said[chance.choice(["reply_to_message", "sticker", "location", "contact"])] = word
            said.pop("text")
    return orjson.dumps(update)


def malformed(long: bool) -> Measured:
    """See its figure."""
    count = 1_000 if long else 100

    async def scenario() -> tuple[float, int]:
        async with ScriptedTelegram(free_port()) as telegram:
            chance, stop = random.Random(3), asyncio.Event()
            telegram.waiting += [misshapen(chance, number) for number in range(1, count + 1)]
            telegram.waiting.append(orjson.dumps(message(count + 1, 9, "a good one")))
            settings = read_settings(
                None,
                telegram_token=DEFAULT_TOKEN,
                telegram_api_url=telegram.url,
                database_url="sqlite://",
            )
            bot = asyncio.create_task(run_bot(settings, echo_parts(), stop, limits=UNPACED))
            waited = await _until_good(telegram, bot)
            stop.set()
            await bot
            return waited, telegram.count_sent

    with written_logs("DEBUG") as seen:
        waited, sent = asyncio.run(scenario())
    hits = sum(word in seen.getvalue() for word in CANARIES)
    numbers = {
        "malformed": count,
        "good one answered after s": round(waited, 3),
        "words in logs": hits,
        "replies": sent,
    }
    return Measured(numbers=numbers, at_most={"good one answered after s": 1.0 if long else 5.0, "words in logs": 0})


async def _until_good(telegram: ScriptedTelegram, bot: asyncio.Task[None]) -> float:
    """Seconds from handing out the good update to its answer; endless when none came."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not bot.done():
        for at, sent in telegram.sent:
            if sent["chat_id"] == 9:
                return at - telegram.given[-1]
        await asyncio.sleep(0.02)
    return float("inf")


def canary(long: bool) -> Measured:
    """See its figure."""
    levels = LEVELS if long else ("DEBUG", "CRITICAL")
    output = "".join(_spoken(level) for level in levels)
    numbers: dict[str, float] = {"levels": len(levels), "characters of logs": len(output)}
    if long:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-s", "-q", "-o", "log_cli=true", "--log-cli-level=DEBUG", "tests/bot",
             "--deselect", "tests/bot/test_chaos.py", "--ignore", "tests/figures"],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip
        output += run.stdout + run.stderr
        numbers["characters of test output"] = len(run.stdout) + len(run.stderr)
    numbers["words"] = sum(word in output for word in CANARIES)
    numbers["tokens"] = len(re.findall(r"\d{6,}:[\w-]{30,}", output))
    numbers["secrets"] = output.count(SECRET)
    return Measured(numbers=numbers, at_most={"words": 0, "tokens": 0, "secrets": 0})


def _spoken(level: str) -> str:
    """What is logged while people say the canaries, also in ways that make us fail."""

    async def scenario() -> None:
        async with ScriptedTelegram(free_port()) as telegram:
            stop = asyncio.Event()
            for number, word in enumerate(CANARIES, start=1):
                telegram.waiting.append(orjson.dumps(message(2 * number, 77 + number, word)))
                telegram.waiting.append(misshapen(random.Random(number), 2 * number + 1))
            telegram.waiting.append(orjson.dumps(message(900, 77, "break")))
            settings = read_settings(
                None,
                telegram_token=DEFAULT_TOKEN,
                telegram_api_url=telegram.url,
                database_url="sqlite://",
            )
            bot = asyncio.create_task(run_bot(settings, echo_parts(), stop, limits=UNPACED))
            deadline = time.monotonic() + 60
            while telegram.count_sent < len(CANARIES) and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
            logging.getLogger("bot.elsewhere").critical("calling /bot%s/x with %s", DEFAULT_TOKEN, SECRET)
            stop.set()
            await bot

    with written_logs(level) as seen:
        asyncio.run(scenario())
    return seen.getvalue()


# Damaged files


def damaged(long: bool) -> Measured:
    """See its figure."""
    return asyncio.run(_damaged(200 if long else 30))


async def _damaged(count: int) -> Measured:
    folder, chance = Path(tempfile.mkdtemp(prefix="massage-bot-damage-")), random.Random(11)
    try:
        sound = await _sound(folder / "sound.db")
        refused = changed = unnoticed = missed = 0
        for number in range(count):
            file = folder / f"{number}.db"
            broken = _broken(sound, chance, number)
            file.write_bytes(broken)
            try:
                await (await open_store(f"sqlite:///{file}", parse=parse)).close()
            except StoreError:
                refused += 1
                changed += file.read_bytes() != broken
            else:
                unnoticed += 1
                missed += not _is_sound(broken, folder / "again.db")
            file.unlink()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    numbers = {
        "files": count, "refused": refused, "refused but changed": changed,
        "opened: SQLite finds them sound": unnoticed, "opened though SQLite finds damage": missed,
    }  # fmt: skip
    return Measured(numbers=numbers, at_most={"refused but changed": 0, "opened though SQLite finds damage": 0})


async def _sound(file: Path) -> bytes:
    store = await open_store(f"sqlite:///{file}", parse=parse)
    due = wall_clock()
    await store.add_reminders(
        Reminder(id=f"r{n}", person_id=n, chat_id=n, text="neck", rule=None, due=due) for n in range(300)
    )
    await store.close()
    return file.read_bytes()


def _broken(sound: bytes, chance: random.Random, number: int) -> bytes:
    match number % 4:
        case 0:
            return sound[: chance.randrange(1, len(sound))]
        case 1:
            start = 4096 * chance.randrange(len(sound) // 4096)
            return sound[:start] + b"\x77" + chance.randbytes(199) + sound[start + 200 :]
        case 2:
            start = chance.randrange(len(sound) - 200)
            return sound[:start] + chance.randbytes(200) + sound[start + 200 :]
        case _:
            place, bit = chance.randrange(100), 1 << chance.randrange(8)
            return sound[:place] + bytes([sound[place] ^ bit]) + sound[place + 1 :]


def _is_sound(content: bytes, file: Path) -> bool:
    file.write_bytes(content)
    try:
        with closing(sqlite3.connect(file)) as conn:
            return bool(conn.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


# Webhook attacks


def attacks(long: bool) -> Measured:
    """See its figure."""
    folder, herd = Path(tempfile.mkdtemp(prefix="massage-bot-hook-")), Herd()
    hook, api = free_port(), free_port()
    try:
        herd.start(lambda: _silent_telegram(api))
        chosen: dict[str, Any] = {
            "telegram_api_url": f"http://127.0.0.1:{api}",
            "database_url": f"sqlite:///{folder}/bot.db",
            "webhook_url": f"http://127.0.0.1:{hook}/hook",
            "webhook_secret": SECRET,
            "webhook_port": hook,
        }
        herd.start(lambda: copy_of_the_bot(echo_parts(), UNPACED, **chosen))
        bot = psutil.Process(herd.at_work()[-1])
        _until_listening(hook)
        for _ in range(3):  # a warm process is what is measured
            _ask(hook, _post(orjson.dumps(message(1, 5, "warm"))))
        before = bot.memory_info().rss
        wrong = {name: got for name, raw, wanted in _attacks(long) if (got := _ask(hook, raw)) not in wanted}
        growth = (bot.memory_info().rss - before) / 1024 / 1024
        alive = _ask(hook, _post(orjson.dumps(message(900, 5, "still there")))) == 200
        for name, got in wrong.items():
            print(f"{name}: {got}", file=sys.stderr)
    finally:
        herd.end()
        shutil.rmtree(folder, ignore_errors=True)
    numbers = {
        "attacks": len(_attacks(long)),
        "wrong status": len(wrong),
        "growth MB": round(growth, 2),
        "dead": not alive,
    }
    return Measured(numbers=numbers, at_most={"wrong status": 0, "growth MB": 5, "dead": 0})


async def _silent_telegram(port: int) -> None:
    async with ScriptedTelegram(port):
        await asyncio.Event().wait()


def _until_listening(port: int) -> None:
    deadline = time.monotonic() + 30
    while _ask(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") != 200:
        if time.monotonic() > deadline:
            raise TimeoutError("the webhook does not listen")
        time.sleep(0.1)


def _post(
    body: bytes, *, secret: str | None = SECRET, path: str = "/hook", verb: str = "POST", **headers: str
) -> bytes:
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"Host": "x", "Connection": "close", "Content-Length": str(len(body)), **own}
    if secret is not None:
        given["X-Telegram-Bot-Api-Secret-Token"] = secret
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{verb} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


def _attacks(long: bool) -> list[tuple[str, bytes, tuple[int, ...]]]:
    """Name, what is sent, and which statuses are right (0: the connection is closed without an answer)."""
    good = orjson.dumps(message(2, 5, "hello"))
    huge = 100 * 1024 * 1024
    found = [
        ("no secret", _post(good, secret=None), (403,)),
        ("empty secret", _post(good, secret=""), (403,)),
        ("wrong secret", _post(good, secret="wrong"), (403,)),
        ("secret with one letter more", _post(good, secret=SECRET + "x"), (403,)),
        ("secret with one letter less", _post(good, secret=SECRET[:-1]), (403,)),
        ("secret in capitals", _post(good, secret=SECRET.upper()), (403,)),
        ("secret of 4 kB", _post(good, secret="x" * 4096), (403, 400)),
        ("secret of 60 kB", _post(good, secret="x" * 60_000), (403, 400, 431)),
        ("secret that is not ASCII", _post(good, secret="\xe9\xff"), (403, 400)),
        ("two secrets, the wrong one first", _post(good, secret=SECRET).replace(b"Host: x", b"X-Telegram-Bot-Api-Secret-Token: no\r\nHost: x"), (403,)),
        ("GET", _post(b"", verb="GET"), (405,)),
        ("PUT", _post(good, verb="PUT"), (405,)),
        ("DELETE", _post(b"", verb="DELETE"), (405,)),
        ("another path", _post(good, path="/other"), (404,)),
        ("path with dots", _post(good, path="/hook/../metrics"), (404, 400)),
        ("100 MB said", _post(b"", Content_Length=str(huge)), (413,)),
        ("100 MB said without secret", _post(b"", secret=None, Content_Length=str(huge)), (403,)),
        ("2 MB in chunks", _chunked(2 * 1024 * 1024), (413,)),
        ("negative length", _post(good, Content_Length="-5"), (400, 413)),
        ("length that is no number", _post(good, Content_Length="many"), (400, 413)),
        ("two lengths", _post(good).replace(b"Host: x", b"Content-Length: 3\r\nHost: x"), (400, 413, 200)),
        ("no JSON", _post(b"hello"), (200,)),
        ("empty body", _post(b""), (200,)),
        ("JSON that is no update", _post(b"[1,2]"), (200,)),
        ("200,000 brackets", _post(b"[" * 200_000), (200,)),
        ("deep update", _post(b'{"update_id":3,"message":' + b"[" * 50_000 + b"]" * 50_000 + b"}"), (200,)),
        ("bad UTF-8", _post(b'{"update_id":4,"message":{"text":"\xff\xfe"}}'), (200,)),
        ("number of 400 digits", _post(b'{"update_id":' + b"9" * 400 + b"}"), (200,)),
        ("replay", _post(good) , (200,)),
        ("replay again", _post(good), (200,)),
        ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", (400, 0)),
    ]  # fmt: skip
    if long:
        found.append(("body that never comes", _post(b"", Content_Length="5000") + b"{", (408,)))
    return found


def _chunked(size: int) -> bytes:
    head = _post(b"", Transfer_Encoding="chunked").replace(b"Content-Length: 0\r\n", b"")
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    return head + chunk * (size // 65536) + b"0\r\n\r\n"


def _ask(port: int, raw: bytes) -> int:
    """The status of the answer; 0 for none."""
    with socket.socket() as caller:
        caller.settimeout(20)
        try:
            caller.connect(("127.0.0.1", port))
            try:
                caller.sendall(raw)
            except (BrokenPipeError, ConnectionResetError):
                pass  # answered before all was said
            first = caller.recv(4096).split(b" ", 2)
            return int(first[1]) if len(first) > 1 else 0
        except (OSError, ValueError):
            return 0


FIGURES = (
    Figure(
        name="malformed",
        says="1,000 malformed updates; the next good one is answered, and the logs hold none of their words.",
        run=malformed,
    ),
    Figure(
        name="canary",
        says="Token, secret and 50 words of users are looked for in all logs, at all levels, and in the tests' output.",
        run=canary,
    ),
    Figure(name="damaged-files", says="Damaged database files are refused and stay as they are.", run=damaged),
    Figure(
        name="webhook-attacks", says="Hostile requests to the webhook get the right status and no memory.", run=attacks
    ),
)
