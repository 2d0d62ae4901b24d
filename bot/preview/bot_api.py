"""The way of one HTTP call to the Bot API: read it, play a fault, carry it out, answer."""

import asyncio
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.preview import methods
from bot.preview.bell import Bell
from bot.preview.faults import Fault, FaultKind, FaultPlan
from bot.preview.limits import FloodGate
from bot.preview.parameters import Parameters, read_parameters
from bot.preview.records import Call
from bot.preview.refusal import Json, Refusal, conflict, flood
from bot.preview.telegram_state import TelegramState

DROP = "massage-bot.drop"
LARGEST_BODY = 55 * 1024 * 1024
LONGEST_POLL = 50
_GONE_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class BrokenConnection(Response):
    """Ends the connection without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Break it off; wait until the server has noticed, so that it does not answer by itself."""
        drop: Callable[[], None] | None = scope.get("extensions", {}).get(DROP)
        if drop is None:
            raise RuntimeError("this server cannot break connections")
        drop()
        while (await receive())["type"] != "http.disconnect":
            pass


class BotApi:
    """The Bot API over one state; `clock` gives Unix seconds, moved by the state's offset."""

    def __init__(
        self,
        state: TelegramState,
        *,
        bell: Bell,
        faults: FaultPlan | None = None,
        gate: FloodGate | None = None,
        loopback_webhooks: bool = False,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.state = state
        self.bell = bell
        self.faults = faults
        self.rules = methods.Rules(gate=gate, loopback_webhooks=loopback_webhooks)
        self.is_closing = False
        self._wall_clock = wall_clock
        self.polls = 0

    def now(self) -> float:
        """Give the time as the people in the chat see it, in Unix seconds."""
        return self._wall_clock() + self.state.clock_offset

    async def answer(self, request: Request) -> Response:
        """Answer one call, as Telegram would or as the fault plan has it."""
        method = str(request.path_params["method"]).lower()
        body = await request.body()
        fault = self.faults.next_fault(method) if self.faults else None
        if fault is not None and fault.kind not in {FaultKind.SLOW, FaultKind.DROPPED_AFTER}:
            self._note(method, Parameters(), fault.kind.name, fault)
            return _failed(fault)
        envelope = await self._envelope(request, method, body, fault)
        if fault is not None and fault.kind is FaultKind.DROPPED_AFTER:
            return BrokenConnection()
        if fault is not None:
            await self._linger(fault.seconds)
        return JSONResponse(envelope, status_code=envelope.get("error_code", 200))

    async def _envelope(self, request: Request, method: str, body: bytes, fault: Fault | None) -> Json:
        try:
            if len(body) > LARGEST_BODY:
                raise Refusal(413, "Request Entity Too Large")  # noqa: TRY301 - one place answers refusals
            content_type = request.headers.get("content-type", "")
            call = read_parameters(request.scope["query_string"], content_type, body)
        except Refusal as refusal:
            self.state.note_refusal(method, refusal, now=self.now())
            return refusal.envelope()
        envelope = await self._apply(method, call, token=str(request.path_params["token"]), request=request)
        if method != "getupdates" or envelope.get("result") != []:
            self._note(method, call, _summary(envelope), fault)
        return envelope

    def call_back(self, content_type: str, body: bytes) -> None:
        """Carry out a call that came as the answer to a webhook delivery, save get* and setWebhook."""
        call = read_parameters(b"", content_type, body)
        method = call.text("method").lower()
        if method.startswith("get") or method == "setwebhook":
            return
        envelope = methods.apply(self.state, method, call, now=self.now(), rules=self.rules)
        self._note(method, call, _summary(envelope), None)

    async def _apply(self, method: str, call: Parameters, *, token: str, request: Request) -> Json:
        if method != "getupdates":
            return methods.apply(self.state, method, call, now=self.now(), rules=self.rules, token=token)
        if token == self.state.token:
            self.polls += 1
            self.bell.ring()
        return await self._poll_updates(call, token=token, mine=self.polls, request=request)

    async def _poll_updates(self, call: Parameters, *, token: str, mine: int, request: Request) -> Json:
        """Wait for updates; a newer poll, a webhook or the end of the server ends the wait."""
        wait_until = asyncio.get_running_loop().time() + call.number("timeout", 0, least=0, most=LONGEST_POLL)
        while True:
            if mine != self.polls:
                return self._ended_by_another_poll(is_heard=not await request.is_disconnected())
            mark = self.bell.mark()
            envelope = methods.apply(self.state, "getUpdates", call, now=self.now(), rules=self.rules, token=token)
            left = wait_until - asyncio.get_running_loop().time()
            if envelope.get("result") != [] or left <= 0 or self.is_closing:
                return envelope
            if await request.is_disconnected():
                return envelope
            await self.bell.heard(min(left, 1.0), mark)

    def _ended_by_another_poll(self, *, is_heard: bool) -> Json:
        """Refuse the older poll; a bot that hung up and polls anew is in nobody's way."""
        refusal = conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
        if is_heard:
            self.state.note_refusal("getUpdates", refusal, now=self.now())
        return refusal.envelope()

    async def _linger(self, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        while not self.is_closing and (left := until - asyncio.get_running_loop().time()) > 0:
            await self.bell.heard(left)

    def _note(self, method: str, call: Parameters, answer: str, fault: Fault | None) -> None:
        name = fault.kind.name.lower() if fault else None
        self.state.note_call(Call(method=method, parameters=call.shown(), answer=answer, at=self.now(), fault=name))


def _failed(fault: Fault) -> Response:
    match fault.kind:
        case FaultKind.BAD_GATEWAY:
            return HTMLResponse(_GONE_PAGE, status_code=502)
        case FaultKind.FLOOD:
            return JSONResponse(flood(max(int(fault.seconds), 1)).envelope(), status_code=429)
        case FaultKind.DROPPED_BEFORE:
            return BrokenConnection()
        case _:
            return JSONResponse(Refusal(500, "Internal Server Error").envelope(), status_code=500)


def _summary(envelope: Json) -> str:
    return "ok" if envelope["ok"] else f"{envelope['error_code']} {envelope['description']}"
