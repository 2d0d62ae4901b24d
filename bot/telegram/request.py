"""How does a call reach the Bot API? python-telegram-bot's request layer on one pool of connections, with orjson.

Failures come out as python-telegram-bot's own kinds, told apart finely enough to know whether the call can have been
carried out: `NotSent` surely was not, `ServerFault` and plain `TimedOut` may have been.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast
from urllib.request import getproxies

import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.reply import Attachment
from bot.telegram.json_calls import Address, BrokenOff, JsonCalls, NoConnection

if TYPE_CHECKING:
    import aiohttp

IN_FLIGHT: Final = 64
"""Sends under way at once: more only wait inside Telegram's limits."""
_ADDRESSES_KEPT: Final = 64

_Timeout: TypeAlias = Any
"""Seconds, None for no limit, or python-telegram-bot's mark for "as usual"."""


class NotSent(NetworkError):
    """The call surely did not reach the Bot API: no connection could be made."""


class PoolFull(TimedOut):
    """The call surely was not sent: all connections were busy for too long."""


class AnswerLost(NetworkError):
    """The connection broke after the call went out; nobody knows whether it was carried out."""


class ServerFault(NetworkError):
    """The Bot API answered with a 5xx status, or with a 429 that does not say how long to wait."""

    def __init__(self, status: int) -> None:
        super().__init__(f"The Bot API answered {status}")
        self.status = status


class UnreadableAnswer(TelegramError):
    """The answer is no JSON that can be read; `payload` holds its bytes for those who look for update numbers."""

    def __init__(self, payload: bytes) -> None:
        super().__init__("The answer of the Bot API cannot be read")
        self.payload = payload


class ReadyBody:
    """A call's fields as JSON bytes, ready to go; stands where python-telegram-bot passes a `RequestData`."""

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content

    def as_request_data(self) -> RequestData:
        """Itself, under the type that `BaseRequest.post` hands through to `do_request` unread."""
        return cast("RequestData", self)


class FormBody:
    """A call's fields with a file, as a form; nested fields go as JSON text."""

    __slots__ = ("_fields", "_file")

    def __init__(self, *, fields: Mapping[str, Any], file: Attachment) -> None:
        self._fields = fields
        self._file = file

    def form(self) -> aiohttp.FormData:
        """The form, made anew for each try."""
        import aiohttp  # noqa: PLC0415  only where a file is sent

        form = aiohttp.FormData()
        for name, value in self._fields.items():
            form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
        form.add_field(self._file.kind, self._file.content, filename=self._file.name)
        return form

    def as_request_data(self) -> RequestData:
        """Itself, as `ReadyBody` does."""
        return cast("RequestData", self)


