"""How does a bad network between us and Telegram behave? A gateway that breaks a share of all calls in 14 ways."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from enum import Enum
from typing import Final

import aiohttp
from aiohttp import web

_HTML: Final = b"<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"


class Kind(Enum):
    """A way in which a call fails; those of `CARRIED_OUT` happened all the same."""

    INTERNAL = "500 with JSON"
    BAD_GATEWAY = "502 with HTML"
    UNAVAILABLE = "503, empty"
    GATEWAY_TIMEOUT = "504 with HTML"
    FLOOD = "429 with retry_after"
    FLOOD_UNSAID = "429 without retry_after"
    DROPPED = "connection dropped before"
    HTML_AS_OK = "200 with an HTML page, not carried out"
    LOST = "carried out, connection dropped"
    CUT = "carried out, half of the answer"
    EMPTY = "carried out, empty answer"
    NO_JSON = "carried out, answer is no JSON"
    NO_RESULT = "carried out, answer without result"
    SLOW = "carried out, answered late"


CARRIED_OUT: Final = frozenset({Kind.LOST, Kind.CUT, Kind.EMPTY, Kind.NO_JSON, Kind.NO_RESULT, Kind.SLOW})


class Gateway:
    """Passes calls on to `upstream`, save for the share it breaks; the same ones for the same order of calls."""

    def __init__(self, *, upstream: str, port: int, share: float, seed: int = 1) -> None:
        self._upstream = upstream
        self._port = port
        self._share = share
        self._chance = random.Random(seed)
        self.counts: Counter[str] = Counter()

    async def open(self) -> None:
        """Listens."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=90))
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def close(self) -> None:
        """Stops."""
        await self._runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        kind = self._chance.choice(list(Kind)) if self._chance.random() < self._share else None
        if kind is not None:
            self.counts[kind.value] += 1
        if kind is not None and kind not in CARRIED_OUT:
            return _refused(request, kind)
        async with self._session.request(
            request.method,
            f"{self._upstream}{request.rel_url}",
            data=body,
            headers={"Content-Type": "application/json"},
        ) as answer:
            content, status = await answer.read(), answer.status
        if kind is None:
            return web.Response(body=content, status=status, content_type="application/json")
        return await _spoiled(request, kind, content, status)


def _refused(request: web.Request, kind: Kind) -> web.StreamResponse:
    match kind:
        case Kind.INTERNAL:
            told = {"ok": False, "error_code": 500, "description": "Internal Server Error"}
            return web.json_response(told, status=500)
        case Kind.FLOOD:
            told = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1"}
            return web.json_response(told | {"parameters": {"retry_after": 1}}, status=429)
        case Kind.FLOOD_UNSAID:
            told = {"ok": False, "error_code": 429, "description": "Too Many Requests"}
            return web.json_response(told, status=429)
        case Kind.UNAVAILABLE:
            return web.Response(status=503)
        case Kind.HTML_AS_OK:
            return web.Response(body=_HTML, content_type="text/html")
        case Kind.DROPPED:
            _drop(request)
            return web.Response()
        case _:
            return web.Response(body=_HTML, content_type="text/html", status=502 if kind is Kind.BAD_GATEWAY else 504)


async def _spoiled(request: web.Request, kind: Kind, content: bytes, status: int) -> web.StreamResponse:
    match kind:
        case Kind.LOST:
            _drop(request)
            return web.Response()
        case Kind.CUT:
            return web.Response(body=content[: len(content) // 2], content_type="application/json")
        case Kind.EMPTY:
            return web.Response(body=b"")
        case Kind.NO_JSON:
            return web.Response(body=b"\xff\xfe not json", content_type="application/json")
        case Kind.NO_RESULT:
            return web.Response(body=json.dumps({"ok": True}).encode(), content_type="application/json")
        case _:
            await asyncio.sleep(1.5)
            return web.Response(body=content, status=status, content_type="application/json")


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
