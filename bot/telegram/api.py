"""Which bot are we, and how is any method of the Bot API called by name?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from telegram import Bot

from bot import logs
from bot.reply import Attachment
from bot.telegram.request import ConnectionPool, FormBody, PooledRequest, ReadyBody, UnreadableAnswer
from bot.telegram.updates import Me

POLL_SECONDS: Final = 50
_POLL_MARGIN: Final = 15.0


class BotApi(Bot):
    """Python-telegram-bot's `Bot` on one pool of connections, with calls by name that build no objects.

    `Bot.do_api_request` would do the same, but reports a refused token as a missing method.
    """

    __slots__ = ("_raw",)

    def __init__(
        self, token: str, root: str, *, read_seconds: float = 15.0, poll_seconds: float = POLL_SECONDS
    ) -> None:
        logs.hold_libraries()
        pool = ConnectionPool()
        super().__init__(
            token=token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=PooledRequest(pool, read_seconds=read_seconds),
            get_updates_request=PooledRequest(pool, read_seconds=poll_seconds + _POLL_MARGIN, in_flight=2),
        )

    async def open(self) -> None:
        """Opens the connections without asking Telegram anything."""
        for request in self._request:
            await request.initialize()

    async def close_connections(self) -> None:
        """Closes the connections."""
        for request in self._request:
            await request.shutdown()

    async def call(self, method: str, fields: Mapping[str, Any] | bytes = b"{}") -> Any:
        """The result of a method, as Telegram's JSON.

        Args:
            method: such as `sendMessage`.
            fields: its parameters, or their JSON ready made.

        Raises:
            telegram.error.TelegramError: of the kinds of `bot.telegram.request`, or python-telegram-bot's own.
        """
        body = fields if isinstance(fields, bytes) else orjson.dumps(fields)
        request = self._request[0 if method == "getUpdates" else 1]
        try:
            return await request.post(f"{self.base_url}/{method}", ReadyBody(body).as_request_data())
        except KeyError:  # "ok" and nothing else
            raise UnreadableAnswer(b"") from None

    async def upload(self, method: str, fields: Mapping[str, Any], file: Attachment) -> Any:
        """The result of a method that takes a file along, in the field named by the file's kind. Raises as `call`."""
        body = FormBody(fields=fields, file=file)
        return await self._request[1].post(f"{self.base_url}/{method}", body.as_request_data())

    async def me(self) -> Me:
        """Who this bot is.

        Raises:
            telegram.error.InvalidToken: Telegram does not know the token.
        """
        return me_of(await self.call("getMe"))


class NotABot(Exception):
    """The address does not answer as the Bot API would."""


def me_of(answer: Any) -> Me:
    """Reads the answer of getMe.

    Raises:
        NotABot: it is something else.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), int) or answer.get("is_bot") is not True:
        raise NotABot("getMe names no bot; check TELEGRAM_API_URL")
    return Me(id=answer["id"], username=str(answer.get("username") or ""))
