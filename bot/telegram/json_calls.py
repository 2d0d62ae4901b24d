"""How does a JSON call reach the Bot API with no more work than it takes?

HTTP/1.1 over connections that are kept, one call at a time on each; httptools reads the answers. aiohttp does the same
for three times the CPU, which was the largest part of a message's cost. Files and proxies are left to it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

KEPT_SECONDS: Final = 30.0
"""A connection that was idle for longer is not trusted any more."""
_LENGTHS: Final = frozenset({b"content-length", b"transfer-encoding"})


class NoConnection(Exception):
    """No connection could be made, so nothing was sent."""


class BrokenOff(Exception):
    """The connection ended, or made no sense, before the answer was whole."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where calls of one method go, and what every such request begins with."""

    host: str
    port: int
    is_tls: bool
    head: bytes

    @classmethod
    def of(cls, url: str, *, user_agent: str) -> Address:
        """Reads an absolute `http` or `https` address."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "https"
        head = (
            f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n"
            f"User-Agent: {user_agent}\r\nContent-Type: application/json\r\nContent-Length: "
        )
        return cls(parts.hostname or "", parts.port or (443 if is_tls else 80), is_tls, head.encode())


class JsonCalls:
    """Posts JSON.

    Args:
        connect_seconds: how long making a connection may take.
    """

    def __init__(self, *, connect_seconds: float) -> None:
        self._connect_seconds = connect_seconds
        self._idle: defaultdict[tuple[str, int], list[_Connection]] = defaultdict(list)
        self._under_way: set[_Connection] = set()
        self._tls: ssl.SSLContext | None = None

    async def post(self, address: Address, body: bytes, *, seconds: float | None) -> tuple[int, bytes]:
        """Status and body of the answer.

        Raises:
            NoConnection: surely nothing was sent.
            TimeoutError: the answer was not there within `seconds`.
            BrokenOff: the answer was lost.
        """
        loop = asyncio.get_running_loop()
        idle = self._idle[address.host, address.port]
        connection = _still_good(idle, loop.time()) or await self._connected(address)
        self._under_way.add(connection)
        timer = None if seconds is None else loop.call_later(seconds, connection.give_up)
        try:
            return await connection.exchange(address.head, body)
        finally:
            if timer is not None:
                timer.cancel()
            self._under_way.discard(connection)
            if connection.is_free:
                connection.idle_since = loop.time()
                idle.append(connection)
            else:
                connection.abort()

    def close(self) -> None:
        """Ends all connections; calls under way break off."""
        for connection in (*self._under_way, *(each for idle in self._idle.values() for each in idle)):
            connection.abort()
        self._idle.clear()

    async def _connected(self, address: Address) -> _Connection:
        if address.is_tls and self._tls is None:
            self._tls = ssl.create_default_context()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await loop.create_connection(
                    _Connection, address.host, address.port, ssl=self._tls if address.is_tls else None
                )
        except OSError as error:  # a refused name, a failed handshake and a time-out are all of this kind
            raise NoConnection(type(error).__name__) from error
        return connection


def _still_good(idle: list[_Connection], now: float) -> _Connection | None:
    """The connection used last, if it may be used again."""
    while idle:
        connection = idle.pop()
        if connection.is_free and now - connection.idle_since <= KEPT_SECONDS:
            return connection
        connection.abort()
    return None


class _Connection(asyncio.Protocol):
    """One connection; the parser calls its `on_` methods."""

    def __init__(self) -> None:
        self.is_free = False
        """Whether a call may be made on it."""
        self.idle_since = 0.0
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parts: list[bytes] = []
        self._says_its_length = False
        self._ends_with_the_connection = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Made."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own says nothing of its kind
        self.is_free = True

    def exchange(self, head: bytes, body: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Sends a request; what is waited for is its answer."""
        self.is_free = False
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        return self._answer

    def give_up(self) -> None:
        """Waits no longer."""
        self._fail(TimeoutError())

    def abort(self) -> None:
        """Ends it at once."""
        self.is_free = False
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Reads on; whoever speaks without being asked is not listened to."""
        if self._answer is None:
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail(BrokenOff("no HTTP"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Ended. An answer of unsaid length is whole only then."""
        self.is_free = False
        if exc is None and self._ends_with_the_connection:
            self.on_message_complete()
        self._fail(BrokenOff("hung up"))

    def on_message_begin(self) -> None:
        """An answer begins."""
        self._parts.clear()
        self._says_its_length = self._ends_with_the_connection = False

    def on_header(self, name: bytes, _value: bytes) -> None:
        """One of its headers."""
        if name.lower() in _LENGTHS:
            self._says_its_length = True

    def on_headers_complete(self) -> None:
        """Its body begins."""
        self._ends_with_the_connection = not self._says_its_length

    def on_body(self, body: bytes) -> None:
        """A piece of its body."""
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """It is whole; one of status 1xx only comes before the real one."""
        status = self._parser.get_status_code()
        answer = self._answer
        if status < 200 or answer is None:
            return
        self._answer = None
        self.is_free = self._parser.should_keep_alive() and not self._ends_with_the_connection
        self._ends_with_the_connection = False
        if not answer.done():
            answer.set_result((status, b"".join(self._parts)))

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        self.abort()
        if answer is not None and not answer.done():
            answer.set_exception(error)