class ConnectionPool:
    """The one pool of connections; open while somebody uses it.

    JSON goes by `JsonCalls`; files, and everything where a proxy is set, by aiohttp.
    """

    def __init__(self, *, connections: int = IN_FLIGHT + 8, connect_seconds: float = 10.0) -> None:
        self._connections = connections
        self.connect_seconds = connect_seconds
        self._session: aiohttp.ClientSession | None = None
        self._proxied = bool(getproxies())  # looked up once; at each call it would cost
        self._calls = JsonCalls(connect_seconds=connect_seconds)
        self._users = 0

    @property
    def json_calls(self) -> JsonCalls | None:
        """The short way for JSON; None where a proxy is to be gone through."""
        return None if self._proxied else self._calls

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session of aiohttp, opened when it is first needed; RuntimeError before `open`."""
        import aiohttp  # noqa: PLC0415  most bots send no file for hours

        if self._users == 0:
            raise RuntimeError("the connection pool is not open")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=30, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": BaseRequest.USER_AGENT},
                auto_decompress=True,
                trust_env=self._proxied,
            )
        return self._session

    async def open(self) -> None:
        """Opens the pool for one more user."""
        self._users += 1

    async def close(self) -> None:
        """Lets one user go; the last one closes the connections."""
        self._users = max(0, self._users - 1)
        if self._users == 0:
            self._calls.close()
            session, self._session = self._session, None
            if session is not None:
                await session.close()


class PooledRequest(BaseRequest):
    """Python-telegram-bot's `BaseRequest` on a shared pool.

    Args:
        pool: where connections come from.
        read_seconds: how long an answer may stay silent.
        in_flight: how many calls of this object may be under way at once.
        pool_seconds: how long a call waits for its turn.
    """

    __slots__ = ("_addresses", "_is_open", "_places", "_pool", "_pool_seconds", "_read_seconds")

    def __init__(
        self,
        pool: ConnectionPool,
        *,
        read_seconds: float = 10.0,
        in_flight: int = IN_FLIGHT,
        pool_seconds: float = 20.0,
    ) -> None:
        self._pool = pool
        self._read_seconds = read_seconds
        self._pool_seconds = pool_seconds
        self._places = asyncio.Semaphore(in_flight)
        self._addresses: dict[str, Address] = {}
        self._is_open = False

    @property
    def read_timeout(self) -> float | None:
        """Seconds an answer may stay silent when a call says nothing else."""
        return self._read_seconds

    async def initialize(self) -> None:
        """Opens the pool, once."""
        if not self._is_open:
            self._is_open = True
            await self._pool.open()

    async def shutdown(self) -> None:
        """Lets the pool go, once."""
        if self._is_open:
            self._is_open = False
            await self._pool.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as data; what orjson finds too strict (lone surrogates, NaN) is left to the standard library.

        Raises:
            UnreadableAnswer: it is no JSON object.
        """
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            try:
                answer = json.loads(payload.decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                raise UnreadableAnswer(payload) from None
        if not isinstance(answer, dict):
            raise UnreadableAnswer(payload)
        return answer

    async def do_request(  # noqa: PLR0917  the order is python-telegram-bot's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: _Timeout = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  the limit for reading holds for it too
        connect_timeout: _Timeout = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  the pool's limit holds for all
        pool_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Carries out one HTTP request; its status and body.

        Raises:
            NetworkError: of the kinds of this file.
        """
        seconds = self._read_seconds if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        patience = self._pool_seconds if pool_timeout is BaseRequest.DEFAULT_NONE else pool_timeout
        json_body = _json_body(request_data) if method == "POST" else None
        calls = self._pool.json_calls
        await self._take_place(patience)
        try:
            if json_body is not None and calls is not None:
                status, content = await self._by_short_way(calls, url, json_body, seconds)
            else:
                status, content = await self._by_aiohttp(url, method, request_data, json_body, seconds)
        finally:
            self._places.release()
        if status >= 500 or (status == HTTPStatus.TOO_MANY_REQUESTS and b"retry_after" not in content):
            raise ServerFault(status)
        return status, content

    async def _take_place(self, seconds: float | None) -> None:
        """Waits for one of the places in flight."""
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError:
            raise PoolFull("All connections to the Bot API were busy") from None

    async def _by_short_way(self, calls: JsonCalls, url: str, body: bytes, seconds: float | None) -> tuple[int, bytes]:
        try:
            return await calls.post(self._address(url), body, seconds=seconds)
        except NoConnection as error:
            raise NotSent(f"No connection to the Bot API ({error})") from error
        except TimeoutError as error:
            raise TimedOut("The Bot API did not answer in time") from error
        except BrokenOff as error:
            raise AnswerLost(f"The answer of the Bot API was lost ({error})") from error

    def _address(self, url: str) -> Address:
        """The parsed address; a bot calls the same few again and again."""
        found = self._addresses.get(url)
        if found is None:
            if len(self._addresses) >= _ADDRESSES_KEPT:
                self._addresses.clear()
            found = self._addresses[url] = Address.of(url, user_agent=self.USER_AGENT)
        return found

    async def _by_aiohttp(
        self, url: str, method: str, data: RequestData | None, json_body: bytes | None, seconds: float | None
    ) -> tuple[int, bytes]:
        import aiohttp  # noqa: PLC0415  only for files and proxies
        from yarl import URL  # noqa: PLC0415

        connect = self._pool.connect_seconds
        total = None if seconds is None else connect + 2 * seconds
        try:
            async with self._pool.session.request(
                method,
                URL(url, encoded=True),
                data=_form(data) if json_body is None else json_body,
                headers=None if json_body is None else {"Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=total, connect=connect, sock_read=seconds),
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _own_kind(error) from error


def _json_body(data: RequestData | ReadyBody | FormBody | None) -> bytes | None:
    """The request's JSON; None when it carries a file."""
    if isinstance(data, ReadyBody):
        return data.content
    if data is None:
        return b"{}"
    return None if isinstance(data, FormBody) or data.contains_files else orjson.dumps(data.parameters)


def _form(data: RequestData | FormBody | None) -> aiohttp.FormData | None:
    """The request as a form with its files; None when there is nothing to send."""
    import aiohttp  # noqa: PLC0415  only where a file is sent

    if data is None:
        return None
    if isinstance(data, FormBody):
        return data.form()
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=kind)
    return form


def _own_kind(error: Exception) -> NetworkError:
    """The failure of aiohttp in python-telegram-bot's kinds."""
    import aiohttp  # noqa: PLC0415  it is there already

    name = type(error).__name__
    match error:
        case aiohttp.ConnectionTimeoutError() | aiohttp.ClientConnectorError():
            return NotSent(f"No connection to the Bot API ({name})")
        case TimeoutError():
            return TimedOut("The Bot API did not answer in time")
        case _:
            return AnswerLost(f"The answer of the Bot API was lost ({name})")
