"""How is all that is stored copied to a file while the bot runs, and brought back without losing a good one?

A backup is always one SQLite file, also of PostgreSQL, so it can be looked at, checked and restored to
either database. It is written beside its place, checked, and only then given its name.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.store.database import connect, sqlite_error, sqlite_path
from bot.store.errors import NotOurStore, StoreBusy, StoreError, StoreUnwritable
from bot.store.schema import APPLICATION_ID, check_file, create, prepare, version_of
from bot.store.tables import METADATA, gates, inbox, outbox, schema_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.store.database import Database, Tx

ROWS_AT_ONCE = 1000
Rows = dict[str, list[dict[str, Any]]]


async def backup(url: str, target: Path) -> None:
    """Writes everything in the database to `target`, which is replaced only by a whole and checked copy.

    Raises:
        StoreError: the database cannot be read or the file not be written; an earlier `target` is as it was.
    """
    database = connect(url)
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        source = _file_of(database)
        if source is not None:
            _must_exist(source)
            check_file(source)
        _written(lambda: _fresh(unfinished))
        if source is not None:
            copy_sqlite(source, unfinished)
        else:
            await copy_rows(database, unfinished)
        check_file(unfinished)
        _written(lambda: _put_in_place(unfinished, target))
    finally:
        unfinished.unlink(missing_ok=True)
        await database.close()


def _file_of(database: Database) -> Path | None:
    return sqlite_path(database.url) if database.url.get_backend_name() == "sqlite" else None


def _must_exist(file: Path) -> None:
    if not file.exists() or file.stat().st_size == 0:
        raise StoreError(f"There is no database in {file}")


def _written(step: Callable[[], None]) -> None:
    try:
        step()
    except OSError as error:
        raise StoreUnwritable(f"The file cannot be written: {error.strerror}") from error


def _fresh(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)


def _put_in_place(file: Path, target: Path) -> None:
    """Gives a finished file its name, in one step that a power cut cannot halve."""
    with file.open("rb") as written:
        os.fsync(written.fileno())
    file.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of an SQLite file that may be in use, as one file without a log beside it."""
    try:
        with closing(sqlite3.connect(source, timeout=10)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new, pages=1000)
            new.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        raise sqlite_error(error, target) from error


async def copy_rows(database: Database, target: Path) -> None:
    """All rows of any database in a new SQLite file."""
    rows = await database.read(_all_rows)
    copy = connect(f"sqlite:///{target}")
    try:
        await copy.write(create)
        await copy.write(lambda tx: _put_rows(tx, rows))
    finally:
        await copy.close()
    with closing(sqlite3.connect(target)) as file:
        file.execute("PRAGMA journal_mode=DELETE").fetchone()


def _all_rows(tx: Tx) -> Rows:
    if version_of(tx) is None:
        raise StoreError("There is nothing in the database yet")
    return {table.name: [row._asdict() for row in tx.rows(sa.select(table))] for table in _tables()}


def _tables() -> list[sa.Table]:
    return [table for table in METADATA.sorted_tables if table is not schema_version]


def _put_rows(tx: Tx, rows: Rows) -> None:
    for table in _tables():
        tx.run(sa.delete(table))
        for part in _parts(rows[table.name]):
            tx.run(sa.insert(table), part)
    if tx.postgres:
        for table, column in ((inbox, inbox.c.seq), (outbox, outbox.c.id)):
            highest = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
            tx.run(sa.select(sa.func.setval(f"{table.name}_{column.name}_seq", highest, False)))  # noqa: FBT003


def _parts(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


async def restore(source: Path, url: str) -> Path | None:
    """Puts a backup in place of what the database holds. The bot must be stopped.

    On SQLite what was there is kept beside it, under the name that is returned; on PostgreSQL everything is
    replaced in one transaction, and None is returned.

    Raises:
        StoreBusy: the bot is still running. StoreError: the backup is missing, damaged, another program's or
        of another version; nothing was changed.
    """
    _must_exist(source)
    check_file(source)
    _must_be_ours(source)
    database = connect(url)
    try:
        target = _file_of(database)
        if target is not None:
            return await _restore_file(source, target)
        await _restore_rows(source, database)
        return None
    finally:
        await database.close()


def _must_be_ours(file: Path) -> None:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        if conn.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise NotOurStore(f"The file {file} is no backup of massage-bot")


async def _restore_file(source: Path, target: Path) -> Path | None:
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        _written(lambda: _fresh(unfinished))
        copy_sqlite(source, unfinished)
        check_file(unfinished)
        await _open_once(unfinished)
        kept = _set_aside(target)
        _written(lambda: _put_in_place(unfinished, target))
    finally:
        for end in ("", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + end).unlink(missing_ok=True)
    return kept


async def _open_once(file: Path) -> None:
    """Makes sure that this version can start on a file."""
    copy = connect(f"sqlite:///{file}")
    try:
        await prepare(copy, file)
    finally:
        await copy.close()


def _set_aside(target: Path) -> Path | None:
    """Keeps what is there under another name, its place still filled until the new file takes it."""
    if not target.exists():
        return None
    _fold_log_in(target)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    kept = target.with_name(f"{target.name}.replaced-{stamp}")
    _written(lambda: os.link(target, kept))
    for end in ("-wal", "-shm"):  # the log of a damaged file goes with it; a sound file has none left
        log = target.with_name(target.name + end)
        if log.exists():
            log.replace(kept.with_name(kept.name + end))
    return kept


def _fold_log_in(target: Path) -> None:
    """Writes the log into its file, while making sure that nobody else has it open.

    A damaged file stays as it is.
    """
    try:
        check_file(target)
    except StoreBusy:
        raise
    except StoreError:
        return
    try:
        with closing(sqlite3.connect(target, timeout=1, isolation_level=None)) as conn:
            conn.execute("PRAGMA locking_mode=EXCLUSIVE").fetchone()
            conn.execute("BEGIN EXCLUSIVE")
            conn.execute("COMMIT")
            conn.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        raise sqlite_error(error, target) from error


async def _restore_rows(source: Path, database: Database) -> None:
    with tempfile.TemporaryDirectory() as folder:  # opening a file for reading would already leave traces in it
        own = Path(folder) / "copy.db"
        copy_sqlite(source, own)
        await _open_once(own)
        copy = connect(f"sqlite:///{own}")
        try:
            rows = await copy.read(_all_rows)
        finally:
            await copy.close()
    await prepare(database, None)
    rows[gates.name] = []  # they belong to the past
    await database.write(lambda tx: _put_rows(tx, rows))
