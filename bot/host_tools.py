"""What may the person who runs the bot do with its database, from the command line?"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

import orjson
from sqlalchemy.engine import make_url

from bot.reports import Report, Voted
from bot.store import backup, reports
from bot.store.database import connect, sqlite_path
from bot.store.errors import StoreError
from bot.store.schema import check_file, prepare, upgrade


def save(database_url: str, target: Path) -> None:
    """Writes a whole and checked copy to `target`, while the bot may be at work. Raises StoreError."""
    asyncio.run(backup.backup(database_url, target))


def put_back(database_url: str, source: Path) -> Path | None:
    """Puts a backup in the database's place; where the former one is kept, if anywhere. Raises StoreError."""
    return asyncio.run(backup.restore(source, database_url))


def bring_up_to_date(database_url: str) -> tuple[str, ...]:
    """Applies the schema steps that are missing; their names. Raises StoreError."""
    path = database_file(database_url)
    if path is not None:
        check_file(path)

    async def apply() -> tuple[str, ...]:
        database = connect(database_url)
        try:
            return await upgrade(database)
        finally:
            await database.close()

    return asyncio.run(apply())


def told_reports(database_url: str, *, jsonl: bool) -> str:
    """What people reported, newest first, and how often passages helped; numbers of people are left out.

    Raises StoreError, also where there is no database yet.
    """
    path = database_file(database_url)
    if path is not None and not path.exists():
        raise StoreError(f"There is no database at {path} yet")
    found, voted = asyncio.run(_reported(database_url))
    if jsonl:
        return "".join(f"{orjson.dumps(each).decode()}\n" for each in (*map(_told, found), *map(asdict, voted)))
    lines = [
        f"{each.at:%Y-%m-%d %H:%M}  {each.reason:6}  {each.verdict or '-':24}  {'; '.join(each.places) or '-'}"
        for each in found
    ]
    lines = lines or ["Nobody has reported anything."]
    lines += [f"{each.no:4} no {each.yes:4} yes  {each.passage}" for each in voted]
    return "\n".join(lines) + "\n"


def _told(report: Report) -> dict[str, object]:
    kept = asdict(report)
    return {name: value for name, value in kept.items() if name not in {"person_id", "message_id"}}


async def _reported(database_url: str) -> tuple[list[Report], list[Voted]]:
    database = connect(database_url)
    try:
        await prepare(database, None)
        return await database.read(lambda tx: (reports.listed(tx), reports.counted(tx)))
    finally:
        await database.close()


def database_file(database_url: str) -> Path | None:
    """The file of an SQLite address; None for a database in memory or on a server."""
    return sqlite_path(make_url(database_url)) if database_url.startswith("sqlite") else None
