"""What does a person see before the answer is there? A button that stops spinning, and "typing" when it takes long."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import Final

from telegram.error import TelegramError

from bot.telegram.sending import Api

log = logging.getLogger(__name__)

SLOW_SECONDS: Final = 0.7
_PRESSES_KEPT: Final = 4096


class Signs:
    """Small calls that say nothing, are not waited for, and may fail.

    Args:
        api: the Bot API.
        slow_seconds: after how long a person who still waits is shown "typing", once.
    """

    def __init__(self, api: Api, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self._api = api
        self._slow_seconds = slow_seconds
        self._answered: OrderedDict[str, None] = OrderedDict()
        self._waiting: dict[int, asyncio.TimerHandle] = {}
        self._calls: set[asyncio.Task[None]] = set()

    def take_press(self, press: str, toast: str = "") -> None:
        """Ends a button's spinning, at once, and only once in this process however often its update is tried.

        A `toast` is shown to the person for a moment.
        """
        if press in self._answered:
            return
        self._answered[press] = None
        if len(self._answered) > _PRESSES_KEPT:
            self._answered.popitem(last=False)
        fields: dict[str, object] = {"callback_query_id": press}
        self._start("answerCallbackQuery", {**fields, "text": toast} if toast else fields)

    def begin(self, chat: int) -> None:
        """A person in this chat waits from now on."""
        if chat not in self._waiting:
            loop = asyncio.get_running_loop()
            self._waiting[chat] = loop.call_later(self._slow_seconds, self._type, chat)

    def end(self, chat: int) -> None:
        """Nobody waits in this chat any more."""
        timer = self._waiting.pop(chat, None)
        if timer is not None:
            timer.cancel()

    async def finish(self) -> None:
        """Waits for calls under way; drops what has not begun."""
        for chat in list(self._waiting):
            self.end(chat)
        while self._calls:
            await asyncio.wait(self._calls)

    def _type(self, chat: int) -> None:
        if self._waiting.pop(chat, None) is not None:
            self._start("sendChatAction", {"chat_id": chat, "action": "typing"})

    def _start(self, method: str, fields: dict[str, object]) -> None:
        call = asyncio.get_running_loop().create_task(self._quietly(method, fields))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _quietly(self, method: str, fields: dict[str, object]) -> None:
        try:
            await self._api.call(method, fields)
        except TelegramError as error:
            log.debug("%s failed: %s", method, type(error).__name__)
