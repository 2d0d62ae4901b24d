"""The request layer against a server that misbehaves: every failure comes out as python-telegram-bot's own kind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from telegram import InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from bot.logs import QUIET
from bot.telegram.api import BotApi, NotABot
from bot.telegram.request import (
    AnswerLost,
    ConnectionPool,
    NotSent,
    PooledRequest,
    PoolFull,
    ServerFault,
    UnreadableAnswer,
)
from bot.telegram.sending import seconds_of

pytestmark = pytest.mark.anyio
TOKEN = "123456:fake"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def served(answer: Answer, *, read_seconds: float = 5.0) -> AsyncIterator[BotApi]:
    """A bot whose Bot API answers every call by `answer`."""
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    api = BotApi(TOKEN, f"http://127.0.0.1:{port}", read_seconds=read_seconds)
    await api.open()
    try:
        yield api
    finally:
        await api.close_connections()
        await runner.cleanup()


def always(body: bytes, status: int = 200) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, status=status)

    return answer


def refused(status: int, description: str, **parameters: int) -> Answer:
    body = {"ok": False, "error_code": status, "description": description}
    return always(json.dumps(body | ({"parameters": parameters} if parameters else {})).encode(), status)


async def test_fields_arrive_as_json_and_the_result_comes_back():
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.method, request.path, await request.json()))
        return web.json_response({"ok": True, "result": {"message_id": 7}})

    async with served(answer) as api:
        assert await api.call(
            "sendMessage", {"chat_id": 1, "text": "шея <b>", "reply_markup": {"inline_keyboard": []}}
        ) == {"message_id": 7}
    fields = {"chat_id": 1, "text": "шея <b>", "reply_markup": {"inline_keyboard": []}}
    assert seen == [("POST", f"/bot{TOKEN}/sendMessage", fields)]


async def test_python_telegram_bots_own_methods_go_the_same_way_files_too():
    seen = {}

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("getMe"):
            return web.json_response(
                {"ok": True, "result": {"id": 42, "is_bot": True, "first_name": "x", "username": "y"}}
            )
        form = await request.post()
        file = form["photo"]
        seen["file"] = (file.filename, file.file.read()) if isinstance(file, web.FileField) else str(file)
        seen["parts"] = sorted(form)
        message = {"message_id": 7, "date": 0, "chat": {"id": 1, "type": "private"}}
        return web.json_response({"ok": True, "result": message})

    async with served(answer) as api:
        assert (await api.me()).username == "y"
        sent = await api.send_photo(1, InputFile(b"\x89PNG...", filename="week.png", attach=False))
    assert sent.message_id == 7
    assert seen["file"] == ("week.png", b"\x89PNG...")


REFUSALS = [
    (refused(400, "Bad Request: message is too long"), BadRequest, "Message is too long"),
    (refused(401, "Unauthorized"), InvalidToken, "Unauthorized"),
    (refused(403, "Forbidden: bot was blocked by the user"), Forbidden, "blocked"),
    (refused(404, "Not Found"), InvalidToken, "Not Found"),
    (refused(409, "Conflict: terminated by other getUpdates request"), Conflict, "terminated"),
    (refused(413, "Request Entity Too Large"), NetworkError, "Too Large"),
    (refused(429, "Too Many Requests: retry after 9", retry_after=9), RetryAfter, "9"),
    (refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009), ChatMigrated, "-1009"),
    (refused(500, "Internal Server Error"), ServerFault, "500"),
    (always(b"<html>502</html>", 502), ServerFault, "502"),
    (always(b"<html>403</html>", 403), Forbidden, ""),
    (always(b"<html>fine</html>"), UnreadableAnswer, ""),
    (always(b"[1]"), UnreadableAnswer, ""),
    (always(b'{"ok":true,"result":' + b"[" * 100_000), UnreadableAnswer, ""),
    (always(b""), UnreadableAnswer, ""),
]


@pytest.mark.parametrize(("answer", "kind", "words"), REFUSALS)
async def test_a_refusal_has_its_kind(answer, kind, words):
    async with served(answer) as api:
        with pytest.raises(kind) as caught:
            await api.call("sendMessage", {})
    assert type(caught.value) is kind
    assert words in str(caught.value)


async def test_waiting_is_told_in_seconds():
    async with served(refused(429, "Too Many Requests", retry_after=9)) as api:
        with pytest.raises(RetryAfter) as caught:
            await api.call("sendMessage", {})
    assert seconds_of(caught.value) == 9.0


async def test_an_answer_with_half_characters_is_read():
    async with served(always(b'{"ok":true,"result":"\\ud83d"}')) as api:
        assert await api.call("getMe") == "\ud83d"


async def test_what_is_no_bot_is_noticed():
    async with served(always(b'{"ok":true,"result":{"id":1,"is_bot":false}}')) as api:
        with pytest.raises(NotABot):
            await api.me()


async def test_nobody_listening_means_surely_not_sent():
    async with served(always(b"{}")) as api:
        address = api.base_url
    gone = BotApi(TOKEN, address.removesuffix(f"/bot{TOKEN}"))
    await gone.open()
    try:
        with pytest.raises(NotSent):
            await gone.call("sendMessage", {})
    finally:
        await gone.close_connections()


async def test_a_broken_connection_means_nobody_knows():
    async def hang_up(request: web.Request) -> web.Response:
        await request.read()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with served(hang_up) as api:
        with pytest.raises(AnswerLost):
            await api.call("sendMessage", {"text": "x"})


async def test_half_an_answer_means_nobody_knows():
    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"ok":tr')
        assert request.transport is not None
        request.transport.abort()
        return response

    async with served(break_off) as api:
        with pytest.raises(AnswerLost):
            await api.call("sendMessage", {"text": "x"})


async def test_silence_is_a_time_out():
    release = asyncio.Event()

    async def wait(_request: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with served(wait, read_seconds=0.05) as api:
        with pytest.raises(TimedOut) as caught:
            await api.call("sendMessage", {})
        release.set()
    assert not isinstance(caught.value, PoolFull)


async def test_no_more_than_the_places_are_used_at_once_and_waiting_too_long_is_surely_not_sent():
    release, under_way = asyncio.Event(), []

    async def wait(_request: web.Request) -> web.Response:
        under_way.append(1)
        await release.wait()
        return web.json_response({"ok": True, "result": True})

    async with served(wait) as api:
        pool = ConnectionPool()
        request = PooledRequest(pool, in_flight=2, pool_seconds=0.05)
        await request.initialize()
        calls = [asyncio.create_task(request.do_request(f"{api.base_url}/x", "POST")) for _ in range(5)]
        done, _ = await asyncio.wait(calls[2:])
        assert [type(call.exception()) for call in done] == [PoolFull] * 3
        assert len(under_way) == 2
        release.set()
        assert [status for status, _ in await asyncio.gather(*calls[:2])] == [200, 200]
        status, _ = await request.do_request(f"{api.base_url}/x", "POST")
        assert status == 200
        await request.shutdown()


async def test_redirects_are_not_followed_with_the_token():
    async def elsewhere(_request: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:9/steal")

    async with served(elsewhere) as api:
        with pytest.raises(NetworkError) as caught:
            await api.call("getMe")
    assert type(caught.value) is NetworkError


def test_making_a_bot_writes_its_token_nowhere_even_where_nobody_has_set_up_logs(caplog):
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)
    with caplog.at_level(logging.DEBUG):
        BotApi("987654321:AAHabcdefghijklmnopqrstuvwxyz-12345", "http://127.0.0.1:1")
    assert "AAHabc" not in caplog.text
