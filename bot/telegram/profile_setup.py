"""Does Telegram show of the bot what profile.yaml says, and how is it told to?"""

from __future__ import annotations

import asyncio

from telegram.error import InvalidToken, TelegramError

from bot.finding import Finding
from bot.settings import Settings
from bot.telegram.api import BotApi
from bot.telegram.commands import ProfileTexts, differences, publish


def set_up(settings: Settings, profile: tuple[ProfileTexts, ...], *, check: bool) -> list[Finding]:
    """Sets what differs, or with `check` only says what does; problems say what to do."""
    return asyncio.run(_set_up(settings, profile, check=check))


async def _set_up(settings: Settings, profile: tuple[ProfileTexts, ...], *, check: bool) -> list[Finding]:
    api = BotApi(settings.token or "", settings.telegram_api_url, read_seconds=8)
    await api.open()
    try:
        return await _compared(api, profile, check=check)
    except InvalidToken:
        return [Finding(what="Telegram does not accept the token", todo="Copy it again from @BotFather (API Token)")]
    except TelegramError as error:
        what = f"{settings.telegram_api_url} does not answer as it should ({type(error).__name__})"
        return [Finding(what=what, todo="Check network, proxy and TELEGRAM_API_URL")]
    finally:
        await api.close_connections()


async def _compared(api: BotApi, profile: tuple[ProfileTexts, ...], *, check: bool) -> list[Finding]:
    found = []
    if not check:
        found.append(Finding(what=f"{await publish(api, profile)} texts and lists were changed"))
    todo = "Run massage-bot bot-setup" if check else "Try again later; Telegram limits how often texts may change"
    found += [Finding(what=f"Telegram shows other {each}", todo=todo) for each in await differences(api, profile)]
    about = await api.call("getMe")
    if not about.get("supports_inline_queries"):
        found.append(Finding(what="inline mode is off; @BotFather turns it on with /setinline, if you want it"))
    if not any(each.is_problem for each in found):
        found.append(Finding(what="Telegram shows commands and texts as they are here"))
    return found
