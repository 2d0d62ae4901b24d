"""JSON calls against servers that speak HTTP in every way, and none."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvloop

from bot.telegram.json_calls import Address, BrokenOff, JsonCalls, NoConnection

WHOLE = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "uvloop"])
def anyio_backend(request):
    """The loop of the tests, and the one the bot runs on: their transports differ."""
    return ("asyncio", {"loop_factory": uvloop.new_event_loop} if request.param == "uvloop" else {})


async def heard(reader: asyncio.StreamReader) -> bytes:
    """One request, head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


@contextlib.asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[tuple[JsonCalls, Address]]:
    """Calls, and the address of a server where each connection is a talk."""
    talks: list[asyncio.Event] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(over := asyncio.Event())
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await talk(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    calls = JsonCalls(connect_seconds=5)
    try:
        yield calls, Address.of(f"http://127.0.0.1:{port}/bot1:x/getMe", user_agent="tests")
    finally:
        calls.close()
        server.close()
        for over in talks:
            await over.wait()


def answering(*pieces: bytes, hang_up: bool = False) -> Talk:
    """Every request gets these bytes, piece by piece."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await heard(reader)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if hang_up:
                return

    return talk


async def test_a_request_says_what_a_request_must():
    said = []

    async def talk(reader, writer):
        said.append(await heard(reader))
        writer.write(WHOLE)

    async with serving(talk) as (calls, address):
        assert await calls.post(address, b'{"a":1}', seconds=5) == (200, b'{"ok":true}')
    head, _, body = said[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /bot1:x/getMe HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Content-Type: application/json" in head
    assert body == b'{"a":1}'


@pytest.mark.parametrize(
    "pieces",
    [
        [WHOLE],
        [WHOLE[:9], WHOLE[9:45], WHOLE[45:]],
        [b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"ok\r\n', b'7\r\n":true}\r\n0\r\n\r\n'],
        [b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE],
    ],
    ids=["at once", "in pieces", "in chunks", "after a 100"],
)
async def test_an_answer_is_read_however_it_comes_and_the_connection_used_again(pieces):
    connections = []

    async def talk(reader, writer):
        connections.append(1)
        await answering(*pieces)(reader, writer)

    async with serving(talk) as (calls, address):
        for _ in range(3):
            assert await calls.post(address, b"{}", seconds=5) == (200, b'{"ok":true}')
    assert len(connections) == 1


async def test_an_answer_without_a_length_ends_with_its_connection():
    async with serving(answering(b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", hang_up=True)) as (calls, address):
        for _ in range(2):
            assert await calls.post(address, b"{}", seconds=5) == (502, b"<html>")


@pytest.mark.parametrize(
    "pieces",
    [[], [b"HTTP/1.1 200 OK\r\nContent-Le"], [WHOLE[:-3]], [b"220 mail.example ESMTP\r\n"]],
    ids=["nothing", "half a head", "half a body", "another protocol"],
)
async def test_what_is_no_whole_answer_is_lost(pieces):
    async with serving(answering(*pieces, hang_up=True)) as (calls, address):
        with pytest.raises(BrokenOff):
            await calls.post(address, b"{}", seconds=5)


async def test_a_server_that_closes_after_each_answer_is_called_anew():
    closing = WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with serving(answering(closing, hang_up=True)) as (calls, address):
        for _ in range(3):
            assert (await calls.post(address, b"{}", seconds=5))[0] == 200


async def test_a_connection_on_which_the_server_speaks_unasked_is_not_used_again():
    connections, spoken = [], asyncio.Event()

    async def talk(reader, writer):
        connections.append(1)
        await heard(reader)
        writer.write(WHOLE)
        if len(connections) == 1:
            await asyncio.sleep(0.01)
            writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            spoken.set()
        await reader.read()

    async with serving(talk) as (calls, address):
        await calls.post(address, b"{}", seconds=5)
        await spoken.wait()
        await asyncio.sleep(0.01)
        assert await calls.post(address, b"{}", seconds=5) == (200, b'{"ok":true}')
    assert len(connections) == 2


async def test_a_late_answer_is_not_taken_for_that_of_the_next_call():
    late, connections = asyncio.Event(), []

    async def talk(reader, writer):
        connections.append(1)
        await heard(reader)
        if len(connections) == 1:
            await late.wait()
            writer.write(WHOLE.replace(b"true", b"late"))
            return
        writer.write(WHOLE)
        await reader.read()

    async with serving(talk) as (calls, address):
        with pytest.raises(TimeoutError):
            await calls.post(address, b"{}", seconds=0.02)
        late.set()
        assert await calls.post(address, b"{}", seconds=5) == (200, b'{"ok":true}')


async def test_a_call_that_is_cancelled_takes_its_connection_along():
    asked, ended = asyncio.Event(), asyncio.Event()

    async def talk(reader, _writer):
        await heard(reader)
        asked.set()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        ended.set()

    async with serving(talk) as (calls, address):
        call = asyncio.create_task(calls.post(address, b"{}", seconds=None))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(ended.wait(), 5)


async def test_calls_at_the_same_time_have_connections_of_their_own():
    together = asyncio.Barrier(3)

    async def talk(reader, writer):
        await heard(reader)
        await together.wait()
        writer.write(WHOLE)

    async with serving(talk) as (calls, address):
        answers = await asyncio.gather(*(calls.post(address, b"{}", seconds=5) for _ in range(3)))
    assert [status for status, _ in answers] == [200] * 3


async def test_without_a_server_or_a_handshake_surely_nothing_was_sent():
    async with serving(answering(WHOLE)) as (calls, address):
        with pytest.raises(NoConnection):
            await calls.post(Address(address.host, address.port, is_tls=True, head=address.head), b"{}", seconds=5)
    with pytest.raises(NoConnection):
        await JsonCalls(connect_seconds=5).post(address, b"{}", seconds=5)
    nowhere = Address.of("https://nobody.invalid/x", user_agent="tests")
    with pytest.raises(NoConnection):
        await JsonCalls(connect_seconds=5).post(nowhere, b"{}", seconds=5)


def test_an_address_knows_its_port_and_keeps_a_password_to_itself():
    address = Address.of("https://user:word@api.telegram.org/bot1:x/getMe", user_agent="tests")
    assert (address.host, address.port, address.is_tls) == ("api.telegram.org", 443, True)
    assert b"word" not in address.head
