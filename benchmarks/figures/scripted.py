"""A Bot API in a few lines that hands out whatever it is given, valid or not, and notes what it is sent."""

# ruff: noqa: PYI034  a measurement waits, polls, prints

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any, Final

import orjson
from aiohttp import web

ME: Final = {"id": 4242424242, "is_bot": True, "first_name": "M", "username": "massage_preview_bot"}


def message(number: int, person: int, text: str) -> dict[str, Any]:
    """A well formed update."""
    who = {"id": person, "is_bot": False, "first_name": "A", "language_code": "en"}
    chat = {"id": person, "type": "private", "first_name": "A"}
    said = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
    return {"update_id": number, "message": said}


class ScriptedTelegram:
    """Gives the bodies put into `waiting`, one update per poll, whole; `sent` holds when what was sent.

    A message counts as sent after `seconds` on its way.
    """

    def __init__(self, port: int, *, at_once: int = 1, seconds: float = 0.0) -> None:
        self._port = port
        self._at_once = at_once
        self._seconds = seconds
        self.waiting: deque[bytes] = deque()
        self.given: list[float] = []
        self.sent: list[tuple[float, dict[str, Any]]] = []
        self.count_sent = 0
        self.keeps = True

    async def __aenter__(self) -> ScriptedTelegram:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Its root address."""
        return f"http://127.0.0.1:{self._port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.path.rpartition("/")[2].lower()
        body = await request.read()
        match method:
            case "getupdates":
                return await self._updates()
            case "sendmessage" | "editmessagetext":
                if self._seconds:
                    await asyncio.sleep(self._seconds)
                self.count_sent += 1
                if self.keeps:
                    self.sent.append((time.monotonic(), orjson.loads(body)))
                return _ok({"message_id": self.count_sent})
            case "getme":
                return _ok(ME)
            case _:
                return _ok([] if method == "getmycommands" else True)

    async def _updates(self) -> web.StreamResponse:
        """The next updates as they are; they count as confirmed, since nothing here is about losing them."""
        for _ in range(200):
            if self.waiting:
                parts = [self.waiting.popleft() for _ in range(min(self._at_once, len(self.waiting)))]
                self.given += [time.monotonic()] * len(parts)
                return web.Response(
                    body=b'{"ok":true,"result":[' + b",".join(parts) + b"]}", content_type="application/json"
                )
            await asyncio.sleep(0.01)
        return _ok([])


def _ok(result: Any) -> web.Response:
    return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")
