"""How does what was erased leave SQLite's write-ahead log too?

Erased rows are overwritten in the database file, but the log beside it still holds the pages as they were until it is
written over. It is emptied after every erasure and once an hour.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.store.database import sqlite_path

if TYPE_CHECKING:
    from sqlalchemy import URL

log = logging.getLogger(__name__)

_PATIENCE: Final = 2.0
"""Seconds to wait for readers; the next time comes within the hour."""


async def empty_log(url: URL) -> None:
    """Moves everything from the log into the database file and cuts the log to nothing; never fails the caller."""
    path = sqlite_path(url) if url.get_backend_name() == "sqlite" else None
    if path is None:
        return
    try:
        await asyncio.to_thread(_checkpoint, path)
    except sqlite3.Error as error:
        log.warning("the write-ahead log could not be emptied: %s", type(error).__name__)


def _checkpoint(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=_PATIENCE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
