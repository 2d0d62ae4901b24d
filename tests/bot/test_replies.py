"""A reply to somebody who waits goes out at once, and still keeps to every limit."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from bot.changes import Handled
from bot.delivery import RetryLater, Unreachable
from bot.intake import Intake, IntakeLimits, RawUpdate
from bot.letters import Lane
from bot.store.store import open_store
from tests.bot.conftest import deliver
from tests.bot.fakes import MINUTE, NOON, SECOND, adding, letter_to, once, parse

pytestmark = pytest.mark.anyio


def update(number: int, chat: int) -> RawUpdate:
    return RawUpdate(update_id=number, chat_id=chat, body=json.dumps({"update_id": number}))


async def echo(item):
    return Handled(letters=(letter_to(item.chat_id, body=str(item.update_id), reply_key="k"),))


@pytest.fixture
def intake(store, delivery):
    return Intake(inbox=store, handle=echo, delivery=delivery)


async def ask(intake, *chats, first=1):
    await intake.accept([update(number, chat) for number, chat in enumerate(chats, start=first)])
    await intake.drain()


async def test_a_reply_is_sent_without_being_claimed_and_leaves_nothing_behind(store, intake, telegram, dump):
    await ask(intake, 1)
    assert telegram.bodies == ["1"]
    assert await store.reply(1, "k") == 1001
    assert {name for name, text in (await dump()).items() if text != "[]"} == {"gates", "seen", "replies"}


async def test_many_chats_are_answered_at_once(intake, telegram):
    await ask(intake, *range(1, 201))
    assert len(telegram.taken) == 200


async def test_the_fourth_reply_to_a_chat_waits_for_its_second(intake, delivery, telegram, clock):
    await ask(intake, 1, 1, 1, 1, 2)
    assert sorted(telegram.bodies) == ["1", "2", "3", "5"]
    await delivery.drain()
    assert len(telegram.taken) == 4
    clock.move(SECOND)
    await delivery.drain()
    assert telegram.bodies[-1] == "4"


async def test_while_reminders_go_out_replies_keep_to_the_common_pace(store, intake, delivery, telegram, clock):
    await store.change(*adding(*(once(f"r{n}", NOON, person=100 + n) for n in range(40))))
    await delivery.round()
    await ask(intake, *range(1, 11))
    assert not [letter for letter in telegram.letters if letter.lane is Lane.INTERACTIVE]
    await delivery.drain()
    moments = [moment for moment, _ in telegram.taken]
    assert len(moments) == 50
    assert max(sum(start <= each < start + SECOND for each in moments) for start in moments) <= 28


async def test_once_telegram_found_the_bot_too_fast_replies_keep_the_pace_for_a_minute(
    intake, delivery, telegram, clock
):
    telegram.trouble = [RetryLater(1), RetryLater(1)]
    await ask(intake, 1, 2)
    clock.move(2 * SECOND)
    await ask(intake, *range(3, 13), first=3)
    assert telegram.taken == []
    await delivery.drain()
    assert len(telegram.taken) == 12
    clock.move(2 * MINUTE)
    await ask(intake, *range(3, 13), first=100)
    assert len(telegram.taken) == 22


async def test_a_reply_that_failed_comes_before_the_next_one(intake, delivery, telegram, clock):
    telegram.trouble = [Unreachable()]
    await ask(intake, 1, 1)
    assert telegram.taken == []
    clock.move(2 * SECOND)
    await delivery.drain()
    assert telegram.bodies == ["1", "2"]


async def test_a_reply_of_a_copy_that_died_is_sent_by_another_when_the_lease_is_over(store, url, telegram, clock):
    await store.store_updates([update(1, 1)])
    [item] = await store.claim_updates(limit=1, lease=MINUTE)
    other = await open_store(url, parse=parse, clock=clock)
    survivor = deliver(other, telegram, clock)
    finished = await store.finish_update(item, await echo(item), at_once=survivor.limits)
    assert finished.claim.what.body == "1"
    await survivor.drain()
    assert telegram.taken == []
    clock.move(MINUTE)
    await survivor.drain()
    assert telegram.bodies == ["1"]
    await other.close()


async def test_lanes_that_run_take_up_updates_as_they_are_stored(store, delivery, telegram, clock):
    """The clock stands still and no lane is ever claimed, so storing itself must have started them."""
    stop, asked = asyncio.Event(), []

    class Unasked:
        def __getattr__(self, name):
            asked.append(name)
            return getattr(store, name)

    limits = IntakeLimits(lanes=2, poll=timedelta(hours=1))
    intake = Intake(inbox=Unasked(), handle=echo, delivery=delivery, limits=limits)
    running = asyncio.create_task(intake.run(stop))
    await asyncio.sleep(0)
    telegram.on_letter = lambda letter: stop.set() if letter.body == "3" else None
    await intake.accept([update(1, 1), update(2, 2), update(3, 1)])
    async with asyncio.timeout(30):
        await running
    assert sorted(telegram.bodies) == ["1", "2", "3"]
    assert asked.count("claim_updates") <= 1
