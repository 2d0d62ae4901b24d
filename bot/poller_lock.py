"""Who may fetch a bot's updates? One process at a time: the holder of a file lock (SQLite) or an advisory lock.

The lock goes with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import asyncpg

_OURS: Final = 0x6D617373
"""The first half of the advisory lock's key ("mass" in ASCII); the second is taken from the bot's number."""


class PollerLock(Protocol):
    """Lets one process at a time fetch a bot's updates."""

    async def held(self) -> bool:
        """Takes the lock if it is free; whether it is ours now. Never raises."""
        ...

    async def release(self) -> None:
        """Lets it go."""
        ...


class NoLock:
    """For a database in memory, which no second process can share."""

    async def held(self) -> bool:
        """Always ours."""
        return True

    async def release(self) -> None:
        """Nothing to let go."""


class FileLock:
    """A lock on a file beside the database.

    Raises OSError from `held` when the folder cannot be written; the bot cannot work there anyway.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    async def held(self) -> bool:
        """Takes the lock if it is free; whether it is ours now."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    async def release(self) -> None:
        """Lets it go. The file stays: removing it could let two processes in."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class AdvisoryLock:
    """A lock that PostgreSQL keeps for as long as a connection of its own lives."""

    def __init__(self, url: str, *, bot_id: int) -> None:
        self._url = f"postgresql{url[url.index('://') :]}"
        self._key = bot_id & 0x7FFFFFFF
        self._connection: Any = None

    async def held(self) -> bool:
        """Takes the lock if it is free; whether it is ours now. A broken connection has lost it."""
        try:
            if self._connection is None:
                self._connection = await asyncpg.connect(self._url, timeout=10)
            # Asking again while it is ours succeeds too, and shows that the connection lives.
            taken = await self._connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", _OURS, self._key, timeout=10)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            await self.release()
            return False
        return bool(taken)

    async def release(self) -> None:
        """Ends the connection, and the lock with it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def lock_for(database_url: str, *, bot_id: int) -> PollerLock:
    """The lock that goes with a database."""
    if not database_url.startswith("sqlite"):
        return AdvisoryLock(database_url, bot_id=bot_id)
    path = database_file(database_url)
    return NoLock() if path is None else FileLock(path.with_name(f"{path.name}.poller-{bot_id}"))


def database_file(database_url: str) -> Path | None:
    """The file of an SQLite address (`sqlite:///relative`, `sqlite:////absolute`); None for one in memory."""
    path = unquote(urlsplit(database_url).path).removeprefix("/")
    return None if path in {"", ":memory:"} else Path(path)
