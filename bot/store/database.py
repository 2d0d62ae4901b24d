"""How is a transaction run, on SQLite and on PostgreSQL alike?

A transaction is a plain function over `Tx`; it may be run again from the start when the database asks for
that, so it does nothing but SQL. On SQLite all writes go through one connection on one thread of its own
(calling the driver there costs a fifth of calling it through an async wrapper statement by statement), and
writes that queue up meanwhile share one commit. In memory nothing ever waits for a disk, so everything is done
at once. PostgreSQL is in `bot.store.postgres`.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import StaticPool

from bot.store.errors import (
    StatementRefused,
    StoreAway,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreUnwritable,
)
from bot.store.moments import Clock, to_ms, wall_clock
from bot.store.statement import Given, Row, Statement

T = TypeVar("T")
BUSY_TIMEOUT_MS = 10_000
SHARED_COMMIT_AT_MOST = 64
PATIENCE = 0.01
"""Seconds that a job may wait for company which nobody waits for."""
NO_WAIT = timedelta(0)


@dataclass(frozen=True, slots=True)
class Tx:
    """An open transaction and the moment, in stored form, that holds for all of it.

    `driver` is SQLite's own connection; None on PostgreSQL.
    """

    conn: sa.Connection
    now: int
    driver: sqlite3.Connection | None = None

    @property
    def postgres(self) -> bool:
        """Whether several writers may be at work at once."""
        return self.driver is None

    def rows(self, statement: sa.Executable | Statement, values: Given | None = None) -> list[Row]:
        """All rows of a statement."""
        if isinstance(statement, Statement):
            if self.driver is not None:
                return statement.rows(self.driver, values or {})
            statement = statement.for_postgres
        return list(self.conn.execute(statement, values).all())

    def one(self, statement: sa.Executable | Statement, values: Given | None = None) -> Row | None:
        """The first row of a statement; None when it has none."""
        rows = self.rows(statement, values)
        return rows[0] if rows else None

    def run(self, statement: sa.Executable | Statement, values: Given | Sequence[Given] | None = None) -> int:
        """Runs a statement, for each of several rows if so given; the number of rows it touched."""
        if isinstance(statement, Statement):
            if self.driver is not None:
                return statement.run(self.driver, values or {})
            statement = statement.for_postgres
        return self.conn.execute(statement, values).rowcount

    def insert(self, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that knows ON CONFLICT, which both databases spell alike."""
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)


Job = Callable[[Tx], T]


class Database(Protocol):
    """Runs transactions. Every failure of the database comes out as a `StoreError`."""

    url: URL

    async def write(self, job: Job[T], *, patient: bool = False) -> T:
        """Runs `job` in one transaction and returns its result once that is committed for good.

        A `patient` job may wait a moment for others to share their commit.
        """
        ...

    async def read(self, job: Job[T]) -> T:
        """Runs `job`, which must not write, on a consistent view."""
        ...

    async def close(self) -> None:
        """Ends all connections; what was being written is finished first."""
        ...


