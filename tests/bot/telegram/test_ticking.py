"""Who looks after running sessions: idle while none runs, one change each, and no fault of the store ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.changes import SaveDialog
from bot.people import Dialog
from bot.store.errors import StoreAway
from bot.store.store import open_store
from bot.telegram.ticking import IDLE, ROUND, Ticking
from tests.bot.fakes import HOUR, NOON, SECOND, HandClock, letter_to, parse

pytestmark = pytest.mark.anyio
DIALOG = Dialog(chat_id=1, person_id=1, step="talk", data="{}", version=1, expires=NOON + HOUR, wake=NOON + 3 * SECOND)


async def test_it_looks_rarely_while_none_runs_and_in_time_when_one_does():
    clock = HandClock()
    store = await open_store("sqlite://", parse=parse, clock=clock)
    asked: list[Dialog] = []
    woken: list[int] = []

    async def say(dialog):
        asked.append(dialog)
        return letter_to(dialog.chat_id), clock.now + 8 * SECOND

    ticking = Ticking(dialogs=store, say=say, on_letters=lambda: woken.append(1))
    assert await ticking.round() == IDLE
    await store.change(SaveDialog(dialog=DIALOG))
    assert await ticking.round() == 3
    assert (asked, woken) == ([], [])
    clock.move(3 * SECOND)
    assert await ticking.round() == ROUND
    assert [each.chat_id for each in asked] == [1]
    assert woken == [1]
    assert await ticking.round() == IDLE
    await store.close()


async def test_many_that_are_due_at_once_are_looked_after_in_several_rounds():
    clock = HandClock()
    store = await open_store("sqlite://", parse=parse, clock=clock)
    for number in range(1, 46):
        await store.change(SaveDialog(dialog=replace(DIALOG, chat_id=number, person_id=number)))
    clock.move(timedelta(seconds=3))
    seen: list[int] = []

    async def say(dialog):
        seen.append(dialog.chat_id)
        return None, None

    ticking = Ticking(dialogs=store, say=say)
    for most in (20, 40, 45, 45):
        await ticking.round()
        assert len(seen) == most
    assert sorted(seen) == list(range(1, 46))
    await store.close()


async def test_a_database_that_is_away_is_asked_again_later():
    class Away:
        async def claim_dialogs(self, **_):
            raise StoreAway

        async def seconds_to_next_dialog(self):
            raise StoreAway

        async def go_on(self, *_args, **_more):
            raise StoreAway

    async def say(_dialog):
        raise AssertionError

    assert await Ticking(dialogs=Away(), say=say).round() == IDLE
