"""How does the bot run? Updates in, answers out, until it is told to stop; what it is made of comes from outside."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, Protocol

import uvloop
from telegram.error import InvalidToken, TelegramError

from bot import counts, logs
from bot.delivery import Delivery, DeliveryLimits, Unauthorised
from bot.incoming import Say
from bot.intake import Intake
from bot.letters import Draft
from bot.reminders import Due, ParseRule
from bot.reply import Reply
from bot.settings import Settings
from bot.store.errors import StoreError
from bot.store.moments import Clock, wall_clock
from bot.store.sole import SolePoller
from bot.store.store import Store, open_store
from bot.telegram.api import BotApi, NotABot
from bot.telegram.clock import moved_clock
from bot.telegram.commands import ProfileTexts, publish
from bot.telegram.handling import Handler, Words
from bot.telegram.inline import InlineQueries
from bot.telegram.polling import Polling, PollingEnded, TokenRefused
from bot.telegram.request import UnreadableAnswer
from bot.telegram.sending import Sender, written
from bot.telegram.signs import Signs
from bot.telegram.ticking import Ticking
from bot.telegram.updates import Me

log = logging.getLogger(__name__)

SWEEP_SECONDS: Final = 3600.0
LAST_WORDS_SECONDS: Final = 8.0
_TRIES_AT_START: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the edge is given by `bot.assemble`: whatever knows words or rules.

    `remind` words a due reminder right before it is sent; `parse` reads a stored recurrence.
    """

    words: Words
    profile: tuple[ProfileTexts, ...]
    remind: Callable[[Due], Reply]
    parse: ParseRule


class Receiver(Protocol):
    """Brings updates to the intake: polling, or a webhook."""

    started: asyncio.Event
    """Set once updates come in."""

    @property
    def is_ready(self) -> bool:
        """Whether updates come in."""
        ...

    async def run(self, stop: asyncio.Event) -> None:
        """Receives until `stop` is set. Raises PollingEnded when it cannot go on."""
        ...


def serve(settings: Settings, parts: Parts) -> int:
    """Runs the bot until SIGTERM or Ctrl-C; the exit status: 0 stopped as asked, 1 could not go on."""
    logs.set_up(settings.log_level, settings.secrets())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_until_told(settings, parts))


async def _until_told(settings: Settings, parts: Parts) -> int:
    loop = asyncio.get_running_loop()
    logs.watch(loop)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    clock = moved_clock()
    following = asyncio.create_task(clock.follow()) if clock is not None else None
    try:
        await run_bot(settings, parts, stop, clock=clock)
    except (PollingEnded, StoreError, NotABot, Unauthorised, OSError) as error:
        sys.stderr.write(f"massage-bot stops: {error}\n")
        return 1
    finally:
        if following is not None:
            following.cancel()
    return 0


async def run_bot(
    settings: Settings,
    parts: Parts,
    stop: asyncio.Event,
    *,
    on_ready: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
    limits: DeliveryLimits | None = None,
) -> None:
    """Runs the bot in this event loop until `stop` is set.

    Args:
        settings: with a token.
        parts: see `Parts`.
        stop: ends it; what is in hand is finished, the rest stays in the database.
        on_ready: called once updates come in.
        clock: the time for all of it, the database too; by default the database's own and this machine's.
        limits: how fast letters go; Telegram's own limits unless a measurement wants others.

    Raises:
        PollingEnded, Unauthorised, NotABot, StoreError: it cannot start or go on; the text says why.
    """
    if settings.token is None:
        raise TokenRefused("There is no token; set TELEGRAM_TOKEN")
    async with AsyncExitStack() as open_things:
        store = await open_store(settings.database_url, parse=parts.parse, clock=clock)
        open_things.push_async_callback(store.close)
        api = BotApi(settings.token, settings.telegram_api_url)
        await api.open()
        open_things.push_async_callback(api.close_connections)
        me = await _introduced(api, stop)
        if me is None:
            return
        running = _Running(settings, parts, store=store, api=api, me=me, clock=clock or wall_clock, limits=limits)
        await running.until(stop, on_ready)


async def _introduced(api: BotApi, stop: asyncio.Event) -> Me | None:
    """Who we are, asked again while the network is not up yet; None when stopped meanwhile."""
    for left in reversed(range(_TRIES_AT_START)):
        try:
            return await api.me()
        except InvalidToken:
            raise TokenRefused(
                "Telegram does not accept the token. Copy it once more from BotFather (/mybots, API Token)"
            ) from None
        except (TelegramError, UnreadableAnswer) as error:
            log.warning("the Bot API does not answer yet: %s", type(error).__name__)
            if left == 0:
                raise NotABot("The Bot API does not answer. Check the network and TELEGRAM_API_URL") from None
        if await _stopped_within(stop, min(30.0, 2.0 ** (_TRIES_AT_START - left - 2))):
            return None
    return None


