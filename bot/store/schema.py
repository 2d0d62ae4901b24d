"""Is the database of the shape this version needs, and how does an older one get there?

A fresh database gets today's tables at once. An older one is brought forward step by step by `upgrade`, each
step in its own transaction; nothing is upgraded silently, because a copy of an earlier version may still be
at work.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.database import sqlite_error
from bot.store.errors import NewerSchema, NotOurStore, OlderSchema, StoreDamaged
from bot.store.tables import METADATA, dialogs, reports, schema_version, votes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bot.store.database import Database, Tx

APPLICATION_ID = 0x6D617373
"""Marks our SQLite files ("mass" in ASCII), so that another program's file is never taken for ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step from the version before to `version`."""

    version: int
    name: str
    apply: Callable[[Tx], None]


def first_schema(tx: Tx) -> None:
    """Everything the first release stores."""
    METADATA.create_all(tx.conn)


def reports_and_timers(tx: Tx) -> None:
    """Reports of harm, counts of what helped, and conversations that go on by themselves."""
    for table in (reports, votes):
        table.create(tx.conn, checkfirst=True)
    tx.run(sa.text("ALTER TABLE dialogs ADD COLUMN wake_at BIGINT"))
    for index in dialogs.indexes:
        index.create(tx.conn, checkfirst=True)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(version=1, name="first schema", apply=first_schema),
    Migration(version=2, name="reports and timers", apply=reports_and_timers),
)
"""Every step ever made, oldest first. A step that was released is never edited."""

VERSION = MIGRATIONS[-1].version


async def prepare(database: Database, path: Path | None) -> None:
    """Makes a fresh database ready, or makes sure that an existing one is sound and of today's version.

    Raises:
        StoreDamaged: the file fails SQLite's own check.
        NotOurStore: it holds somebody else's tables.
        OlderSchema: `massage-bot db upgrade` is due.
        NewerSchema: it was made by a later version.
    """
    if path is not None:
        check_file(path)
    await database.write(_found_or_made)


def _found_or_made(tx: Tx) -> None:
    if tx.postgres:  # two copies that start on an empty database make it once
        tx.conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPLICATION_ID})")
    found = version_of(tx)
    if found is None:
        create(tx)
        return
    if found < VERSION:
        raise OlderSchema(
            f"The database has schema {found}, this version needs {VERSION}: run `massage-bot db upgrade`"
        )
    if found > VERSION:
        raise NewerSchema(
            f"The database has schema {found}, this version knows {VERSION} at most: run the newer massage-bot"
        )


def version_of(tx: Tx) -> int | None:
    """The version of the schema; None for a database without any table.

    Raises:
        NotOurStore: there are tables, but ours are not among them.
    """
    tables = set(sa.inspect(tx.conn).get_table_names())
    if not tables:
        return None
    if schema_version.name not in tables:
        raise NotOurStore("The database holds another program's tables; point DATABASE_URL to an empty one")
    row = tx.one(sa.select(sa.func.max(schema_version.c.version)))
    if row is None or row[0] is None:
        raise StoreDamaged("The database does not say which schema it has; restore a backup")
    if missing := set(METADATA.tables) - tables and row[0] == VERSION:
        raise StoreDamaged(f"The database lacks tables of schema {row[0]} ({missing}); restore a backup")
    return int(row[0])


def create(tx: Tx) -> None:
    """Today's tables in an empty database."""
    METADATA.create_all(tx.conn)
    if not tx.postgres:
        tx.conn.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    else:
        # Rows of these change all the time; the default of 20 % dead rows is too late for a million
        # reminders.
        for table in ("reminders", "mail", "lanes", "inbox", "outbox", "gates"):
            tx.conn.exec_driver_sql(f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02)")
    _stamp(tx, MIGRATIONS)


def _stamp(tx: Tx, steps: Sequence[Migration]) -> None:
    for step in steps:
        tx.run(sa.insert(schema_version).values(version=step.version, name=step.name, applied_at=tx.now))


async def upgrade(database: Database, steps: Sequence[Migration] = MIGRATIONS) -> tuple[str, ...]:
    """Applies the steps that are missing, in order, each in its own transaction; their names.

    Raises:
        NewerSchema: the database is of a later version than the last step.
    """
    found = await database.write(version_of)
    if found is None:
        await database.write(create)
        return tuple(step.name for step in MIGRATIONS)
    if found > steps[-1].version:
        raise NewerSchema(f"The database has schema {found}, this version knows {steps[-1].version} at most")
    applied = [step for step in steps if await database.write(partial(_apply, step=step))]
    return tuple(step.name for step in applied)


def _apply(tx: Tx, step: Migration) -> bool:
    """Whether the step was still missing; two copies that upgrade at once do it once."""
    if tx.postgres:
        tx.run(sa.text("LOCK TABLE schema_version IN EXCLUSIVE MODE"))
    if tx.one(sa.select(schema_version.c.version).where(schema_version.c.version == step.version)):
        return False
    step.apply(tx)
    _stamp(tx, (step,))
    return True


def check_file(path: Path) -> None:
    """Reads an SQLite file from end to end without writing to it; a missing or empty one is fine.

    Raises:
        StoreDamaged: SQLite finds it damaged, or it is no SQLite file.
        NotOurStore: it belongs to another program.
    """
    if not path.exists() or path.stat().st_size == 0:
        return
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as conn:
            owner = conn.execute("PRAGMA application_id").fetchone()[0]
            tables = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            verdict = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise sqlite_error(error, path) from error
    if verdict != "ok":
        raise StoreDamaged(f"The file {path} is damaged; restore a backup. It was not changed")
    if tables and owner != APPLICATION_ID:
        raise NotOurStore(f"The file {path} belongs to another program; point DATABASE_URL elsewhere")
