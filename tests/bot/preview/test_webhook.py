"""Updates that are brought to the bot: with the secret, in order, again until taken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot

from bot.preview.server import LocalBotApi
from bot.preview.webhook_delivery import pause_after

pytestmark = pytest.mark.anyio


class Hook:
    """A bot's webhook that answers what it is told to, else 200."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.tries = 0
        self.answers: list[web.Response] = []
        self.before: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        self.secrets: set[str | None] = set()
        self.url = ""
        self._changed = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        """Take an update, or refuse it as told."""
        update = await request.json()
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.tries += 1
        if self.before:
            await self.before(update)
        answer = self.answers.pop(0) if self.answers else web.Response()
        if answer.status < 300:
            self.taken.append(update)
        self._changed.set()
        return answer

    async def has_taken(self, count: int) -> list[str]:
        """Wait for this many updates and give their texts."""
        async with asyncio.timeout(10):
            while len(self.taken) < count:
                self._changed.clear()
                await self._changed.wait()
        return [update["message"]["text"] for update in self.taken]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def test_updates_come_in_order_with_the_secret(api: LocalBotApi, bot: Bot, hook: Hook) -> None:
    ann = api.person("ann")
    ann.sends("one")
    await bot.set_webhook(hook.url, secret_token="a-secret_1")
    for word in ("two", "three"):
        ann.sends(word)
    assert await hook.has_taken(3) == ["one", "two", "three"]
    assert hook.secrets == {"a-secret_1"}
    await api.until(lambda: not api.state.updates.waiting(api.api.now()))
    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_an_update_that_was_not_taken_comes_again_and_the_reason_is_kept(
    api: LocalBotApi, bot: Bot, hook: Hook
) -> None:
    hook.answers = [web.Response(status=503, headers={"Retry-After": "0"}), web.Response(status=302)]
    await bot.set_webhook(hook.url)
    api.person("ann").sends("one")
    api.person("ann").sends("two")
    assert await hook.has_taken(2) == ["one", "two"]
    assert hook.tries == 4
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 302 Found"


async def test_the_pause_doubles_up_to_a_minute_unless_the_bot_names_one() -> None:
    pauses = [pause_after(failures, asked=0, first=1) for failures in (0, 1, 2, 3, 5, 6, 5000)]
    assert pauses == [1, 2, 4, 8, 32, 60, 60]
    assert pause_after(3, asked=2.5, first=1) == 2.5


async def test_a_chat_that_hangs_does_not_hold_up_another(api: LocalBotApi, bot: Bot, hook: Hook) -> None:
    released = asyncio.Event()

    async def hold_ann(update: dict[str, Any]) -> None:
        if update["message"]["from"]["first_name"] == "Ann":
            await released.wait()

    hook.before = hold_ann
    await bot.set_webhook(hook.url)
    api.person("ann").sends("slow")
    api.person("boris").sends("quick")
    assert await hook.has_taken(1) == ["quick"]
    released.set()
    assert await hook.has_taken(2) == ["quick", "slow"]


async def test_with_one_connection_chats_wait_for_each_other(api: LocalBotApi, bot: Bot, hook: Hook) -> None:
    busy = 0
    most = 0

    async def count(update: dict[str, Any]) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0)
        busy -= 1

    hook.before = count
    await bot.set_webhook(hook.url, max_connections=1)
    for number in range(5):
        api.person("ann").sends(f"a{number}")
        api.person("boris").sends(f"b{number}")
    await hook.has_taken(10)
    assert most == 1


async def test_the_answer_may_carry_one_call(api: LocalBotApi, bot: Bot, hook: Hook) -> None:
    ann = api.person("ann")
    call = {"method": "sendMessage", "chat_id": ann.id, "text": "by the way"}
    hook.answers = [web.json_response(call)]
    await bot.set_webhook(hook.url)
    ann.sends("one")
    assert (await ann.next_reply()).text == "by the way"


async def test_nothing_is_sent_to_another_machine(api: LocalBotApi, bot: Bot) -> None:
    await bot.set_webhook("https://example.org/hook")
    api.person("ann").sends("one")
    await api.until(lambda: api.state.webhook is not None and api.state.webhook.last_error != "")
    info = await bot.get_webhook_info()
    assert info.last_error_message is not None
    assert "this machine only" in info.last_error_message
    assert info.pending_update_count == 1
