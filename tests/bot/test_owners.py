"""What a copy held that died is free again when another starts; what the living hold is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.intake import RawUpdate
from bot.store.moments import Clock
from bot.store.owners import IN_DOUBT, Owner
from bot.store.store import open_store
from tests.bot.fakes import parse

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
MINUTE = timedelta(seconds=60)
CLAIMER = """
import asyncio, sys
from datetime import timedelta
from bot.intake import RawUpdate
from bot.store.store import open_store
async def claim():
    store = await open_store(sys.argv[1], parse=lambda text: None)
    await store.store_updates([RawUpdate(update_id=1, chat_id=1, body="{}")])
    assert await store.claim_updates(limit=9, lease=timedelta(seconds=60))
    print("claimed", flush=True)
    await asyncio.sleep(60)
asyncio.run(claim())
"""


async def claimed(url: str, clock: Clock | None = None) -> list[int]:
    store = await open_store(url, parse=parse, clock=clock)
    found = [item.update_id for item in await store.claim_updates(limit=9, lease=MINUTE)]
    await store.close()
    return found


async def test_the_next_start_after_a_kill_does_not_wait_for_the_lease(url):
    command = [sys.executable, "-c", CLAIMER, url]
    claimer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220  a test may wait
    try:
        assert claimer.stdout.readline() == "claimed\n"
        assert await claimed(url) == []  # its owner lives
        os.kill(claimer.pid, signal.SIGKILL)
        claimer.wait()
        assert await claimed(url) == [1]
    finally:
        claimer.kill()
        claimer.communicate()


async def test_a_second_copy_frees_nothing_of_the_first(url, store, clock):
    await store.store_updates([RawUpdate(update_id=1, chat_id=1, body="{}")])
    assert await store.claim_updates(limit=9, lease=MINUTE)
    assert await claimed(url, clock) == []


def test_a_token_names_its_owner_and_fits_the_column():
    owner = Owner.this_process()
    assert len(f"{IN_DOUBT}{owner.token()}") <= 32
    assert Owner.of_token(f"{IN_DOUBT}{owner.token()}") == owner
    assert not owner.is_dead()


@pytest.mark.parametrize("token", ["", "abc", "0123456789abcdef", "a.b.c.d.e", "m.x.y.z"])
def test_a_token_of_another_kind_has_no_owner(token):
    assert Owner.of_token(token) is None


def test_the_same_number_at_another_time_is_another_process():
    owner = Owner.this_process()
    assert Owner(owner.machine, owner.process, owner.started + 1).is_dead()
    assert not Owner("elsewhere", owner.process, owner.started + 1).is_dead()
