"""Brings waiting updates to the webhook: in order within a chat, several chats at once, until taken."""

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import Callable

import aiohttp

from bot.preview.bell import Bell
from bot.preview.parameters import read_parameters
from bot.preview.telegram_state import TelegramState
from bot.preview.update_queue import PendingUpdate
from bot.preview.webhook_rules import Webhook

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
LONGEST_PAUSE = 60.0
ANSWER_SECONDS = 60.0
LONGEST_BODY = 1_000_000
Reply = Callable[[str, bytes], None]


class WebhookDelivery:
    """Delivers on this machine only; an address elsewhere gets nothing, and its info says why."""

    def __init__(
        self,
        state: TelegramState,
        *,
        clock: Callable[[], float],
        bell: Bell,
        call_back: Reply,
        first_pause: float = 1.0,
    ) -> None:
        self._state = state
        self._clock = clock
        self._bell = bell
        self._call_back = call_back
        self._first_pause = first_pause
        self._lanes: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            try:
                while True:
                    heard = self._bell.next_ring()
                    self._start_lanes(session)
                    await heard
            finally:
                for lane in self._lanes.values():
                    lane.cancel()
                await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    def _start_lanes(self, session: aiohttp.ClientSession) -> None:
        webhook = self._state.webhook
        if webhook is None:
            return
        if not webhook.is_here:
            self._note_error(webhook, "Connection refused: the local Bot API calls this machine only")
            return
        for update in self._state.updates.waiting(self._clock()):
            if len(self._lanes) >= webhook.connections:
                return
            if update.lane not in self._lanes:
                task = asyncio.create_task(self._drive(session, update.lane))
                self._lanes[update.lane] = task

    async def _drive(self, session: aiohttp.ClientSession, lane: int) -> None:
        """Deliver the updates of one lane, each before the next, until none is left."""
        failures = 0
        try:
            while (webhook := self._state.webhook) is not None:
                waiting = (u for u in self._state.updates.waiting(self._clock()) if u.lane == lane)
                update = next(waiting, None)
                if update is None:
                    return
                asked = await self._deliver(session, webhook, update)
                if asked is None:
                    self._state.updates.confirm(update.id)
                    failures = 0
                    continue
                await asyncio.sleep(pause_after(failures, asked=asked, first=self._first_pause))
                failures += 1
        finally:
            del self._lanes[lane]
            self._bell.ring()

    async def _deliver(self, session: aiohttp.ClientSession, webhook: Webhook, update: PendingUpdate) -> float | None:
        """Post one update; None when taken, else the pause the bot asked for (0 when it named none)."""
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers[SECRET_HEADER] = webhook.secret
        body = json.dumps(update.as_json(), ensure_ascii=False).encode()
        try:
            async with session.post(webhook.url, data=body, headers=headers, allow_redirects=False) as response:
                answer = await response.content.read(LONGEST_BODY)
                if response.ok and response.status < 300:
                    self._carry_out(response.content_type, answer)
                    return None
                reason = f"Wrong response from the webhook: {response.status} {response.reason}"
                self._note_error(webhook, reason)
                return _seconds(response.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, TimeoutError) as error:
            self._note_error(webhook, f"Connection failed: {type(error).__name__}")
            return 0.0

    def _carry_out(self, content_type: str, answer: bytes) -> None:
        """Carry out the one call that the bot may put into its answer."""
        with contextlib.suppress(Exception):
            method = read_parameters(b"", content_type, answer).text("method")
            if method:
                self._call_back(content_type, answer)

    def _note_error(self, webhook: Webhook, reason: str) -> None:
        current = self._state.webhook
        if current is not None and current.url == webhook.url and current.last_error != reason:
            self._state.webhook = dataclasses.replace(current, last_error=reason, last_error_at=self._clock())
            self._state.note("webhook", {"url": webhook.url, "error": reason})


def pause_after(failures: int, *, asked: float, first: float) -> float:
    """Give the seconds before the next try: the bot's wish, else twice the last, up to a minute.

    `failures` counts those before this one, `asked` is 0 when the bot named no pause.
    """
    return asked or min(first * 2 ** min(failures, 30), LONGEST_PAUSE)


def _seconds(header: str) -> float:
    try:
        return max(float(header), 0.0)
    except ValueError:
        return 0.0
