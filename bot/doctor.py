"""What is wrong with the set-up, and what is to be done about it? Looks, and changes nothing."""

from __future__ import annotations

import asyncio
import difflib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot import logs
from bot.finding import Finding
from bot.host_tools import database_file
from bot.settings import TELEGRAM, Settings, SettingsError, lines_of, names, read_settings
from bot.store.database import connect
from bot.store.errors import StoreError
from bot.store.schema import VERSION, check_file, version_of

_LOOKS_LIKE: Final = 0.8
_FREE_BYTES: Final = 100 * 1024 * 1024
_READABLE_BY_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH


def examine(env_file: Path) -> Iterator[Finding]:
    """Everything that was found, as it is found; problems say what to do."""
    yield from _of_env_file(env_file)
    try:
        settings = read_settings(env_file)
    except SettingsError as error:
        for problem in error.problems:
            yield Finding(what=problem, todo="Correct it, then run doctor again")
        return
    logs.set_up("CRITICAL", settings.secrets())
    yield Finding(what="every setting can be read")
    yield from _of_settings(settings)
    yield from _of_database(settings)
    yield from _of_telegram(settings)


def _of_env_file(env_file: Path) -> Iterator[Finding]:
    lines = lines_of(env_file)
    if not env_file.exists():
        yield Finding(what=f"there is no {env_file} here; only the environment counts")
    elif "TELEGRAM_TOKEN" in lines and env_file.stat().st_mode & _READABLE_BY_OTHERS:
        yield Finding(what=f"{env_file} can be read by other people of this machine", todo=f"chmod 600 {env_file}")
    known = names()
    for name, line in lines.items():
        close = difflib.get_close_matches(name, known, n=1, cutoff=_LOOKS_LIKE)
        if name not in known and close:
            what = f"{env_file}, line {line}: {name} is no setting of this bot"
            yield Finding(what=what, todo=f"Did you mean {close[0]}?")


def _of_settings(settings: Settings) -> Iterator[Finding]:
    if settings.token is None:
        yield Finding(
            what="there is no token", todo="Ask @BotFather for one and set TELEGRAM_TOKEN; preview needs none"
        )
    if settings.telegram_api_url != TELEGRAM:
        yield Finding(what=f"the Bot API is {settings.telegram_api_url}, not Telegram's own")
    token_file = settings.telegram_token_file
    if token_file is not None and token_file.stat().st_mode & stat.S_IROTH:
        yield Finding(what=f"{token_file} can be read by everybody on this machine", todo=f"chmod 600 {token_file}")
    if settings.webhook_url is None and settings.webhook_secret is not None:
        yield Finding(what="WEBHOOK_SECRET is set without WEBHOOK_URL", todo="Set the address, or remove the secret")
    if settings.metrics_port is not None and settings.webhook_url and settings.metrics_port == settings.webhook_port:
        yield Finding(what="METRICS_PORT and WEBHOOK_PORT are the same", todo="Give them different ports")


def _of_database(settings: Settings) -> Iterator[Finding]:
    path = database_file(settings.database_url)
    if path is not None:
        unwritable = list(_of_folder(path.absolute().parent))
        yield from unwritable
        if unwritable:
            return
        if not path.exists():
            yield Finding(what=f"the database {path} will be made at the first start")
            return
    try:
        if path is not None:
            check_file(path)
        found = asyncio.run(_schema(settings.database_url))
    except StoreError as error:
        yield Finding(what=str(error), todo="See README, “When something is wrong”")
        return
    if found is not None and found != VERSION:
        todo = "Run massage-bot db upgrade" if found < VERSION else "Run the newer massage-bot again"
        yield Finding(what=f"the database has schema {found}, this version needs {VERSION}", todo=todo)
    else:
        yield Finding(what="the database can be opened and has the right shape")


def _of_folder(folder: Path) -> Iterator[Finding]:
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        todo = "Give it to the user who runs the bot, or point DATABASE_URL elsewhere"
        yield Finding(what=f"the folder {existing} cannot be written", todo=todo)
    elif (free := shutil.disk_usage(existing).free) < _FREE_BYTES:
        yield Finding(what=f"only {free // 1024 // 1024} MB are free in {existing}", todo="Free some space")


async def _schema(database_url: str) -> int | None:
    database = connect(database_url)
    try:
        return await database.read(version_of)
    finally:
        await database.close()


def _of_telegram(settings: Settings) -> Iterator[Finding]:
    if settings.token is None:
        return
    from bot.telegram.examination import look  # noqa: PLC0415  a third of a second that is not always needed

    yield from asyncio.run(look(settings))
