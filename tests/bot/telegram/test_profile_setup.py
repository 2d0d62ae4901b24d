"""What Telegram shows of the bot: looked at, set, and the same from then on."""

from __future__ import annotations

import asyncio

import pytest

from bot.finding import Finding
from bot.preview.server import LocalBotApi
from bot.settings import read_settings
from bot.telegram.assembled import PROFILE, read_profile
from bot.telegram.profile_setup import set_up

pytestmark = pytest.mark.anyio


async def run(api: LocalBotApi, *, check: bool, **chosen: str) -> list[Finding]:
    given = {"telegram_token": api.token, "telegram_api_url": api.url} | chosen
    return await asyncio.to_thread(set_up, read_settings(None, **given), read_profile(PROFILE), check=check)


def problems(found: list[Finding]) -> list[str]:
    return [str(each) for each in found if each.is_problem]


async def test_a_fresh_bot_is_found_wanting_set_up_and_found_right():
    async with LocalBotApi() as api:
        missing = problems(await run(api, check=True))
        assert len(missing) == 8
        assert any("commands in groups, for ru" in each for each in missing)
        assert problems(await run(api, check=False)) == []
        assert problems(await run(api, check=True)) == []
        again = await run(api, check=False)
        assert "0 texts" in str(again[0])
        assert api.refusals == []


async def test_groups_are_offered_nothing_personal_and_private_chats_everything():
    async with LocalBotApi() as api:
        await run(api, check=False)
        profile = api.state.profile
        lists = [
            {each["command"] for each in profile.commands_seen(chat_id=1, user_id=1, is_private=private, language="ru")}
            for private in (True, False)
        ]
        assert lists[1] == {"ask", "browse", "help", "about"}
        assert lists[1] < lists[0]


async def test_a_wrong_token_or_address_is_told_with_what_to_do():
    async with LocalBotApi() as api:
        assert "TELEGRAM_API_URL" in problems(await run(api, check=True, telegram_api_url="http://127.0.0.1:9"))[0]
        api.revoke_token()
        assert "BotFather" in problems(await run(api, check=True))[0]