async def _stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True


class _Running:
    """All parts of a running bot, joined."""

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        *,
        store: Store,
        api: BotApi,
        me: Me,
        clock: Clock,
        limits: DeliveryLimits | None,
    ) -> None:
        self._parts = parts
        self._store = store
        self._api = api
        self._me = me
        self._signs = Signs(api)
        sender = Sender(api, on_done=self._signs.end)
        handler = Handler(me=me, words=parts.words, memories=store, signs=self._signs, clock=clock)
        self._delivery = Delivery(post=store, send=sender.send, compose=self._compose, limits=limits)
        self._intake = Intake(inbox=store, handle=handler.handle, on_failure=handler.apology, delivery=self._delivery)
        self._ticking = Ticking(dialogs=store, say=handler.ticked, on_letters=self._delivery.wake)
        self._inline = InlineQueries(api, me=me, talk=parts.words.conversation, clock=clock)
        self._receiver = self._received_by(settings)
        self._metrics_port = settings.metrics_port

    def _received_by(self, settings: Settings) -> Receiver:
        accept = self._inline.before(self._intake.accept)
        if settings.webhook_url is None or settings.webhook_secret is None:
            return Polling(api=self._api, accept=accept, lock=SolePoller(self._store.database))
        from bot.telegram.webhook import Webhook  # noqa: PLC0415  a web server, only where one is asked for

        return Webhook(
            api=self._api,
            accept=accept,
            url=settings.webhook_url,
            secret=settings.webhook_secret.in_clear(),
            host=settings.webhook_host,
            port=settings.webhook_port,
            look=self._look,
        )

    async def _look(self) -> None:
        """Reads the gauges."""
        waiting = await self._store.backlog()
        counts.OLDEST_LETTER.set(waiting.oldest_letter)
        counts.OLDEST_UPDATE.set(waiting.oldest_update)
        counts.DUE.set(waiting.reminders_due)
        counts.LAG.set(waiting.reminders_lag)
        counts.POLL_AGE.set(self._receiver.age if isinstance(self._receiver, Polling) else 0)

    async def _compose(self, due: Due) -> Draft:
        return written(Say(reply=self._parts.remind(due)), chat=due.reminder.chat_id)

    async def until(self, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
        """Runs everything; first the receiving ends, then the handling, at last the sending.

        Raises:
            PollingEnded, Unauthorised: it cannot go on.
        """
        silence = asyncio.Event()
        receiving = asyncio.create_task(self._receiver.run(stop), name="receiving")
        handling = asyncio.create_task(self._intake.run(stop), name="handling")
        sending = asyncio.create_task(self._delivery.run(silence), name="sending")
        beside = [asyncio.create_task(self._ticking.run(), name="ticking")]
        beside += [asyncio.create_task(self._sweep()), asyncio.create_task(self._once_ready(on_ready))]
        if self._metrics_port is not None:
            beside.append(asyncio.create_task(self._show_health(stop, self._metrics_port)))
        stopping = asyncio.create_task(stop.wait())
        work = [receiving, handling, sending]
        try:
            await asyncio.wait([stopping, *work], return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            await asyncio.wait([receiving, handling], timeout=LAST_WORDS_SECONDS)
            self._delivery.wake()
            silence.set()
            await asyncio.wait([sending], timeout=LAST_WORDS_SECONDS)
            await self._signs.finish()
            await self._inline.finish()
        finally:
            everything = [stopping, *work, *beside]
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)
        for task in work:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _show_health(self, stop: asyncio.Event, port: int) -> None:
        """Serves the pages about how the bot is, to this machine."""
        from bot.telegram.webhook import Front  # noqa: PLC0415  a web server, only where one is asked for

        front = Front(is_ready=lambda: self._receiver.is_ready, look=self._look)
        await front.run(stop, host="127.0.0.1", port=port)

    async def _once_ready(self, on_ready: Callable[[], None]) -> None:
        await self._receiver.started.wait()
        log.info("updates come in for bot %s", self._me.id)
        on_ready()
        changed = await publish(self._api, self._parts.profile)
        log.info("commands and profile texts: %s changed", changed)

    async def _sweep(self) -> None:
        """Removes what is past its time, once an hour."""
        while True:
            try:
                await self._store.sweep()
            except StoreError as error:
                log.warning("not swept: %s", type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)