def connect(url: str, *, clock: Clock | None = None, group_commit: timedelta = NO_WAIT) -> Database:
    """A database for a `DATABASE_URL`: `sqlite:///path`, `sqlite://` (in memory) or `postgresql://…`.

    Args:
        url: where the database is.
        clock: tells the time; by default this machine's for SQLite and the server's for PostgreSQL.
        group_commit: on SQLite, how long a commit waits for company (0: only for what is already waiting).

    Raises:
        StoreError: the address is of no kind known here, or the folder cannot be made.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise StoreError("DATABASE_URL is not an address such as sqlite:///data/massage-bot.db") from None
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDatabase(parsed, clock=clock or wall_clock, group_commit=group_commit)
        case "postgresql" | "postgres":
            from bot.store.postgres import PostgresDatabase  # noqa: PLC0415  its libraries are large

            return PostgresDatabase(parsed, clock=clock)
        case other:
            raise StoreError(f"DATABASE_URL names {other!r}; only sqlite and postgresql are known")


@dataclass(frozen=True, slots=True)
class _Ordered(Generic[T]):
    """A job on its way to the writer, and where its result is waited for."""

    job: Job[T]
    loop: AbstractEventLoop
    result: Future[T]
    patience: float
    """Seconds its commit may wait for company."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """What a job raised by itself, or our word for a failure of the database."""

    error: Exception


class SqliteDatabase:
    """One SQLite file: one writer thread, one reader thread. Or a database in memory, without any."""

    def __init__(self, url: URL, *, clock: Clock, group_commit: timedelta = NO_WAIT) -> None:
        self.url = url
        self._clock = clock
        self._window = group_commit.total_seconds()
        self._path = sqlite_path(url)
        self._engine = _sqlite_engine(url, self._path)
        self._conn: sa.Connection | None = None
        self._reading: sa.Connection | None = None
        self._closed = False
        self._orders: queue.SimpleQueue[_Ordered[Any] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._reader: ThreadPoolExecutor | None = None
        if self._path is not None:
            self._reader = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
            self._writer = threading.Thread(target=self._serve, name="store-writer", daemon=True)
            self._writer.start()

    async def write(self, job: Job[T], *, patient: bool = False) -> T:
        """As promised by `Database`; jobs that wait at the same time share one commit."""
        if self._closed:
            raise StoreAway("The database is closed")
        if self._writer is None:
            done: T = _result(self._run_alone(job))
            return done
        loop = asyncio.get_running_loop()
        result: Future[T] = loop.create_future()
        self._orders.put(_Ordered(job, loop, result, PATIENCE if patient else self._window))
        return await result

    async def read(self, job: Job[T]) -> T:
        """As promised by `Database`."""
        if self._reader is None:
            return await self.write(job)
        if self._closed:
            raise StoreAway("The database is closed")
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._read, job)

    async def close(self) -> None:
        """As promised by `Database`."""
        if self._closed:
            return
        self._closed = True
        if self._writer is not None and self._reader is not None:
            self._orders.put(None)
            await asyncio.to_thread(self._writer.join)
            self._reader.shutdown()
        for conn in (self._conn, self._reading):
            if conn is not None:
                conn.close()
        self._engine.dispose()

    def _read(self, job: Job[T]) -> T:
        try:
            self._reading = self._reading or self._engine.connect()
            driver = _driver(self._reading)
            _say(driver, "BEGIN")
            try:
                return job(Tx(self._reading, to_ms(self._clock()), driver))
            finally:
                with suppress(sqlite3.Error):  # SQLite may have ended it already
                    _say(driver, "ROLLBACK")
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            raise sqlite_error(error, self._path) from error

    def _serve(self) -> None:
        """The writer thread: takes what waits, runs it, commits once."""
        while (first := self._orders.get()) is not None:
            batch, closing = self._gathered(first)
            outcomes = self._run_together([ordered.job for ordered in batch])
            for loop in {ordered.loop for ordered in batch}:
                done = zip(batch, outcomes, strict=True)
                own = [(ordered.result, outcome) for ordered, outcome in done if ordered.loop is loop]
                with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                    loop.call_soon_threadsafe(_hand_over, own)
            if closing:
                break

    def _gathered(self, first: _Ordered[Any]) -> tuple[list[_Ordered[Any]], bool]:
        """`first` and whatever else waits, or comes before anybody's patience is over; and whether to close then."""
        gathered = [first]
        deadline = monotonic() + first.patience
        while len(gathered) < SHARED_COMMIT_AT_MOST:
            left = deadline - monotonic()
            try:
                following = self._orders.get(timeout=left) if left > 0 else self._orders.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return gathered, True
            gathered.append(following)
            deadline = min(deadline, monotonic() + following.patience)
        return gathered, False

    def _run_together(self, jobs: Sequence[Job[Any]]) -> list[Any]:
        """Runs jobs in one transaction; if that breaks, each alone."""
        if len(jobs) == 1:
            return [self._run_alone(jobs[0])]
        try:
            conn, driver = self._connected()
            _say(driver, "BEGIN IMMEDIATE")
            outcomes = [self._guarded(conn, driver, job) for job in jobs]
            _say(driver, "COMMIT")
        except (sa.exc.DBAPIError, sqlite3.Error):
            self._roll_back()
            return [self._run_alone(job) for job in jobs]
        return outcomes

    def _guarded(self, conn: sa.Connection, driver: sqlite3.Connection, job: Job[Any]) -> Any:
        """The job's result, or its own exception after undoing it alone.

        Failures of the database get through.
        """
        _say(driver, "SAVEPOINT job")
        try:
            result = job(Tx(conn, to_ms(self._clock()), driver))
        except (sa.exc.OperationalError, sa.exc.DatabaseError, sqlite3.Error):
            raise
        except Exception as error:  # noqa: BLE001  the caller gets it, the others must not
            _say(driver, "ROLLBACK TO job")
            _say(driver, "RELEASE job")
            return _Failed(error)
        _say(driver, "RELEASE job")
        return result

    def _run_alone(self, job: Job[Any]) -> Any:
        """The job's result, its own exception, or our word for a failure of the database."""
        try:
            conn, driver = self._connected()
            _say(driver, "BEGIN IMMEDIATE")
            result = job(Tx(conn, to_ms(self._clock()), driver))
            _say(driver, "COMMIT")
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            self._roll_back()
            return _Failed(sqlite_error(error, self._path))
        except Exception as error:  # noqa: BLE001  the caller gets it
            self._roll_back()
            return _Failed(error)
        return result

    def _connected(self) -> tuple[sa.Connection, sqlite3.Connection]:
        """The connection that writes, and the driver's own below it."""
        if self._conn is None:
            self._conn = self._engine.connect()
        return self._conn, _driver(self._conn)

    def _roll_back(self) -> None:
        """Ends a broken transaction; SQLite may have ended it already."""
        if self._conn is None:
            return
        with suppress(sa.exc.DBAPIError, sqlite3.Error):
            _say(_driver(self._conn), "ROLLBACK")


