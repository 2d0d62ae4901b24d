"""Whose lease is this, and does its owner still live? What the dead held is freed at the start, not when it runs out.

On SQLite every copy holds a shared lock on a file beside the database; whoever can have that lock alone is the only
one at work, so every lease in the database is a dead copy's. On PostgreSQL a lease's token names its owner: machine,
process and when that process was started. A copy judges owners of its own machine only; others are waited for.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa

from bot.store.errors import StoreUnwritable
from bot.store.tables import lanes, mail, reminders

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.store.database import Tx

_STARTED_AT = 19
"""Place of the start time in /proc/<pid>/stat, counted behind the program's name (field 22 of proc(5))."""
IN_DOUBT = "?"
"""Begins the token of a reminder whose copy is known to have died, and which may have been sent."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that leases: the machine (with its process numbers), its number, and when it was started."""

    machine: str
    process: int
    started: int

    @classmethod
    def this_process(cls) -> Owner:
        """The process that asks; a forked child is another one."""
        return _owner(os.getpid())

    @classmethod
    def of_token(cls, token: str) -> Self | None:
        """Who made a token; None when it does not say."""
        parts = token.removeprefix(IN_DOUBT).split(".")
        if len(parts) != 4:
            return None
        try:
            return cls(parts[0], int(parts[1], 16), int(parts[2], 16))
        except ValueError:
            return None

    def token(self) -> str:
        """A token for one claim, at most 31 characters long."""
        return f"{self.machine}.{self.process:x}.{self.started:x}.{secrets.token_hex(3)}"

    def is_dead(self) -> bool:
        """Whether it surely runs no more; of another machine nobody can tell."""
        return self.machine == _machine() and _started(self.process) != self.started


@lru_cache(maxsize=1)
def _owner(process: int) -> Owner:
    return Owner(_machine(), process, _started(process) or 0)


def _machine() -> str:
    """Differs between machines, between their starts, and between containers, whose process numbers are their own."""
    known = [_content(Path("/proc/sys/kernel/random/boot_id"))]
    try:
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        return "0"
    return hashlib.sha256("".join(known).encode()).hexdigest()[:6] if known[0] else "0"


def _started(process: int) -> int | None:
    """When a process was started, in ticks since the machine was; None when there is none."""
    fields = _content(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
    return int(fields[_STARTED_AT]) if len(fields) > _STARTED_AT and fields[0] not in {"Z", "X"} else None


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


class Presence:
    """Shows other copies that this one is at work on an SQLite file, as long as its process lives."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".running")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnwritable(f"The folder {path.parent} cannot be written: {error.strerror}") from error
        self.is_alone = self._alone()

    def _alone(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def share(self) -> None:
        """Lets others in; to be called once the leases of the dead are freed."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def end(self) -> None:
        """Leaves."""
        os.close(self._file)


def free(tx: Tx, is_dead: Callable[[str], bool]) -> int:
    """Frees what is leased under tokens of the dead; how many rows.

    A reminder keeps its token: it may have been sent, and delivery holds such ones back until copies stop dying.
    """
    freed = 0
    for table in (lanes, mail, reminders):
        tokens = {row.token for row in tx.rows(sa.select(table.c.token).where(table.c.token.is_not(None)).distinct())}
        dead = [token for token in tokens if is_dead(token)]
        fresh = {"wake_at": tx.now} if table is reminders else {"wake_at": tx.now, "token": None}
        waits = table.c.token.in_(dead) & (table.c.wake_at > tx.now)
        freed += tx.run(sa.update(table).where(waits).values(**fresh)) if dead else 0
    return freed


def owner_is_dead(token: str) -> bool:
    """Whether the owner that a token names surely runs no more."""
    owner = Owner.of_token(token)
    return owner is not None and owner.is_dead()
