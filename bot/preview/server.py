"""How is the local Bot API started: as an app, inside a test, or for a person with a browser?"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.preview.bell import Bell
from bot.preview.bot_api import DROP, BotApi
from bot.preview.faults import FaultPlan
from bot.preview.guard import LocalOnly
from bot.preview.limits import FloodGate
from bot.preview.person_api import PersonApi
from bot.preview.person_handle import GroupHandle, PersonHandle
from bot.preview.records import Press, RefusalRecord
from bot.preview.refusal import not_found
from bot.preview.telegram_state import TelegramState
from bot.preview.webhook_delivery import WebhookDelivery

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"


def build_app(
    state: TelegramState,
    *,
    faults: FaultPlan | None = None,
    gate: FloodGate | None = None,
    loopback_webhooks: bool = True,
    first_retry_pause: float = 1.0,
) -> Starlette:
    """Build the server over a state: `/bot<token>/<method>`, the page at `/preview/` and its JSON beneath it.

    `gate` turns the flood limits on; `first_retry_pause` (seconds) is doubled after each failed delivery.
    """
    bell = Bell()
    state.watchers.append(bell.ring)
    api = BotApi(state, bell=bell, faults=faults, gate=gate, loopback_webhooks=loopback_webhooks)
    delivery = WebhookDelivery(state, clock=api.now, bell=bell, call_back=api.call_back, first_pause=first_retry_pause)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        task = asyncio.create_task(delivery.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    app = Starlette(
        routes=[
            Route("/bot{token}/{method}", api.answer, methods=["GET", "POST"]),
            Mount("/preview/api", routes=PersonApi(api).routes()),
            Mount("/preview", app=StaticFiles(directory=PAGE, html=True)),
            Route("/", lambda _request: RedirectResponse("/preview/")),
            Route("/{anything:path}", _nothing_here, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(LocalOnly)],
        lifespan=lifespan,
    )
    app.state.api = api
    return app


async def _nothing_here(request: Request) -> Response:
    del request
    return JSONResponse(not_found().envelope(), status_code=404)


class _DroppingProtocol(HttpToolsProtocol):
    """HTTP that an endpoint can break off, as a real network does."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope["extensions"] = {**scope.get("extensions", {}), DROP: self.transport.abort}


class _Server(uvicorn.Server):
    """A server that says when it is ready and leaves signals to its host."""

    def __init__(self, config: uvicorn.Config, api: BotApi) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._api = api

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._api.is_closing = True
        self._api.bell.ring()
        await super().shutdown(sockets)


class _QuietServer(_Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_DroppingProtocol,
        ws="none",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
    )


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(128)
    return listener


class LocalBotApi:
    """The local Bot API on a free port, in this event loop: `async with LocalBotApi() as api: …`.

    `url` is the root address (python-telegram-bot: `base_url=api.url + "/bot"`), `token` the bot's token.
    """

    def __init__(
        self,
        state: TelegramState | None = None,
        *,
        faults: FaultPlan | None = None,
        gate: FloodGate | None = None,
        loopback_webhooks: bool = True,
        first_retry_pause: float = 0.0,
        port: int = 0,
    ) -> None:
        self.state = state or TelegramState()
        self.token = self.state.token
        self.url = ""
        self._app = build_app(
            self.state,
            faults=faults,
            gate=gate,
            loopback_webhooks=loopback_webhooks,
            first_retry_pause=first_retry_pause,
        )
        self.api: BotApi = self._app.state.api
        self._port = port
        self._handles: dict[str, PersonHandle] = {}

    async def __aenter__(self) -> Self:
        listener = _listening(self._port)
        self.url = f"http://{HOST}:{listener.getsockname()[1]}"
        self._server = _QuietServer(_config(self._app), self.api)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self._task
            raise RuntimeError("the local Bot API did not start")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        await self._task

    def person(self, key: str) -> PersonHandle:
        """Give Ann ("ann") or Boris ("boris"), or somebody new of that name who speaks English."""
        if key not in self._handles:
            try:
                person = self.state.person_called(key)
            except KeyError:
                person = self.state.add_person(key, key.capitalize())
            self._handles[key] = PersonHandle(self.api, person.id)
        return self._handles[key]

    def group(self) -> GroupHandle:
        """Give the group of Ann and Boris, under its newest id."""
        groups = [chat for chat in self.state.chats.values() if not chat.is_private and chat.moved_to is None]
        return GroupHandle(self.api, groups[0].id)

    @property
    def refusals(self) -> list[RefusalRecord]:
        """What Telegram would have refused so far."""
        return self.state.refusals

    @property
    def unanswered(self) -> list[Press]:
        """Pressed buttons that still spin."""
        return self.state.unanswered_presses()

    async def until(self, condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
        """Wait until a condition on the state holds; it is looked at after every change.

        Raises:
            TimeoutError: it did not hold within `seconds`.
        """
        async with asyncio.timeout(seconds):
            while not condition():
                await self.api.bell.next_ring()

    def move_clock(self, seconds: float) -> None:
        """Move the time that the chat lives in forward."""
        self.state.clock_offset += seconds
        self.state.note("clock", {"offset": self.state.clock_offset})

    def revoke_token(self) -> None:
        """Answer every further call with 401, as after /revoke at BotFather."""
        self.state.is_token_revoked = True


def serve(port: int, *, state: TelegramState | None = None) -> None:
    """Serve the local Bot API and the page until the process is interrupted; blocking.

    Raises:
        OSError: the port is taken.
    """
    listener = _listening(port)
    app = build_app(state or TelegramState())

    async def run() -> None:
        await _Server(_config(app), app.state.api).serve(sockets=[listener])

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
