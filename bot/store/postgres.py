"""How is a transaction run on PostgreSQL?

Each takes a pooled asyncpg connection and asks the server for the time. Imported only where `DATABASE_URL` names it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TypeVar

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.database import Job, Tx
from bot.store.errors import StatementRefused, StoreAway, StoreBusy, StoreDamaged, StoreError, StoreFull
from bot.store.moments import Clock, to_ms

T = TypeVar("T")
TRIES_AFTER_CONFLICT = 5

# A server that is just starting refuses in asyncpg's own words, which SQLAlchemy passes on as they are.
_POSTGRES_TROUBLE = (
    sa.exc.DBAPIError,
    sa.exc.TimeoutError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
_DATABASE_NOW = sa.text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")


class PostgresDatabase:
    """PostgreSQL through asyncpg; any number of copies of the bot may share it."""

    def __init__(self, url: URL, *, clock: Clock | None) -> None:
        self.url = url
        self._clock = clock
        self._engine = create_async_engine(
            url.set(drivername="postgresql+asyncpg"), pool_size=10, max_overflow=10, pool_timeout=10
        )
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, job: Job[T], *, patient: bool = False) -> T:  # noqa: ARG002  copies cannot share a commit
        """As promised by `Database`; a deadlock or conflict is run again."""
        for left in reversed(range(TRIES_AFTER_CONFLICT)):
            try:
                return await self._once(self._engine, job)
            except StoreBusy:
                if left == 0:
                    raise
        raise AssertionError

    async def read(self, job: Job[T]) -> T:
        """As promised by `Database`."""
        return await self._once(self._snapshots, job)

    async def close(self) -> None:
        """As promised by `Database`."""
        await self._engine.dispose()

    async def keeper(self) -> Keeper:
        """A connection of its own that is held until it is closed, for what lives as long as a connection."""
        try:
            return Keeper(await self._engine.execution_options(isolation_level="AUTOCOMMIT").connect())
        except _POSTGRES_TROUBLE as error:
            raise _postgres_error(error) from error

    async def _once(self, engine: AsyncEngine, job: Job[T]) -> T:
        try:
            async with engine.begin() as conn:
                return await conn.run_sync(self._run, job)
        except _POSTGRES_TROUBLE as error:
            raise _postgres_error(error) from error

    def _run(self, conn: sa.Connection, job: Job[T]) -> T:
        now = to_ms(self._clock()) if self._clock else conn.execute(_DATABASE_NOW).scalar_one()
        return job(Tx(conn, now))


class Keeper:
    """A connection to PostgreSQL that nobody else uses."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def ask(self, statement: str) -> Any:
        """The one value that a statement gives, outside of any transaction."""
        try:
            return (await self._conn.exec_driver_sql(statement)).scalar_one()
        except _POSTGRES_TROUBLE as error:
            raise _postgres_error(error) from error

    async def close(self) -> None:
        """Gives up every lock of this connection, and the connection."""
        with suppress(StoreError):
            await self.ask("SELECT 1 FROM pg_advisory_unlock_all()")
        await self._conn.close()


def _postgres_error(error: Exception) -> StoreError:
    """Our word for a failure of PostgreSQL, by SQLSTATE."""
    cause = getattr(error, "orig", None) or error
    state = str(getattr(cause, "sqlstate", None) or "")
    if state in ("40001", "40P01", "55P03"):
        return StoreBusy("PostgreSQL is busy with a conflicting change; try again")
    if state == "53100":
        return StoreFull("The disk of the PostgreSQL server is full; nothing was changed")
    if state in ("XX001", "XX002"):
        return StoreDamaged("PostgreSQL reports damaged data; restore a backup")
    if state in ("28P01", "28000", "3D000", "42501"):
        return StoreAway(f"PostgreSQL refuses this user or database (SQLSTATE {state}); check DATABASE_URL")
    if state and not state.startswith(("08", "57", "53")):
        return StatementRefused(f"PostgreSQL refused a statement (SQLSTATE {state})")
    return StoreAway("PostgreSQL cannot be reached; is the server running, and DATABASE_URL right?")
