"""Letters from the outbox to Telegram: order, pace, failures, and who goes first."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import (
    Ambiguous,
    ChatGone,
    ChatMigrated,
    DeliveryLimits,
    PermanentRefusal,
    Rate,
    RetryLater,
    Unreachable,
    after_slot,
    first_slot,
)
from bot.letters import Draft, Lane
from bot.store.store import open_store
from tests.bot.conftest import deliver
from tests.bot.fakes import MINUTE, NOON, SECOND, adding, daily, letter_to, once, parse

pytestmark = pytest.mark.anyio


async def run_for(delivery, clock, span):
    """Delivers, moving on when nothing may be sent yet."""
    end = clock.now + span
    while clock.now < end:
        wait = await delivery.round()
        await delivery.finish()
        woken = delivery._wake.is_set()
        clock.move(timedelta(seconds=0.001 if woken else max(wait, 0.001)))


def most_within(moments, span):
    return max(sum(1 for each in moments if start <= each < start + span) for start in moments)


async def test_letters_of_a_chat_are_sent_in_order_even_when_one_fails(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(1, body=str(n)) for n in range(5)])
    telegram.trouble = [None, Unreachable(), Ambiguous()]
    await run_for(delivery, clock, 60 * SECOND)
    assert telegram.bodies == ["0", "1", "2", "3", "4"]


async def test_a_sent_letter_leaves_nothing_behind(store, delivery, dump):
    await store.change(letters=[letter_to(1, body="canary words")])
    await delivery.drain()
    assert {name for name, text in (await dump()).items() if text != "[]"} == {"gates"}


async def test_a_reply_can_be_found_by_its_key(store, delivery, clock):
    await store.change(letters=[letter_to(1, reply_key="m7"), letter_to(2)])
    await delivery.drain()
    assert await store.reply(1, "m7") in (1001, 1002)
    assert await store.reply(2, "m7") is None


async def test_a_chat_that_fails_does_not_hold_up_others(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(1, body="stuck"), letter_to(2, body="free")])
    telegram.trouble = [Unreachable()]
    await delivery.drain()
    assert telegram.bodies == ["free"]


async def test_a_refused_letter_is_dropped_and_the_next_one_sent(store, delivery, telegram, clock, dump):
    await store.change(letters=[letter_to(1, body="bad words"), letter_to(1, body="good")])
    telegram.trouble = [PermanentRefusal()]
    await delivery.drain()
    assert telegram.bodies == ["good"]
    assert "bad words" not in repr(await dump())
    assert "PermanentRefusal" in (await dump())["put_aside"]


async def test_a_blocked_chat_loses_its_letters(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(1, body="a"), letter_to(1, body="b"), letter_to(2, body="c")])
    telegram.trouble = [ChatGone()]
    await run_for(delivery, clock, MINUTE)
    assert telegram.bodies == ["c"]
    assert await store.blocked_since(1) < NOON + SECOND


async def test_a_moved_chat_gets_its_letters_in_order(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(-1, body="a"), letter_to(-1, body="b"), letter_to(-2, body="c")])
    telegram.trouble = [ChatMigrated(-2)]
    await run_for(delivery, clock, MINUTE)
    assert sorted(telegram.bodies) == ["a", "b", "c"]
    assert {letter.chat_id for letter in telegram.letters} == {-2}
    assert telegram.bodies.index("a") < telegram.bodies.index("b")


async def test_a_lost_answer_is_sent_again_under_the_same_number(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(1)])
    tries = []
    telegram.on_letter = tries.append
    telegram.trouble = [Ambiguous()]
    await run_for(delivery, clock, MINUTE)
    assert len(tries) == 2
    assert tries[0].id == tries[1].id


async def test_the_bot_keeps_to_28_a_second(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(chat, body=str(chat)) for chat in range(1, 141)])
    await run_for(delivery, clock, 6 * SECOND)
    moments = [moment for moment, _ in telegram.taken]
    assert len(moments) == 140
    assert most_within(moments, SECOND) <= 28
    assert max(moments) - min(moments) < 5.3 * SECOND


async def test_two_copies_together_keep_to_28_a_second(store, url, telegram, clock):
    other = await open_store(url, parse=parse, clock=clock)
    await store.change(letters=[letter_to(chat) for chat in range(1, 101)])
    copies = [deliver(each, telegram, clock) for each in (store, other)]
    while len(telegram.taken) < 100:
        waits = await asyncio.gather(*(copy.round() for copy in copies))
        await asyncio.gather(*(copy.finish() for copy in copies))
        clock.move(timedelta(seconds=max(min(waits), 0.001)))
    await other.close()
    assert most_within([moment for moment, _ in telegram.taken], SECOND) <= 29
    assert max(Counter(letter.id for letter in telegram.letters).values()) == 1


async def test_a_chat_gets_three_at_once_and_then_one_a_second(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(1) for _ in range(6)])
    await run_for(delivery, clock, 10 * SECOND)
    moments = [moment for moment, _ in telegram.taken]
    assert len(moments) == 6
    assert moments[2] - moments[0] < SECOND
    assert all(0.95 * SECOND < later - earlier < 1.2 * SECOND for earlier, later in pairwise(moments[3:]))


async def test_a_group_gets_18_a_minute(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(-5) for _ in range(40)])
    await run_for(delivery, clock, 2 * MINUTE)
    moments = [moment for moment, _ in telegram.taken]
    assert 36 <= len(moments) <= 38
    assert most_within(moments, MINUTE) <= 19


async def test_a_429_stops_that_chat_only(store, delivery, telegram, clock):
    letters = [letter_to(chat, body=str(chat)) for chat in (1, 2, 3, 4)]
    await store.change(letters=letters)
    telegram.trouble = [RetryLater(30)]
    await run_for(delivery, clock, 29 * SECOND)
    assert telegram.bodies == ["2", "3", "4"]
    await run_for(delivery, clock, 2 * SECOND)
    assert telegram.bodies == ["2", "3", "4", "1"]


async def test_a_429_holds_back_reminders_of_that_chat_too(store, delivery, telegram, clock):
    await store.change(*adding(once("tea", NOON + SECOND, person=1)), letters=[letter_to(1)])
    telegram.trouble = [RetryLater(30)]
    await run_for(delivery, clock, 29 * SECOND)
    assert len(telegram.taken) == 0
    await run_for(delivery, clock, 3 * SECOND)
    assert len(telegram.taken) == 2


async def test_two_chats_refused_within_a_second_stop_the_whole_bot(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(chat) for chat in range(1, 21)])
    telegram.trouble = [RetryLater(30), RetryLater(30)]
    await run_for(delivery, clock, 29 * SECOND)
    sent_before_the_stop = len(telegram.taken)
    assert sent_before_the_stop <= 8
    await run_for(delivery, clock, 3 * SECOND)
    assert len(telegram.taken) == 20


async def test_two_chats_refused_apart_stop_only_themselves(store, delivery, telegram, clock):
    await store.change(letters=[letter_to(1), letter_to(2)])
    telegram.trouble = [RetryLater(30)]
    await delivery.drain()
    clock.move(2 * SECOND)
    await store.change(letters=[letter_to(3), letter_to(4)])
    telegram.trouble = [RetryLater(30)]
    await delivery.drain()
    assert sorted(letter.chat_id for letter in telegram.letters) == [2, 4]


async def test_people_who_wait_go_before_reminders(store, delivery, telegram, clock):
    crowd = [once(f"r{n}", NOON - MINUTE, person=100 + n) for n in range(100)]
    await store.change(*adding(*crowd))
    await delivery.round()
    asked = clock.now
    await store.change(letters=[letter_to(1, body="answer")])
    await delivery.drain()
    answered = next(moment for moment, letter in telegram.taken if letter.lane is Lane.INTERACTIVE)
    assert answered - asked < 0.5 * SECOND


async def test_a_fresh_one_off_does_not_stand_behind_a_crowd_of_series(store, delivery, telegram, clock):
    crowd = [daily(f"r{n}", NOON - MINUTE, person=100 + n) for n in range(300)]
    await store.add_reminders(crowd)
    await delivery.round()
    await store.change(*adding(once("tea", clock.now + SECOND, person=7)))
    await delivery.drain()
    sent = next(moment for moment, letter in telegram.taken if letter.occurrence.reminder_id == "tea")
    assert sent - (NOON + SECOND) < 3 * SECOND
    assert len(telegram.taken) == 301


async def test_never_more_than_eight_are_under_way(store, clock):
    at_once, most = 0, 0

    async def send(_letter):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        for _ in range(20):
            await asyncio.sleep(0)
        at_once -= 1
        raise PermanentRefusal

    quick = DeliveryLimits(overall=Rate(every=timedelta(0)))
    busy = deliver(store, FakeSender(send), clock, quick)
    await store.change(letters=[letter_to(chat) for chat in range(1, 41)])
    await busy.drain()
    assert most == 8


class FakeSender:
    """Sends in a way of its own."""

    def __init__(self, send):
        self.send = send


async def test_answers_to_buttons_use_no_slot(store, delivery, telegram, clock):
    answers = [Draft(chat_id=1, method="answerCallbackQuery", body="{}") for _ in range(10)]
    await store.change(letters=answers)
    await run_for(delivery, clock, 0.5 * SECOND)
    assert len(telegram.taken) == 10


async def test_running_delivery_sends_a_new_letter_when_woken(store, delivery, telegram, clock):
    stop = asyncio.Event()
    telegram.on_letter = lambda _letter: stop.set()
    running = asyncio.create_task(delivery.run(stop))
    await store.change(letters=[letter_to(1)])
    delivery.wake()
    await running
    assert len(telegram.letters) == 1


async def test_gates_of_quiet_chats_are_forgotten(store, delivery, telegram, clock, dump):
    await store.change(letters=[letter_to(1234)])
    await delivery.drain()
    clock.move(5 * MINUTE)
    await store.sweep()
    assert "1234" not in (await dump())["gates"]


@given(
    every=st.integers(1, 5000),
    burst=st.integers(1, 5),
    waits=st.lists(st.integers(0, 10_000), min_size=2, max_size=60),
)
def test_a_gate_never_lets_more_through_than_its_rate(every, burst, waits):
    rate = Rate(every=timedelta(milliseconds=every), burst=burst)
    now, tat, slots = 1_000_000, 0, []
    for wait in waits:
        now += wait
        at = first_slot(rate, tat, now)
        tat = after_slot(rate, tat, at)
        slots.append(at)
    for first in range(len(slots)):
        for last in range(first, len(slots)):
            assert last - first + 1 <= (slots[last] - slots[first]) / every + burst


async def test_the_second_letter_of_a_chat_does_not_wait_for_the_next_look(store, telegram, clock):
    """The clock stands still, so nothing but the first letter's end can make delivery look again."""
    stop = asyncio.Event()
    telegram.on_letter = lambda letter: stop.set() if letter.body == "second" else None
    limits = DeliveryLimits(overall=Rate(every=timedelta(0)), poll=timedelta(hours=1))
    await store.change(letters=[letter_to(1, body="first"), letter_to(1, body="second")])
    async with asyncio.timeout(30):
        await deliver(store, telegram, clock, limits).run(stop)
    assert telegram.bodies == ["first", "second"]
