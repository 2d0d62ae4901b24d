"""What may the person who runs the bot do with its database, from the command line?"""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.store import backup
from bot.store.database import connect, sqlite_path
from bot.store.schema import check_file, upgrade


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


def database_file(database_url: str) -> Path | None:
    """The file of an SQLite address; None for a database in memory or on a server."""
    return sqlite_path(make_url(database_url)) if database_url.startswith("sqlite") else None
