"""One poller at a time, on a file and in PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.poller_lock import AdvisoryLock, FileLock, NoLock, database_file, lock_for

pytestmark = pytest.mark.anyio


async def test_of_two_on_one_file_the_second_waits_until_the_first_lets_go(tmp_path):
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert [await first.held(), await second.held(), await first.held()] == [True, False, True]
    await first.release()
    assert [await second.held(), await first.held()] == [True, False]
    await second.release()


async def test_of_two_on_one_server_the_second_waits_until_the_first_lets_go(postgres):
    first, second = AdvisoryLock(postgres, bot_id=7), AdvisoryLock(postgres, bot_id=7)
    assert [await first.held(), await second.held(), await first.held()] == [True, False, True]
    await first.release()
    while not await second.held():  # the server notices the end of a connection in its own time
        pass
    assert not await first.held()
    await first.release()
    await second.release()


async def test_two_bots_on_one_server_are_not_in_each_others_way(postgres):
    one, other = AdvisoryLock(postgres, bot_id=8), AdvisoryLock(postgres, bot_id=9)
    assert [await one.held(), await other.held()] == [True, True]
    await one.release()
    await other.release()


async def test_a_lost_connection_has_lost_the_lock_and_finds_it_again(postgres):
    lock = AdvisoryLock(postgres, bot_id=10)
    assert await lock.held()
    lock._connection.terminate()
    assert not await lock.held()
    while not await lock.held():
        pass
    await lock.release()


async def test_no_server_means_not_held_and_no_exception():
    assert not await AdvisoryLock("postgresql://nobody@127.0.0.1:1/none", bot_id=1).held()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/massage-bot.db", Path("data/massage-bot.db")),
        ("sqlite:////var/lib/bot.db", Path("/var/lib/bot.db")),
        ("sqlite:///my%20data/bot.db", Path("my data/bot.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
    ],
)
def test_the_file_of_an_address(url, path):
    assert database_file(url) == path


def test_each_database_has_its_kind_of_lock():
    assert isinstance(lock_for("sqlite://", bot_id=1), NoLock)
    assert isinstance(lock_for("sqlite:///x.db", bot_id=1), FileLock)
    assert isinstance(lock_for("postgresql://db/x", bot_id=1), AdvisoryLock)
