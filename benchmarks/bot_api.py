"""A Bot API that costs next to nothing: it hands out messages and counts the answers, in a process of its own.

Told what to do by lines of JSON on standard input; answers each with a line of JSON on standard output:

    {"do": "seq", "messages": 300, "chats": 50}       the next message once the one before is answered
    {"do": "burst", "messages": 1000, "chats": 200}   all at once
    {"do": "hook", "messages": 500, "chats": 100, "url": …, "secret": …}   delivered to a webhook, eight at a time
    {"do": "wait"}                                    until the bot has asked for updates, or set its webhook

`delay` (seconds) holds back each answer to a sendMessage; with `in_turn` every chat gets the same texts one after the
other; with `tell` the answers of every chat are printed. The first line printed is the port.
"""

# ruff: noqa: D102, PLC0415 (imports are part of what is measured)

from __future__ import annotations

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvloop
import yaml

ROOT = Path(__file__).resolve().parent.parent
ME = {"id": 123456789, "is_bot": True, "first_name": "Bench", "username": "bench_bot", "can_join_groups": True}
MOST_AT_ONCE = 100
GIVEN_UP = 120.0
"""Seconds without any answer after which a run has failed."""


def questions() -> list[str]:
    """Questions people ask, of tests/conversations, that need no earlier turn."""
    found = []
    for path in sorted((ROOT / "tests" / "conversations").glob("[as]*/*.yaml")):
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        found += [entry["ask"] for entry in entries if not entry.get("context")]
    return found


