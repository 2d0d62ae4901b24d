"""How is an inline query answered? At once, out of what everybody may read; it is never stored.

Somebody who types sends a query with every letter, and nobody waits for an old one: a query that is lost in a crash, or
comes too fast, costs nothing. So none goes through the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from telegram.error import TelegramError

from bot.delivery import Rate
from bot.inline_talk import Offer, Offers
from bot.intake import RawUpdate
from bot.render import render
from bot.telegram.polling import Accept
from bot.telegram.sending import Api, keyboard
from bot.telegram.updates import Asked, Me, asked_inline, loads
from bot.turnstile import Passing, Turnstile

log = logging.getLogger(__name__)

CACHED_SECONDS: Final = 10
"""How long Telegram may show the same results to the same person again."""
_PER_PERSON: Final = Rate(every=timedelta(milliseconds=500), burst=20)
_AT_ONCE: Final = 16
_MARK: Final = "inline_query"
_START: Final = "start"


class Talk(Protocol):
    """Who knows what to offer."""

    def inline(self, query: str, *, language_code: str | None, bot: str) -> Offers:
        """What fits a query."""
        ...


class InlineQueries:
    """Answers inline queries, each in a task of its own that may fail.

    Args:
        api: the Bot API.
        me: which bot we are.
        talk: who knows what to offer.
        clock: the time, for the pace of each person.
    """

    def __init__(self, api: Api, *, me: Me, talk: Talk, clock: Callable[[], datetime]) -> None:
        self._api = api
        self._me = me
        self._talk = talk
        self._clock = clock
        self._turnstile = Turnstile(_PER_PERSON)
        self._calls: set[asyncio.Task[None]] = set()

    def before(self, accept: Accept) -> Accept:
        """The same as `accept`, with inline queries taken out and answered here."""

        async def sorted_out(updates: Sequence[RawUpdate]) -> int:
            asked = [self._asked(update) for update in updates]
            rest = [update for update, query in zip(updates, asked, strict=True) if query is None]
            stored = await accept(rest) if rest else 0
            for query in asked:
                if query is not None:
                    self.take(query)
            return stored

        return sorted_out

    def take(self, query: Asked) -> None:
        """Answers a query, unless its person or everybody together asks too fast."""
        if len(self._calls) >= _AT_ONCE or self._turnstile.passing(query.person, self._clock()) is not Passing.OPEN:
            return
        call = asyncio.get_running_loop().create_task(self._answer(query))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def finish(self) -> None:
        """Waits for answers under way."""
        while self._calls:
            await asyncio.wait(self._calls)

    @staticmethod
    def _asked(update: RawUpdate) -> Asked | None:
        body = update.body
        named = _MARK in body if isinstance(body, str) else _MARK.encode() in body
        return asked_inline(loads(body)) if named else None

    async def _answer(self, query: Asked) -> None:
        try:
            found = self._talk.inline(query.text, language_code=query.language_code, bot=self._me.username)
            fields = answer_fields(query.id, found)
        except Exception:  # no result is better than none for everybody
            log.exception("an inline query could not be answered")
            return
        try:
            await self._api.call("answerInlineQuery", fields)
        except TelegramError as error:
            log.debug("answerInlineQuery failed: %s", type(error).__name__)


def answer_fields(query_id: str, found: Offers) -> dict[str, Any]:
    """The call that answers a query: personal, kept for seconds only, with a way to the private chat."""
    return {
        "inline_query_id": query_id,
        "results": [_article(offer) for offer in found.offers],
        "is_personal": True,
        "cache_time": CACHED_SECONDS,
        "button": {"text": found.private, "start_parameter": _START},
    }


def _article(offer: Offer) -> dict[str, Any]:
    rendered = render(offer.reply)
    content = {
        "message_text": rendered.html,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    article = {
        "type": "article",
        "id": offer.id,
        "title": offer.title,
        "description": offer.description,
        "input_message_content": content,
    }
    return {**article, "reply_markup": keyboard(rendered.buttons)} if rendered.buttons else article
