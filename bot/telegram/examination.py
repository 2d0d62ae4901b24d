"""What does the Bot API say about our set-up? Asks, and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.finding import Finding
from bot.host_tools import database_file
from bot.settings import Settings
from bot.store.database import connect
from bot.store.errors import StoreError
from bot.store.sole import SolePoller
from bot.telegram.api import BotApi, NotABot
from bot.telegram.request import NotSent
from bot.telegram.updates import ALLOWED

_LISTENING_SECONDS: Final = 3
_RECENT_SECONDS: Final = 3600
_MANY: Final = 100


async def look(settings: Settings) -> list[Finding]:
    """Everything that was found; problems say what to do."""
    api = BotApi(settings.token or "", settings.telegram_api_url, read_seconds=8)
    await api.open()
    try:
        return await _look(api, settings)
    except NotSent:
        return [_unreachable(settings, "cannot be reached")]
    except TelegramError as error:
        return [_unreachable(settings, f"does not answer as it should ({type(error).__name__})")]
    except NotABot:
        return [_unreachable(settings, "does not answer as the Bot API would")]
    finally:
        await api.close_connections()


def _unreachable(settings: Settings, how: str) -> Finding:
    return Finding(what=f"{settings.telegram_api_url} {how}", todo="Check network, proxy and TELEGRAM_API_URL")


async def _look(api: BotApi, settings: Settings) -> list[Finding]:
    try:
        me = await api.me()
    except InvalidToken:
        return [Finding(what="Telegram does not accept the token", todo="Copy it again from @BotFather (API Token)")]
    found = [Finding(what=f"Telegram knows the bot as @{me.username}")]
    webhook = await api.call("getWebhookInfo")
    found += _of_webhook(webhook if isinstance(webhook, dict) else {}, settings)
    if settings.webhook_url is None and not any(each.is_problem for each in found):
        found.append(await _of_pollers(api, settings))
    return found


def _of_webhook(info: dict[str, Any], settings: Settings) -> Iterator[Finding]:
    url, waiting = str(info.get("url") or ""), int(info.get("pending_update_count") or 0)
    if settings.webhook_url is None and url:
        what = "a webhook is set at Telegram, but WEBHOOK_URL is empty here"
        yield Finding(what=what, todo="Starting the bot removes it; or set WEBHOOK_URL if another copy needs it")
    if settings.webhook_url is not None and url != settings.webhook_url:
        yield Finding(what="Telegram does not deliver to WEBHOOK_URL yet; starting the bot tells it to")
    failed_at = int(info.get("last_error_date") or 0)
    if settings.webhook_url is not None and url and time.time() - failed_at < _RECENT_SECONDS:
        what = f"Telegram could not deliver lately: {str(info.get('last_error_message') or 'no reason given')[:200]}"
        yield Finding(what=what, todo="Check the proxy before the bot, its certificate, and that the bot runs")
    if settings.webhook_url is not None and url and info.get("allowed_updates") not in (None, list(ALLOWED)):
        yield Finding(what="Telegram delivers other kinds of updates than this version needs; the next start mends it")
    if waiting > _MANY:
        yield Finding(what=f"{waiting} updates wait at Telegram", todo="Start the bot; they are kept for a day")


async def _of_pollers(api: BotApi, settings: Settings) -> Finding:
    """Whether a program elsewhere fetches our updates: it would end our short poll by one of its own."""
    try:
        if await _runs_here(settings.database_url):
            return Finding(what="the bot runs already, on this database")
        await api.call("getUpdates", {"timeout": _LISTENING_SECONDS, "limit": 1, "allowed_updates": ALLOWED})
    except Conflict:
        what = "another program fetches this bot's updates"
        return Finding(what=what, todo="Stop it, or ask @BotFather for a second bot and token")
    except StoreError as error:
        return Finding(what=str(error), todo="Mend the database first")
    return Finding(what="nobody else fetches this bot's updates")


async def _runs_here(database_url: str) -> bool:
    """Whether a copy on this database holds the right to poll. Where there is no file yet, none is made."""
    file = database_file(database_url)
    if database_url.startswith("sqlite") and (file is None or not file.exists()):
        return False
    database = connect(database_url)
    lock = SolePoller(database)
    try:
        return not await lock.take()
    finally:
        await lock.release()
        await database.close()
