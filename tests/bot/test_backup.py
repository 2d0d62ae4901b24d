"""Saving and putting back the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.backup import NotPossible, back_up, bring_up_to_date, put_back
from bot.store.errors import NotOurStore, StoreBusy, StoreDamaged


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "bot.db"
    bring_up_to_date(f"sqlite:///{path}")
    remember(path, 1)
    return path


def remember(path: Path, person: int) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO schema_version VALUES (?, 'a mark', 0)", (-person,))


def remembered(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [-row[0] for row in connection.execute("SELECT version FROM schema_version WHERE version < 0")]


def test_a_backup_holds_what_was_committed_while_another_writes(database, tmp_path):
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO schema_version VALUES (-2, 'unfinished', 0)")
        back_up(f"sqlite:///{database}", tmp_path / "saved.db")
        writer.rollback()
    assert remembered(tmp_path / "saved.db") == [1]


def test_a_restored_database_is_the_saved_one_and_the_former_is_kept(database, tmp_path):
    back_up(f"sqlite:///{database}", tmp_path / "saved.db")
    remember(database, 2)
    kept = put_back(f"sqlite:///{database}", tmp_path / "saved.db")
    assert remembered(database) == [1]
    assert kept is not None
    assert sorted(remembered(kept)) == [1, 2]


def test_nothing_is_restored_under_a_bot_at_work(database, tmp_path):
    back_up(f"sqlite:///{database}", tmp_path / "saved.db")
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="stop it first"):
            put_back(f"sqlite:///{database}", tmp_path / "saved.db")
        writer.rollback()
    assert remembered(database) == [1]


@pytest.mark.parametrize(
    "content", [b"no database at all, but longer than a header" * 50, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_damaged_backup_is_refused_and_nothing_changes(database, tmp_path, content):
    (tmp_path / "bad.db").write_bytes(content)
    with pytest.raises(StoreDamaged):
        put_back(f"sqlite:///{database}", tmp_path / "bad.db")
    assert remembered(database) == [1]


def test_another_programs_file_is_refused(database, tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, other:
        other.execute("CREATE TABLE recipes (name)")
    with pytest.raises(NotOurStore):
        put_back(f"sqlite:///{database}", tmp_path / "other.db")


def test_a_damaged_database_can_be_replaced(database, tmp_path):
    back_up(f"sqlite:///{database}", tmp_path / "saved.db")
    database.write_bytes(b"ruined" * 1000)
    kept = put_back(f"sqlite:///{database}", tmp_path / "saved.db")
    assert remembered(database) == [1]
    assert kept is not None
    assert kept.read_bytes().startswith(b"ruined")


@pytest.mark.parametrize("url", ["postgresql://db/bot", "sqlite://"])
def test_what_has_no_file_says_what_to_do(url, tmp_path):
    with pytest.raises(NotPossible):
        back_up(url, tmp_path / "saved.db")
