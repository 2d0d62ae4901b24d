"""How do updates come in when Telegram delivers them, and how does a host see whether the bot is well?

Order of the checks: method, secret (in constant time), size before the body is read, then the body is stored, and only
then Telegram hears 200. What cannot be read is answered 200 too, or Telegram would send it for ever; a database that is
away is answered 503, so that Telegram keeps the update.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram.error import InvalidToken, TelegramError

from bot.intake import RawUpdate
from bot.store.errors import StoreError
from bot.telegram.polling import Accept, PollingEnded, TokenRefused
from bot.telegram.sending import Api
from bot.telegram.updates import ALLOWED, lane_of, loads, number_of

log = logging.getLogger(__name__)

LARGEST: Final = 1024 * 1024
BODY_SECONDS: Final = 10.0
CONNECTIONS: Final = 20
LOOK_SECONDS: Final = 3.0
SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105  the name of a header
_TRIES: Final = 6


Look = Callable[[], Awaitable[None]]
"""Reads what waits in the database into the gauges. Raises StoreError when it is away."""


async def _nothing_to_look_at() -> None:
    return


class Front:
    """/healthz says that the process lives, /readyz whether updates come in, /metrics what was counted."""

    def __init__(self, *, is_ready: Callable[[], bool], look: Look = _nothing_to_look_at) -> None:
        self._is_ready = is_ready
        self._look = look

    def routes(self) -> list[Route]:
        """Its pages."""
        return [
            Route("/healthz", self._health, methods=["GET"]),
            Route("/readyz", self._ready, methods=["GET"]),
            Route("/metrics", self._metrics, methods=["GET"]),
        ]

    async def run(self, stop: asyncio.Event, *, host: str, port: int) -> None:
        """Serves only these pages until `stop` is set."""
        await _serve(Starlette(routes=self.routes()), stop, host=host, port=port)

    async def _health(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _ready(self, _request: Request) -> Response:
        if not self._is_ready():
            return PlainTextResponse("not ready: no updates come in\n", status_code=503)
        if not await self._has_looked():
            return PlainTextResponse("not ready: the database does not answer\n", status_code=503)
        return PlainTextResponse("ready\n")

    async def _has_looked(self) -> bool:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._look()
        except (StoreError, TimeoutError):
            return False
        return True

    async def _metrics(self, _request: Request) -> Response:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest  # noqa: PLC0415  only where it is asked for

        await self._has_looked()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class Webhook:
    """Takes updates that Telegram delivers.

    Args:
        api: the Bot API, to say where to deliver.
        accept: stores a batch.
        url: the public address; its path is the one served here.
        secret: what Telegram must send along.
        host: where to listen.
        port: where to listen.
        look: see `Look`.
    """

    def __init__(
        self,
        *,
        api: Api,
        accept: Accept,
        url: str,
        secret: str,
        host: str,
        port: int,
        look: Look = _nothing_to_look_at,
    ) -> None:
        self._api = api
        self._accept = accept
        self._url = url
        self._secret = secret
        self._host = host
        self._port = port
        self._look = look
        self._can_store = True
        self.started = asyncio.Event()

    @property
    def is_ready(self) -> bool:
        """Whether Telegram knows our address and updates can be stored."""
        return self.started.is_set() and self._can_store

    def app(self) -> Starlette:
        """The web application: the hook at its path, and the pages of `Front`."""
        path = urlsplit(self._url).path or "/"
        front = Front(is_ready=lambda: self.is_ready, look=self._look)
        return Starlette(routes=[*front.routes(), Route(path, self._receive, methods=["POST"])])

    async def run(self, stop: asyncio.Event) -> None:
        """Serves, and tells Telegram where to deliver, until `stop` is set. The webhook stays set: updates wait there.

        Raises:
            PollingEnded: Telegram does not take the address, or the port is taken.
        """
        serving = asyncio.create_task(_serve(self.app(), stop, host=self._host, port=self._port))
        announcing = asyncio.create_task(self._announce())
        try:
            await asyncio.wait({serving, announcing}, return_when=asyncio.FIRST_EXCEPTION)
            for task in (announcing, serving):
                if task.done():
                    task.result()
        finally:
            for task in (serving, announcing):
                task.cancel()
            await asyncio.gather(serving, announcing, return_exceptions=True)

    async def _announce(self) -> None:
        for attempt in range(_TRIES):
            try:
                await self._api.call(
                    "setWebhook",
                    {
                        "url": self._url,
                        "secret_token": self._secret,
                        "max_connections": CONNECTIONS,
                        "allowed_updates": ALLOWED,
                        "drop_pending_updates": False,
                    },
                )
            except InvalidToken:
                raise TokenRefused("Telegram does not accept the token. Ask BotFather and set TELEGRAM_TOKEN") from None
            except TelegramError as error:
                log.warning("the webhook could not be set: %s", type(error).__name__)
                if attempt == _TRIES - 1:
                    raise PollingEnded("Telegram does not take WEBHOOK_URL; check the address, or see doctor") from None
                await asyncio.sleep(2.0**attempt)
            else:
                self.started.set()
                return

    async def _receive(self, request: Request) -> Response:
        if not self._is_from_telegram(request):
            return Response(status_code=403)
        declared = request.headers.get("content-length", "0")
        if not declared.isascii() or not declared.isdigit() or len(declared) > 12 or int(declared) > LARGEST:
            return Response(status_code=413)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            return Response(status_code=408)
        except ClientDisconnect:
            return Response(status_code=400)
        return Response(status_code=413) if body is None else await self._store(body)

    def _is_from_telegram(self, request: Request) -> bool:
        """Compared as bytes: a header may hold any."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._secret.encode())

    async def _store(self, body: bytes) -> Response:
        update = loads(body)
        number = number_of(update)
        if number is None:
            log.warning("a delivery of %s bytes is no update and is passed over", len(body))
            return Response(status_code=200)
        try:
            await self._accept([RawUpdate(update_id=number, chat_id=lane_of(update), body=body)])
        except StoreError as error:
            self._can_store = False
            log.warning("update %s not stored, Telegram keeps it: %s", number, type(error).__name__)
            return Response(status_code=503, headers={"Retry-After": "5"})
        self._can_store = True
        return Response(status_code=200)


async def _body(request: Request) -> bytes | None:
    """The body; None when it is larger than it may be, whatever its header said."""
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST:
            return None
        parts.append(chunk)
    return b"".join(parts)


class _Server(uvicorn.Server):
    """A server that leaves signals to the bot."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(app: Any, stop: asyncio.Event, *, host: str, port: int) -> None:
    """Serves until `stop` is set.

    Raises:
        PollingEnded: the port cannot be used.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        limit_concurrency=256,
        h11_max_incomplete_event_size=16384,
    )
    server = _Server(config)

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ending = asyncio.create_task(end())
    try:
        await server.serve()
    except SystemExit:  # uvicorn's way of saying that the address is taken
        raise PollingEnded(f"Port {port} on {host} cannot be used; another program has it") from None
    finally:
        ending.cancel()