class BotApi:
    """The state of the Bot API, and the run that is going on."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.asked_at: float | None = None
        self.hooked_at: float | None = None
        self.here = asyncio.Event()
        """Set once a bot has asked for updates, or set its webhook."""
        self._texts = texts
        self._update = 1000
        self._sent = 0
        self._waiting: list[dict[str, Any]] = []
        self._more = asyncio.Event()
        self._delay = 0.0
        self._answered = asyncio.Event()
        self._answers: dict[int, list[str]] = defaultdict(list)
        self._number = 0
        self.calls: dict[str, int] = defaultdict(int)

    async def call(self, method: str, body: bytes, kind: str) -> bytes:
        """The answer to one call."""
        self.calls[method] += 1
        if method == "getUpdates":
            return await self._updates(_fields(body, kind))
        if method == "sendMessage":
            return await self._message(_fields(body, kind))
        if method == "setWebhook":
            self.hooked_at = self.hooked_at or time.monotonic()
            self.here.set()
            return b'{"ok":true,"result":true}'
        if method == "getMe":
            return orjson.dumps({"ok": True, "result": ME})
        if method == "getWebhookInfo":
            info = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
            return orjson.dumps({"ok": True, "result": info})
        if method == "getMyCommands":
            return b'{"ok":true,"result":[]}'
        return b'{"ok":true,"result":true}'

    async def _updates(self, fields: dict[str, Any]) -> bytes:
        self.asked_at = self.asked_at or time.monotonic()
        self.here.set()
        offset = int(fields.get("offset") or 0)
        if offset:
            self._waiting = [update for update in self._waiting if update["update_id"] >= offset]
        if not self._waiting and float(fields.get("timeout") or 0) > 0:
            self._more.clear()
            try:
                async with asyncio.timeout(float(fields["timeout"])):
                    await self._more.wait()
            except TimeoutError:
                pass
        batch = self._waiting[: min(int(fields.get("limit") or MOST_AT_ONCE), MOST_AT_ONCE)]
        return orjson.dumps({"ok": True, "result": batch})

    async def _message(self, fields: dict[str, Any]) -> bytes:
        chat, text = int(fields["chat_id"]), str(fields.get("text", ""))
        if self._delay:
            await asyncio.sleep(self._delay)
        self._answers[chat].append(text)
        self._number += 1
        self._sent += 1
        self._answered.set()
        message = {
            "message_id": self._number,
            "from": ME,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "Ann"},
            "text": text,
        }
        return orjson.dumps({"ok": True, "result": message})

    def _next(self, number: int, told: dict[str, Any]) -> dict[str, Any]:
        self._update += 1
        turn, which = divmod(number, int(told["chats"]))
        chat = 500_000 + which
        return {
            "update_id": self._update,
            "message": {
                "message_id": self._update,
                "from": {"id": chat, "is_bot": False, "first_name": "Ann", "language_code": "en"},
                "chat": {"id": chat, "first_name": "Ann", "type": "private"},
                "date": int(time.time()),
                "text": self._texts[(turn if told.get("in_turn") else number) % len(self._texts)],
            },
        }

    def _offer(self, updates: list[dict[str, Any]]) -> None:
        self._waiting += updates
        self._more.set()

    async def _until(self, sent: int) -> None:
        while self._sent < sent:
            self._answered.clear()
            async with asyncio.timeout(GIVEN_UP):
                await self._answered.wait()

    async def run(self, told: dict[str, Any]) -> dict[str, Any]:
        """Carries one run out: how long it took, and what was answered."""
        self._answers.clear()
        self._delay = float(told.get("delay", 0))
        number, start = int(told["messages"]), self._sent
        self.calls.clear()
        began = time.monotonic()
        match told["do"]:
            case "seq":
                for each in range(number):
                    self._offer([self._next(each, told)])
                    await self._until(start + each + 1)
            case "burst":
                self._offer([self._next(each, told) for each in range(number)])
                await self._until(start + number)
            case "hook":
                await self._deliver([self._next(each, told) for each in range(number)], told)
                await self._until(start + number)
        took = time.monotonic() - began
        return {
            "seconds": took,
            "calls": dict(self.calls),
            "answers": {str(chat): texts for chat, texts in self._answers.items()} if told.get("tell") else {},
        }

    async def _deliver(self, updates: list[dict[str, Any]], told: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": told["secret"], "Content-Type": "application/json"}
        todo = iter(updates)

        async def one_line(session: aiohttp.ClientSession) -> None:
            for update in todo:
                async with session.post(told["url"], data=orjson.dumps(update), headers=headers) as answer:
                    answer.raise_for_status()

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(one_line(session) for _ in range(8)))


def _fields(body: bytes, kind: str) -> dict[str, Any]:
    if not body:
        return {}
    if "json" in kind:
        found: dict[str, Any] = orjson.loads(body)
        return found
    if "multipart" in kind:
        return _parts(body, kind)
    from urllib.parse import parse_qsl

    return dict(parse_qsl(body.decode()))


def _parts(body: bytes, kind: str) -> dict[str, Any]:
    """The texts of a form."""
    mark = b"--" + kind.split("boundary=")[1].strip('"').encode()
    found = {}
    for part in body.split(mark):
        head, _, text = part.partition(b"\r\n\r\n")
        if b'name="' in head:
            found[head.split(b'name="')[1].split(b'"')[0].decode()] = text.removesuffix(b"\r\n").decode()
    return found


class Connection(asyncio.Protocol):
    """HTTP/1.1 as the clients here speak it, one call at a time."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._given = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        for task in self._tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self._given += data
        while True:
            head, found, rest = self._given.partition(b"\r\n\r\n")
            if not found:
                return
            lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            length = int(headers.get("content-length", 0))
            if headers.get("transfer-encoding", "").lower() == "chunked":
                body, over = _unchunked(rest)
                if body is None:
                    return
                rest = over
            else:
                if len(rest) < length:
                    return
                body, rest = rest[:length], rest[length:]
            self._given = rest
            method = lines[0].split(" ")[1].partition("?")[0].rsplit("/", 1)[-1]
            task = asyncio.ensure_future(self._answer(method, body, headers.get("content-type", "")))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, method: str, body: bytes, kind: str) -> None:
        answer = await self._api.call(method, body, kind)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        self._transport.write(head.encode() + answer)  # type: ignore[attr-defined]


def _unchunked(data: bytes) -> tuple[bytes | None, bytes]:
    body = b""
    while True:
        size, found, rest = data.partition(b"\r\n")
        if not found or len(rest) < (number := int(size, 16)) + 2:
            return None, data
        body += rest[:number]
        data = rest[number + 2 :]
        if number == 0:
            return body, data


async def main() -> None:
    """Serves until standard input ends."""
    api = BotApi(questions())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(api), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    reader = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        told = orjson.loads(line)
        if told["do"] == "wait":
            await api.here.wait()
            said: dict[str, Any] = {"asked_at": api.asked_at, "hooked_at": api.hooked_at}
        else:
            try:
                said = await api.run(told)
            except TimeoutError:
                said = {"failed": f"no answer for {GIVEN_UP} s", "calls": dict(api.calls)}
        print(orjson.dumps(said).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
