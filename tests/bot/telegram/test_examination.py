"""What doctor hears from the Bot API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.preview.server import LocalBotApi
from bot.preview.webhook_rules import checked_webhook
from bot.settings import read_settings
from bot.telegram import examination

pytestmark = pytest.mark.anyio


@pytest.fixture
async def api() -> AsyncIterator[LocalBotApi]:
    async with LocalBotApi() as local:
        yield local


@pytest.fixture(autouse=True)
def _short_listening(monkeypatch):
    monkeypatch.setattr(examination, "_LISTENING_SECONDS", 0)


async def problems(api: LocalBotApi, **chosen: Any) -> list[str]:
    given = {"telegram_token": api.token, "telegram_api_url": api.url, "database_url": "sqlite://"} | chosen
    return [str(found) for found in await examination.look(read_settings(None, **given)) if found.is_problem]


async def test_all_is_well(api):
    assert await problems(api) == []


async def test_a_refused_token(api):
    api.revoke_token()
    (problem,) = await problems(api)
    assert "BotFather" in problem


async def test_a_webhook_that_is_still_set(api):
    api.state.webhook = checked_webhook("https://old.example.org/", secret="", connections=40, loopback_http=False)
    (problem,) = await problems(api)
    assert "WEBHOOK_URL is empty here" in problem


async def test_many_updates_waiting(api):
    for number in range(101):
        api.person("ann").sends(str(number))
    (problem,) = await problems(api)
    assert "wait at Telegram" in problem


async def test_nobody_at_the_address(api):
    (problem,) = await problems(api, telegram_api_url="http://127.0.0.1:9")
    assert "TELEGRAM_API_URL" in problem


async def test_somebody_else_at_the_address(api):
    (problem,) = await problems(api, telegram_api_url=f"{api.url}/preview")
    assert problem