def _driver(conn: sa.Connection) -> sqlite3.Connection:
    driver = conn.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _say(driver: sqlite3.Connection, words: str) -> None:
    """Says where a transaction begins and ends, straight to the driver, as it is said so often."""
    driver.execute(words)


def _result(outcome: Any) -> Any:
    """What a job gave; raises what it raised."""
    if isinstance(outcome, _Failed):
        raise outcome.error
    return outcome


def _hand_over(outcomes: Sequence[tuple[Future[Any], Any]]) -> None:
    """Tells those who still wait."""
    for result, outcome in outcomes:
        if result.done():
            continue
        if isinstance(outcome, _Failed):
            result.set_exception(outcome.error)
        else:
            result.set_result(outcome)


def sqlite_path(url: URL) -> Path | None:
    """The file of an SQLite address; None for a database in memory."""
    return Path(url.database) if url.database and url.database != ":memory:" else None


def _sqlite_engine(url: URL, path: Path | None) -> sa.Engine:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnwritable(f"The folder {path.parent} cannot be made: {error.strerror}") from error
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}
    extra: dict[str, Any] = {} if path else {"poolclass": StaticPool}
    plain = url.set(drivername="sqlite")
    engine = sa.create_engine(
        plain, connect_args=arguments, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **extra
    )
    sa.event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    """Durable even through a power cut, erased data overwritten, readers never in the way.

    Whatever a transaction touches goes to the log as whole pages: a new file gets small ones.
    """
    for pragma in ("page_size=2048", f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    deadline = monotonic() + BUSY_TIMEOUT_MS / 1000
    while not _keeps_log(connection) and monotonic() < deadline:
        sleep(0.01)


def _keeps_log(connection: sqlite3.Connection) -> bool:
    """Switches to a write-ahead log.

    Of two programs that do so at once, one is refused without any waiting.
    """
    try:
        return bool(connection.execute("PRAGMA journal_mode=WAL").fetchone())
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            return False
        raise


def sqlite_error(error: Exception, path: Path | None) -> StoreError:
    """Our word for a failure of SQLite."""
    cause = getattr(error, "orig", None) or error
    name = str(getattr(cause, "sqlite_errorname", "") or "")
    where = path if path is not None else "in memory"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy(f"The database {where} is held by another program; close it or try again")
    if name.startswith("SQLITE_FULL"):
        return StoreFull(f"The disk that holds {where} is full; nothing was changed. Free some space")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StoreUnwritable(f"The database {where} cannot be opened for writing; check the folder and its owner")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreDamaged(f"The file {where} is damaged or no database; restore a backup. It was not changed")
    if name.startswith("SQLITE_IOERR"):
        return StoreAway(f"The disk that holds {where} failed to read or write")
    return StatementRefused(f"SQLite refused a statement ({name or type(cause).__name__})")
