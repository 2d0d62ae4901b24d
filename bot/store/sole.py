"""Is this the only copy that polls Telegram? The lock dies with its process: nobody has to clean up.

Telegram ends the older of two polls with 409; whoever holds this lock polls, the others wait for their turn.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, cast

from bot.store.database import sqlite_path
from bot.store.errors import StoreError, StoreUnwritable

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store.database import Database
    from bot.store.postgres import Keeper, PostgresDatabase

TRY_LOCK = "SELECT pg_try_advisory_lock(1886350444)"


class SolePoller:
    """The right to poll: a lock on a file beside the SQLite file, or an advisory lock of PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: int | None = None
        self._keeper: Keeper | None = None

    async def take(self) -> bool:
        """Takes the right if it is free, or makes sure that it is still ours; to be called now and then.

        Raises:
            StoreError: the database or its folder cannot be used.
        """
        if self._database.url.get_backend_name() != "sqlite":
            return await self._take_advisory(cast("PostgresDatabase", self._database))
        path = sqlite_path(self._database.url)
        return self._file is not None or path is None or self._take_file(path)

    async def release(self) -> None:
        """Gives the right back; another copy may take it at once."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._keeper is not None:
            keeper, self._keeper = self._keeper, None
            await keeper.close()

    def _take_file(self, path: Path) -> bool:
        try:
            file = os.open(path.with_name(path.name + ".polling"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnwritable(f"The folder {path.parent} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return True

    async def _take_advisory(self, database: PostgresDatabase) -> bool:
        """The lock lives as long as its connection; a connection that died has lost it."""
        if self._keeper is not None:
            try:
                return bool(await self._keeper.ask("SELECT 1"))
            except StoreError:
                await self.release()
        keeper = await database.keeper()
        if await keeper.ask(TRY_LOCK):
            self._keeper = keeper
            return True
        await keeper.close()
        return False
