"""How is a statement that every message needs written once for both databases, and run at the driver's own speed?

Putting a statement together costs many times what SQLite takes to run it. So it is put together once, when it is first
used; SQLite's driver then gets ready text, PostgreSQL gets it by way of SQLAlchemy, which knows asyncpg's types.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Insert: TypeAlias = Callable[[sa.Table], "postgresql.Insert | sqlite.Insert"]
"""Begins an insert that knows ON CONFLICT, which both databases spell alike."""
Given: TypeAlias = Mapping[str, Any]
"""What is filled in, by name."""
Row: TypeAlias = Any
"""A row of a result; its fields have the names of the columns."""

_SQLITE: Final = sqlite.dialect(paramstyle="named")


def given(name: str) -> sa.BindParameter[Any]:
    """A place in a statement that is filled in when it is run; its name must not be that of a column."""
    return sa.bindparam(name)


class Statement:
    """A statement with places to be filled in.

    Args:
        written: the statement, or what makes it out of the database's own kind of insert.
    """

    def __init__(self, written: sa.Executable | Callable[[Insert], sa.Executable]) -> None:
        self._written = written

    @cached_property
    def for_postgres(self) -> sa.Executable:
        """As SQLAlchemy takes it."""
        return self._written if isinstance(self._written, sa.Executable) else self._written(postgresql.insert)

    @cached_property
    def _for_sqlite(self) -> tuple[str, dict[str, Any], Callable[[Iterable[Any]], Any]]:
        """The text, the values that stand in it from the start, and what makes a row of its columns."""
        written = self._written if isinstance(self._written, sa.Executable) else self._written(sqlite.insert)
        compiled: Any = written.compile(dialect=_SQLITE)  # type: ignore[attr-defined]
        fixed = {name: value for name, value in compiled.params.items() if not compiled.binds[name].required}
        columns = [entry.keyname for entry in compiled._result_columns]  # noqa: SLF001  named nowhere else
        row: Any = namedtuple("Row", columns)  # type: ignore[misc]  # noqa: PYI024  its fields are the statement's
        return compiled.string, fixed, row._make

    def rows(self, driver: sqlite3.Connection, values: Given) -> list[Row]:
        """All rows that SQLite gives."""
        text, fixed, row = self._for_sqlite
        return [row(each) for each in driver.execute(text, {**fixed, **values} if fixed else values).fetchall()]

    def run(self, driver: sqlite3.Connection, values: Given | Sequence[Given]) -> int:
        """Runs it on SQLite, for each of several rows if so given; the number of rows it touched."""
        text, fixed, _ = self._for_sqlite
        if isinstance(values, Mapping):
            return driver.execute(text, {**fixed, **values} if fixed else values).rowcount
        return driver.executemany(text, [{**fixed, **each} for each in values]).rowcount
