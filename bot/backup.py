"""How is the database saved, put back, and brought up to date by the person who runs the bot?"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.poller_lock import database_file
from bot.store.database import connect, sqlite_error
from bot.store.errors import StoreBusy, StoreUnwritable
from bot.store.schema import check_file, upgrade

_BESIDE = ("-wal", "-shm")


class NotPossible(Exception):
    """What was asked cannot be done here; the text says what can."""


def back_up(database_url: str, target: Path) -> None:
    """Writes a whole and checked copy of the database to `target`, while the bot may be at work.

    Raises:
        NotPossible: the file exists already, there is no database, or it is not SQLite.
        StoreError: the database is damaged, or the copy cannot be written.
    """
    source = _sqlite_file(database_url, "pg_dump --format=custom --file=FILE")
    if target.exists():
        raise NotPossible(f"{target} exists already; nothing is overwritten, name another file")
    if not source.exists():
        raise NotPossible(f"There is no database at {source} yet; nothing to save")
    check_file(source)
    half = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, half)
        check_file(half)
        os.link(half, target)  # unlike a renaming, this fails when somebody else has made the file meanwhile
    except FileExistsError:
        raise NotPossible(f"{target} exists already; nothing is overwritten, name another file") from None
    except OSError as error:
        raise StoreUnwritable(f"{target} cannot be written: {error.strerror}") from error
    finally:
        half.unlink(missing_ok=True)


def put_back(database_url: str, source: Path) -> Path | None:
    """Puts a checked copy of `source` in the database's place; where the former one is kept, if there was one.

    Raises:
        NotPossible: the database is not SQLite.
        StoreError: the backup is damaged or not ours, or the bot is at work on the database.
    """
    target = _sqlite_file(database_url, "pg_restore --clean --dbname=NAME FILE")
    check_file(source)
    half = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, half)
        kept = _move_aside(target)
        half.replace(target)
    except OSError as error:
        raise StoreUnwritable(f"{target} cannot be written: {error.strerror}") from error
    finally:
        half.unlink(missing_ok=True)
    return kept


def bring_up_to_date(database_url: str) -> tuple[str, ...]:
    """Applies the schema steps that are missing; their names. Raises StoreError."""
    path = database_file(database_url) if database_url.startswith("sqlite") else None
    if path is not None:
        check_file(path)

    async def apply() -> tuple[str, ...]:
        database = connect(database_url)
        try:
            return await upgrade(database)
        finally:
            await database.close()

    return asyncio.run(apply())


def _sqlite_file(database_url: str, instead: str) -> Path:
    if not database_url.startswith("sqlite"):
        raise NotPossible(f"DATABASE_URL is PostgreSQL, which has its own tool for this: {instead}")
    path = database_file(database_url)
    if path is None:
        raise NotPossible("DATABASE_URL is a database in memory, which ends with the bot")
    return path


def _copy(source: Path, target: Path) -> None:
    """A consistent copy, whatever is written meanwhile; on the disk when this returns."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.Error as error:
        raise sqlite_error(error, target) from error
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _move_aside(target: Path) -> Path | None:
    """Where the former database now is; None when there was none."""
    if not target.exists():
        return None
    try:
        with closing(sqlite3.connect(target, timeout=2)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE").close()
            connection.execute("BEGIN EXCLUSIVE").close()
            connection.execute("ROLLBACK").close()
    except sqlite3.OperationalError:
        raise StoreBusy(f"The bot is at work on {target}; stop it first") from None
    except sqlite3.DatabaseError:
        pass  # a damaged file is the very reason to restore
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    kept = target.with_name(f"{target.name}.before-{moment}")
    target.replace(kept)
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            target.with_name(target.name + ending).replace(kept.with_name(kept.name + ending))
    return kept
