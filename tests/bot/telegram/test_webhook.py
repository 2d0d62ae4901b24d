"""The webhook: the right status for friend and foe, and nothing confirmed before it is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from bot.intake import RawUpdate
from bot.store.errors import StoreAway
from bot.telegram.webhook import LARGEST, Front, Webhook
from tests.bot.telegram.conftest import ScriptedApi

pytestmark = pytest.mark.anyio
SECRET = "s3cret_-"
GOOD = json.dumps({"update_id": 9, "message": {"chat": {"id": 5, "type": "private"}}}).encode()


class Inbox:
    def __init__(self) -> None:
        self.stored: list[RawUpdate] = []
        self.is_away = False

    async def accept(self, updates: Sequence[RawUpdate]) -> int:
        if self.is_away:
            raise StoreAway("away")
        self.stored += updates
        return len(updates)


class Caller:
    """Calls the app as a server would, and counts how much of the body was asked for."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.hook = Webhook(
            api=ScriptedApi(),
            accept=self.inbox.accept,
            url="https://bot.example.org/hook",
            secret=SECRET,
            host="",
            port=0,
        )
        self.read = 0

    async def __call__(
        self, body: bytes | Sequence[bytes] = GOOD, *, method: str = "POST", path: str = "/hook", **headers: str
    ) -> int:
        chunks = [body] if isinstance(body, bytes) else list(body)
        given = {"x_telegram_bot_api_secret_token": SECRET, "content_length": str(sum(map(len, chunks)))} | headers
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "root_path": "",
            "scheme": "http",
            "query_string": b"",
            "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in given.items()],
        }
        left = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            for number, chunk in enumerate(chunks, start=1)
        ]
        answered: list[Any] = []

        async def receive() -> Any:
            if not left:
                return {"type": "http.disconnect"}
            message = left.pop(0)
            self.read += len(message["body"])
            return message

        async def send(message: Any) -> None:
            answered.append(message)

        await self.hook.app()(scope, receive, send)
        return int(answered[0]["status"])


@pytest.fixture
def call() -> Caller:
    return Caller()


async def test_an_update_is_stored_before_telegram_hears_that_it_came(call):
    assert await call() == 200
    (stored,) = call.inbox.stored
    assert (stored.update_id, stored.chat_id, stored.body) == (9, 5, GOOD)


async def test_telegram_keeps_what_could_not_be_stored(call):
    call.hook.started.set()
    call.inbox.is_away = True
    assert await call() == 503
    assert not call.hook.is_ready
    call.inbox.is_away = False
    assert await call() == 200
    assert call.hook.is_ready


@pytest.mark.parametrize("secret", ["", "s3cret", SECRET + "x", "S3CRET_-", "s3cret_\xff", "x" * 100_000])
async def test_who_does_not_know_the_secret_is_sent_away_unread(call, secret):
    assert await call(x_telegram_bot_api_secret_token=secret) == 403
    assert (call.read, call.inbox.stored) == (0, [])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_only_post_is_taken(call, method):
    assert await call(method=method) == 405
    assert call.read == 0


@pytest.mark.parametrize("length", [str(LARGEST + 1), "9" * 400, "-1", "abc", "١٢"])
async def test_a_body_that_says_it_is_too_large_is_not_read(call, length):
    try:
        length.encode("latin-1")
    except UnicodeEncodeError:
        length = "²"
    assert await call(content_length=length) == 413
    assert call.read == 0


async def test_a_body_that_lies_about_its_size_is_read_no_further_than_the_limit(call):
    assert await call([b"x" * 65536] * 64, content_length="10") == 413
    assert call.read <= LARGEST + 65536
    assert call.inbox.stored == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"[]", b'{"update_id": "9"}', b'{"update_id": -1}', b"null"]
)
async def test_poison_is_taken_and_put_aside(call, body):
    assert await call(body) == 200
    assert call.inbox.stored == []


async def test_elsewhere_is_nothing_but_the_pages_for_the_host(call):
    assert await call(path="/") == 404
    assert await call(method="GET", path="/healthz") == 200
    assert await call(method="GET", path="/readyz") == 503
    call.hook.started.set()
    assert await call(method="GET", path="/readyz") == 200
    assert await call(method="GET", path="/metrics") == 200


async def test_it_is_not_ready_while_the_database_is_away():
    looks = []

    async def look() -> None:
        looks.append(1)
        if len(looks) > 1:
            raise StoreAway("away")

    front = Front(is_ready=lambda: True, look=look)
    ready = [await front._ready(None), await front._ready(None)]
    assert [(one.status_code, one.body) for one in ready] == [
        (200, b"ready\n"),
        (503, b"not ready: the database does not answer\n"),
    ]
