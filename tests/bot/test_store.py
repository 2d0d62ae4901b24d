"""The database itself: opening, versions, damage, locks, full disks, backups."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.changes import SavePerson
from bot.people import Person
from bot.store import database as database_module
from bot.store.backup import backup, restore
from bot.store.database import connect
from bot.store.errors import (
    NewerSchema,
    NotOurStore,
    OlderSchema,
    StatementRefused,
    StoreAway,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreUnwritable,
)
from bot.store.schema import MIGRATIONS, VERSION, Migration, upgrade, version_of
from bot.store.sole import SolePoller
from bot.store.store import open_store
from bot.store.tables import people, schema_version
from tests.bot.fakes import MINUTE, NOON, HandClock, adding, daily, letter_to, once, parse

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


async def fill(store):
    await store.change(
        SavePerson(person=Person(person_id=1, consent=NOON, language="ru", zone="Europe/Riga", data="{}")),
        *adding(daily("neck", NOON), once("tea", NOON)),
        letters=(letter_to(1, body='{"text": "привет"}'),),
    )


async def test_a_fresh_database_is_made_and_found_again(url, clock):
    first = await open_store(url, parse=parse, clock=clock)
    await fill(first)
    await first.close()
    second = await open_store(url, parse=parse, clock=clock)
    assert (await second.person(1)).zone == "Europe/Riga"
    await second.close()


async def test_two_copies_that_start_at_once_make_one_database(url, clock):
    stores = await asyncio.gather(*(open_store(url, parse=parse, clock=clock) for _ in range(3)))
    await fill(stores[0])
    assert [(await store.person(1)).language for store in stores] == ["ru"] * 3
    for store in stores:
        await store.close()


async def test_a_database_in_memory_works_too(clock):
    store = await open_store("sqlite://", parse=parse, clock=clock)
    await fill(store)
    assert (await store.person(1)).language == "ru"
    await store.close()


async def test_an_address_of_another_kind_is_refused_in_words():
    for address in ("mysql://root@localhost/x", "not an address"):
        with pytest.raises(StoreError, match="DATABASE_URL"):
            await open_store(address, parse=parse)


async def test_a_postgresql_that_is_not_there_is_said_to_be_away(tmp_path):
    with pytest.raises(StoreAway, match="DATABASE_URL"):
        await open_store(f"postgresql://postgres@/x?host={tmp_path}", parse=parse)


async def versions(url, version):
    """Makes a database say that it has another version."""
    database = connect(url)

    def say(tx):
        tx.run(sa.delete(schema_version))
        tx.run(sa.insert(schema_version).values(version=version, name="made up", applied_at=tx.now))

    await database.write(say)
    await database.close()


@pytest.mark.parametrize(("version", "refusal", "words"), [(0, OlderSchema, "db upgrade"), (99, NewerSchema, "newer")])
async def test_another_version_is_refused_and_says_what_to_do(url, version, refusal, words):
    await (await open_store(url, parse=parse)).close()
    await versions(url, version)
    with pytest.raises(refusal, match=words):
        await open_store(url, parse=parse)
    await versions(url, VERSION)


async def test_steps_are_applied_once_and_in_order_and_a_failing_one_is_undone(url):
    await (await open_store(url, parse=parse)).close()
    database = connect(url)

    def add_column(tx):
        tx.run(sa.text("ALTER TABLE put_aside ADD COLUMN note TEXT"))

    def fail(tx):
        tx.run(sa.text("ALTER TABLE put_aside ADD COLUMN other TEXT"))
        raise ValueError

    later = [
        *MIGRATIONS,
        Migration(version=VERSION + 1, name="a note", apply=add_column),
        Migration(version=VERSION + 2, name="broken", apply=fail),
    ]
    with pytest.raises(ValueError):
        await upgrade(database, later)
    assert await database.write(lambda tx: tx.one(sa.select(sa.func.max(schema_version.c.version)))[0]) == VERSION + 1
    assert await upgrade(database, later[:-1]) == ()
    with pytest.raises(NewerSchema):
        await upgrade(database)
    await database.write(lambda tx: tx.run(sa.text("ALTER TABLE put_aside DROP COLUMN note")))
    await database.write(lambda tx: tx.run(sa.delete(schema_version).where(schema_version.c.version > VERSION)))
    assert await database.write(version_of) == VERSION
    await database.close()


async def test_a_database_of_the_first_schema_is_brought_forward_and_loses_nothing(url, clock):
    store = await open_store(url, parse=parse, clock=clock)
    await fill(store)
    await store.close()
    database = connect(url)

    def as_it_was(tx):
        for name in ("reports", "votes"):
            tx.run(sa.text(f"DROP TABLE {name}"))
        tx.run(sa.text("DROP INDEX ix_dialogs_wake"))
        tx.run(sa.text("ALTER TABLE dialogs DROP COLUMN wake_at"))
        tx.run(sa.delete(schema_version).where(schema_version.c.version > 1))

    await database.write(as_it_was)
    with pytest.raises(OlderSchema, match="db upgrade"):
        await open_store(url, parse=parse, clock=clock)
    assert await upgrade(database) == ("reports and timers",)
    await database.close()
    again = await open_store(url, parse=parse, clock=clock)
    assert (await again.person(1)).zone == "Europe/Riga"
    assert await again.reports() == []
    await again.close()


async def test_the_database_of_another_program_is_left_alone(tmp_path):
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as conn:
        conn.execute("CREATE TABLE theirs (x)")
        conn.commit()
    before = file.read_bytes()
    with pytest.raises(NotOurStore):
        await open_store(f"sqlite:///{file}", parse=parse)
    assert file.read_bytes() == before


async def sound_file(folder: Path) -> Path:
    file = folder / "sound.db"
    store = await open_store(f"sqlite:///{file}", parse=parse, clock=HandClock())
    await store.add_reminders([daily(f"r{n}", NOON, person=n + 1) for n in range(300)])
    await store.close()
    return file


async def refused_untouched(file: Path, content: bytes) -> bool:
    """Whether a file of this content is not opened, and is as it was afterwards."""
    write(file, content)
    try:
        store = await open_store(f"sqlite:///{file}", parse=parse)
    except StoreError:
        return read(file) == content
    await store.close()
    return False


def write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def read(file: Path) -> bytes:
    return file.read_bytes()


def found_damaged(file: Path) -> bool:
    """What SQLite itself says."""
    try:
        with closing(sqlite3.connect(file)) as conn:
            return conn.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",)
    except sqlite3.DatabaseError:
        return True


async def test_a_file_that_was_cut_off_is_refused_and_not_touched(tmp_path):
    sound, chance = (await sound_file(tmp_path)).read_bytes(), random.Random(7)
    file = tmp_path / "cut.db"
    for _ in range(20):
        assert await refused_untouched(file, sound[: chance.randrange(1, len(sound))])


async def test_a_file_with_garbage_in_it_is_refused_and_not_touched(tmp_path):
    """Where the garbage fell on free space or into words, nobody can tell it from data."""
    sound, chance = (await sound_file(tmp_path)).read_bytes(), random.Random(7)
    damaged = 0
    for number in range(40):
        start = chance.randrange(0, len(sound) - 2000)
        content = sound[:start] + chance.randbytes(2000) + sound[start + 2000 :]
        twin = tmp_path / f"twin{number}.db"
        write(twin, content)
        if found_damaged(twin):
            damaged += 1
            assert await refused_untouched(tmp_path / f"garbage{number}.db", content)
    assert damaged >= 10


async def test_a_file_that_is_no_database_is_refused(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("shopping list\n" * 500)
    with pytest.raises(StoreDamaged, match="backup"):
        await open_store(f"sqlite:///{file}", parse=parse)
    assert file.read_text() == "shopping list\n" * 500


async def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnwritable, match="file"):
        await open_store(f"sqlite:///{tmp_path}/file/bot.db", parse=parse)


async def test_a_database_held_by_another_program_is_said_to_be_busy(tmp_path, monkeypatch):
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 20)
    file = await sound_file(tmp_path)
    store = await open_store(f"sqlite:///{file}", parse=parse)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another program"):
            await fill(store)
        other.execute("ROLLBACK")
    await fill(store)
    assert await store.person(1) is not None
    await store.close()


async def test_a_full_disk_changes_nothing_and_is_survived(tmp_path):
    file = await sound_file(tmp_path)
    store = await open_store(f"sqlite:///{file}", parse=parse)

    def limit(pages):
        return lambda tx: tx.conn.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar()

    await store.database.write(limit(1))  # SQLite takes the present size as the least
    with pytest.raises(StoreFull, match="nothing was changed"):
        await store.add_reminders([daily(f"more{n}", NOON, person=n) for n in range(5000)])
    assert [reminder.id for reminder in await store.reminders(4)] == ["r3"]
    await store.database.write(limit(1_000_000))
    await store.add_reminders([daily("more", NOON, person=9999)])
    assert len(await store.reminders(9999)) == 1
    await store.close()
    with closing(sqlite3.connect(file)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_job_that_fails_does_not_take_its_neighbours_along(url, clock):
    store = await open_store(url, parse=parse, clock=clock, group_commit=timedelta(milliseconds=20))

    def good(number):
        return lambda tx: tx.run(sa.insert(people).values(person_id=number, data="{}", created_at=0))

    def bad(tx):
        good(100)(tx)
        raise KeyError

    jobs = [good(1), bad, good(2), good(1), good(3)]
    results = await asyncio.gather(*(store.database.write(job) for job in jobs), return_exceptions=True)
    found = [number for number in (1, 2, 3, 100) if await store.person(number)]
    await store.close()
    assert found == [1, 2, 3]
    assert isinstance(results[1], KeyError)
    assert {type(results[0]), type(results[3])} == {int, StatementRefused}  # whichever came second


async def test_a_patient_job_shares_the_commit_of_the_next_one_and_is_done_without_company_too(tmp_path):
    file = tmp_path / "bot.db"
    store = await open_store(f"sqlite:///{file}", parse=parse)
    order = []

    def job(name):
        return lambda tx: order.append((name, tx.one(sa.select(sa.func.count()).select_from(people))[0]))

    await asyncio.gather(
        store.database.write(job("patient"), patient=True),
        store.database.write(lambda tx: tx.run(sa.insert(people).values(person_id=1, data="{}", created_at=0))),
    )
    await store.database.write(job("alone"), patient=True)
    await store.close()
    assert order == [("patient", 0), ("alone", 1)]


async def test_erased_words_are_not_left_in_the_file(tmp_path):
    file = tmp_path / "bot.db"
    store = await open_store(f"sqlite:///{file}", parse=parse)
    await store.change(*adding(once("canary-in-the-mine", NOON + 9999 * MINUTE, person=5)))
    await store.erase(5)
    await store.close()
    assert b"canary-in-the-mine" not in file.read_bytes()


async def test_a_backup_made_while_running_can_be_restored(url, clock, tmp_path):
    store = await open_store(url, parse=parse, clock=clock)
    await fill(store)
    copy = tmp_path / "copies" / "backup.db"
    await backup(url, copy)
    await store.erase(1)
    await store.change(*adding(once("later", NOON)))
    await store.close()
    await restore(copy, url)
    again = await open_store(url, parse=parse, clock=clock)
    assert (await again.person(1)).consent == NOON
    assert await again.reminder(500, "later") is None
    assert (await again.reminder(500, "neck")).due == NOON
    await fill(again)  # serial numbers go on after the restored ones
    letters = (await again.export(1))["outbox"]
    assert len({letter["id"] for letter in letters}) == 2
    await again.close()
    assert sorted(each.name for each in copy.parent.iterdir()) == ["backup.db"]


async def test_a_backup_of_either_database_can_be_restored_to_the_other(url, clock, tmp_path):
    store = await open_store(url, parse=parse, clock=clock)
    await fill(store)
    await store.close()
    await backup(url, tmp_path / "backup.db")
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
    assert await restore(tmp_path / "backup.db", elsewhere) is None
    await backup(elsewhere, tmp_path / "second.db")
    await restore(tmp_path / "second.db", url)
    again = await open_store(url, parse=parse, clock=clock)
    assert len(await again.reminders(500)) == 2
    await again.close()


async def test_a_failed_backup_leaves_the_earlier_one(tmp_path):
    file = await sound_file(tmp_path)
    target = tmp_path / "backup.db"
    await backup(f"sqlite:///{file}", target)
    earlier = target.read_bytes()
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(StoreDamaged):
        await backup(f"sqlite:///{file}", target)
    assert target.read_bytes() == earlier
    assert not list(tmp_path.glob("*.unfinished"))


async def test_what_is_no_backup_is_not_restored(tmp_path, url):
    await (await open_store(url, parse=parse)).close()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as conn:
        conn.execute("CREATE TABLE theirs (x)")
        conn.commit()
    (tmp_path / "text").write_text("no database at all, only words\n" * 40)
    for file in (other, tmp_path / "text", tmp_path / "missing"):
        with pytest.raises(StoreError):
            await restore(file, url)
    await (await open_store(url, parse=parse)).close()


async def test_restoring_while_the_bot_runs_is_refused(tmp_path):
    file = await sound_file(tmp_path)
    url = f"sqlite:///{file}"
    await backup(url, tmp_path / "backup.db")
    store = await open_store(url, parse=parse)
    await fill(store)
    with pytest.raises(StoreBusy):
        await restore(tmp_path / "backup.db", url)
    assert await store.person(1) is not None
    await store.close()


async def test_restoring_over_a_damaged_file_keeps_it_aside(tmp_path):
    file = await sound_file(tmp_path)
    url = f"sqlite:///{file}"
    await backup(url, tmp_path / "backup.db")
    damaged = file.read_bytes()[:6000]
    file.write_bytes(damaged)
    kept = await restore(tmp_path / "backup.db", url)
    assert kept.read_bytes() == damaged
    store = await open_store(url, parse=parse)
    assert len(await store.reminders(7)) == 1
    await store.close()


async def test_a_copy_of_a_running_database_without_its_log_is_still_readable(tmp_path):
    file = await sound_file(tmp_path)
    store = await open_store(f"sqlite:///{file}", parse=parse)
    await fill(store)
    shutil.copy(file, tmp_path / "half.db")
    await store.close()
    half = await open_store(f"sqlite:///{tmp_path}/half.db", parse=parse)
    assert len(await half.reminders(7)) == 1
    await half.close()


async def test_only_one_copy_may_poll_until_it_ends(url, store):
    other = await open_store(url, parse=parse)
    first, second = SolePoller(store.database), SolePoller(other.database)
    assert [await first.take(), await first.take(), await second.take()] == [True, True, False]
    await first.release()
    assert [await second.take(), await first.take()] == [True, False]
    await second.release()
    await other.close()


async def test_time_is_the_servers_where_there_is_one(url):
    store = await open_store(url, parse=parse)
    moment = await store.database.write(lambda tx: tx.now)
    assert abs(moment / 1000 - time.time()) < 60
    await store.close()
