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
from urllib.parse import urlsplit

from bot import logs
from bot.finding import Finding
from bot.host_tools import database_file
from bot.settings import TELEGRAM, Settings, SettingsError, lines_of, names, read_settings
from bot.store.database import connect
from bot.store.errors import StoreError
from bot.store.schema import VERSION, check_file, version_of

_LOOKS_LIKE: Final = 0.8
_OWN_PAGES: Final = ("", "/", "/healthz", "/readyz", "/metrics")
_LOCAL: Final = ("127.0.0.1", "localhost", "::1")
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
    yield from _of_content(settings)
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

    if settings.webhook_url is not None and urlsplit(settings.webhook_url).path in _OWN_PAGES:
        yield Finding(
            what="WEBHOOK_URL names a page of the bot itself", todo="Give it a path of its own, such as /hook"
        )
    if settings.webhook_url is not None and settings.webhook_host not in _LOCAL:
        yield Finding(what=f"the webhook listens on {settings.webhook_host}; only your proxy should reach it")


def _of_content(settings: Settings) -> Iterator[Finding]:
    """The host's own folders; what comes with the bot is checked before it is shipped."""
    if (settings.corpus_dir, settings.rules_dir, settings.sources_dir) == (None, None, None):
        return
    from bot.assemble import CORPUS, read_content  # noqa: PLC0415  seconds that are not always needed
    from corpus.originals import WrongOriginal  # noqa: PLC0415
    from corpus.yaml_source import ContentError  # noqa: PLC0415

    try:
        read_content(
            corpus=settings.corpus_dir or CORPUS, rules_overlay=settings.rules_dir, sources=settings.sources_dir
        )
    except ContentError as error:
        first = str(error).splitlines()[0]
        yield Finding(what=f"your content has mistakes: {first}", todo="massage-bot check lists all, with their places")
    except WrongOriginal as error:
        yield Finding(what=str(error), todo="Put the very originals into SOURCES_DIR, or leave it empty")
    else:
        yield Finding(what="your content can be read")


def _of_database(settings: Settings) -> Iterator[Finding]:
    path = database_file(settings.database_url)
    if path is None and settings.database_url.startswith("sqlite"):
        todo = "Write sqlite:///data/massage-bot.db, three slashes and a file"
        yield Finding(what="the database is in memory: everything is forgotten when the bot ends", todo=todo)
    if path is not None:
        if path.absolute().is_relative_to("/tmp"):  # noqa: S108  the very folder that is warned of
            todo = "Point DATABASE_URL to a folder that is kept"
            yield Finding(what=f"the database {path} is in a folder that machines empty", todo=todo)
        if path.is_dir():
            yield Finding(what=f"DATABASE_URL names the folder {path}", todo="Name a file in it")
            return
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
        yield Finding(what=str(error), todo="See docs/OPERATIONS.md, “When something is wrong”")
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
