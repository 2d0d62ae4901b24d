"""Updates from the moment they come until what they led to is stored."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.changes import AddReport, CountVote, EndDialog, ErasePerson, Handled, SaveDialog, SavePerson
from bot.intake import Intake, IntakeLimits, RawUpdate
from bot.people import Dialog, Person
from bot.reports import KEPT, Report, Voted
from bot.store.errors import LeaseLost, StoreAway
from bot.store.store import open_store
from tests.bot.fakes import DAY, HOUR, NOON, SECOND, adding, letter_to, once, parse

pytestmark = pytest.mark.anyio
LEASE = timedelta(seconds=60)


def update(number: int, chat: int = 1, text: str = "hello") -> RawUpdate:
    return RawUpdate(update_id=number, chat_id=chat, body=json.dumps({"update_id": number, "text": text}))


async def echo(item):
    return Handled(letters=(letter_to(item.chat_id, body=str(item.update_id)),))


async def sent_bodies(store, delivery, telegram, clock):
    for _ in range(200):
        await delivery.drain()
        clock.move(SECOND)
    return telegram.bodies


async def test_an_update_that_comes_twice_is_stored_once(store):
    assert (await store.store_updates([update(1), update(1), update(2)])).new == 2
    assert (await store.store_updates([update(2)])).new == 0


async def test_an_update_that_comes_again_after_it_was_handled_is_not_handled_again(store, delivery, telegram, clock):
    intake = Intake(inbox=store, handle=echo)
    await intake.accept([update(1)])
    await intake.drain()
    await intake.accept([update(1)])
    await intake.drain()
    assert await sent_bodies(store, delivery, telegram, clock) == ["1"]


async def test_the_updates_of_a_chat_are_handled_in_order(store, delivery, telegram, clock):
    intake = Intake(inbox=store, handle=echo)
    numbers = [(n, n % 7) for n in range(70)]
    await intake.accept([update(n, chat) for n, chat in numbers])
    await intake.drain()
    bodies = await sent_bodies(store, delivery, telegram, clock)
    per_chat = {chat: [int(body) for body in bodies if int(body) % 7 == chat] for chat in range(7)}
    assert per_chat == {chat: list(range(chat, 70, 7)) for chat in range(7)}


async def test_one_slow_chat_does_not_hold_up_the_others(store):
    slow, fast = asyncio.Event(), asyncio.Event()

    async def handle(item):
        if item.chat_id == 1:
            await fast.wait()
            slow.set()
        else:
            fast.set()
        return Handled()

    intake = Intake(inbox=store, handle=handle)
    await intake.accept([update(1, chat=1), update(2, chat=2)])
    await intake.drain()
    assert slow.is_set()


async def test_never_more_lanes_at_once_than_allowed(store):
    at_once, most = 0, 0

    async def handle(item):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return Handled()

    intake = Intake(inbox=store, handle=handle, limits=IntakeLimits(lanes=4))
    await intake.accept([update(n, chat=n) for n in range(40)])
    await intake.drain()
    assert 1 < most <= 4


async def test_a_chat_that_is_leased_is_given_to_nobody_else(store, url, clock):
    other = await open_store(url, parse=parse, clock=clock)
    await store.store_updates([update(1), update(2)])
    [item] = await store.claim_updates(limit=64, lease=LEASE)
    assert await other.claim_updates(limit=64, lease=LEASE) == []
    following = (await store.finish_update(item, Handled(), keep=LEASE)).following
    assert following.update_id == 2
    assert await other.claim_updates(limit=64, lease=LEASE) == []
    await other.close()


async def test_a_copy_that_dies_is_replaced_when_its_lease_is_over(store, url, clock):
    other = await open_store(url, parse=parse, clock=clock)
    await store.store_updates([update(1), update(2)])
    [lost] = await store.claim_updates(limit=64, lease=LEASE)
    clock.move(LEASE)
    [taken] = await other.claim_updates(limit=64, lease=LEASE)
    await other.finish_update(taken, Handled())
    assert taken.update_id == lost.update_id
    with pytest.raises(LeaseLost):
        await store.finish_update(lost, Handled(letters=(letter_to(1),)))
    await other.close()


async def test_what_a_copy_without_lease_wanted_to_write_is_not_written(store, delivery, telegram, clock):
    await store.store_updates([update(1)])
    [lost] = await store.claim_updates(limit=64, lease=LEASE)
    clock.move(LEASE)
    await store.claim_updates(limit=64, lease=LEASE)
    wanted = Handled(letters=(letter_to(1),), changes=(SavePerson(person=Person(person_id=1)),))
    with pytest.raises(LeaseLost):
        await store.finish_update(lost, wanted)
    await delivery.drain()
    assert (telegram.letters, await store.person(1)) == ([], None)


async def test_changes_letters_and_the_end_of_the_update_are_one(store, delivery, telegram, clock):
    """The second change cannot be written; so neither is the first, nor the letter, and the update stays."""
    bad = Person(person_id=2, data=None)  # type: ignore[arg-type]
    handled = Handled(letters=(letter_to(1),), changes=(SavePerson(person=Person(person_id=1)), SavePerson(person=bad)))

    async def handle(_item):
        return handled

    intake = Intake(inbox=store, handle=handle)
    await intake.accept([update(1)])
    await intake.drain()
    await delivery.drain()
    assert (telegram.letters, await store.person(1)) == ([], None)
    clock.move(SECOND)
    handled = Handled(letters=(letter_to(1, body="better"),))
    await intake.drain()
    await delivery.drain()
    assert telegram.bodies == ["better"]


async def test_an_update_that_always_fails_is_put_aside_and_the_chat_goes_on(store, delivery, telegram, clock, dump):
    async def handle(item):
        if "poison" in item.body:
            raise ValueError(item.body)
        return await echo(item)

    notes = []

    def sorry(note):
        notes.append(note)
        return letter_to(note.chat_id, body=note.reference)

    intake = Intake(inbox=store, handle=handle, on_failure=sorry)
    await intake.accept([update(10, text="poison"), update(11)])
    for _ in range(10):
        await intake.drain()
        clock.move(SECOND)
    assert await sent_bodies(store, delivery, telegram, clock) == ["ua", "11"]
    assert [(note.update_id, note.error) for note in notes] == [(10, "ValueError")]
    assert "poison" not in repr(await dump())
    assert "ValueError" in (await dump())["put_aside"]


async def test_an_update_that_kills_the_process_each_time_is_put_aside(store, clock, dump):
    await store.store_updates([update(1), update(2)])
    for _ in range(20):
        await store.claim_updates(limit=1, lease=LEASE)
        clock.move(LEASE)
    handled = []

    async def handle(item):
        handled.append(item.update_id)
        return Handled()

    await Intake(inbox=store, handle=handle).drain()
    assert handled == [2]
    assert "KilledTheProcess" in (await dump())["put_aside"]


async def test_a_letter_for_a_failure_that_fails_too_stops_nothing(store, clock):
    async def handle(item):
        if item.update_id == 1:
            raise KeyError
        return Handled()

    def sorry(_note):
        raise ValueError

    intake = Intake(inbox=store, handle=handle, on_failure=sorry, limits=IntakeLimits(tries=1))
    await intake.accept([update(1), update(2)])
    await intake.drain()
    assert await store.seconds_to_next_update() is None


async def test_a_handler_that_hangs_is_stopped(store, clock, dump):
    async def handle(_item):
        await asyncio.Event().wait()

    limits = IntakeLimits(tries=1, handling=timedelta(milliseconds=1))
    intake = Intake(inbox=store, handle=handle, limits=limits)
    await intake.accept([update(1)])
    await intake.drain()
    assert "TimeoutError" in (await dump())["put_aside"]


async def test_a_database_that_is_away_is_no_fault_of_the_update(store, clock):
    away = 10

    async def handle(item):
        nonlocal away
        if away:
            away -= 1
            raise StoreAway
        return Handled()

    intake = Intake(inbox=store, handle=handle)
    await intake.accept([update(1)])
    for _ in range(11):
        await intake.drain()
        clock.move(SECOND)
    assert away == 0
    assert await store.seconds_to_next_update() is None


async def test_nothing_of_an_update_is_left_once_it_is_handled(store, dump):
    intake = Intake(inbox=store, handle=lambda _item: _nothing())
    await intake.accept([update(1, chat=77, text="canary words")])
    await intake.drain()
    left = {name: text for name, text in (await dump()).items() if text != "[]"}
    assert set(left) == {"seen"}
    assert "77" not in left["seen"].replace(str(NOON.timestamp()), "")


async def _nothing():
    return Handled()


async def test_bytes_that_are_no_text_can_be_stored(store):
    raw = RawUpdate(update_id=1, chat_id=1, body=b'{"text": "\xff\x00 \xed\xa0\x80"}')
    await store.store_updates([raw, RawUpdate(update_id=2, chat_id=2, body="\ud800\x00")])
    items = await store.claim_updates(limit=2, lease=LEASE)
    assert sorted(item.update_id for item in items) == [1, 2]


async def test_a_dialog_is_found_until_it_expires_or_ends(store, clock):
    dialog = Dialog(chat_id=1, person_id=2, step="zone", data="{}", version=1, expires=NOON + HOUR)
    await store.change(SaveDialog(dialog=dialog))
    assert await store.dialog(1, 2) == dialog
    clock.move(HOUR)
    assert await store.dialog(1, 2) is None
    await store.change(SaveDialog(dialog=dialog), EndDialog(chat_id=1, person_id=2))
    clock.move(-HOUR)
    assert await store.dialog(1, 2) is None


def session(chat: int = 1, data: str = "{}") -> Dialog:
    return Dialog(
        chat_id=chat, person_id=chat, step="talk", data=data, version=1, expires=NOON + HOUR, wake=NOON + 8 * SECOND
    )


async def claimed(store):
    return await store.claim_dialogs(limit=5, lease=LEASE)


async def test_a_conversation_goes_on_by_itself_when_its_moment_has_come_for_one_copy_only(store, clock):
    await store.change(SaveDialog(dialog=session()), SaveDialog(dialog=replace(session(2), wake=None)))
    assert await claimed(store) == []
    assert await store.seconds_to_next_dialog() == 8
    clock.move(8 * SECOND)
    (dialog,) = await claimed(store)
    assert (dialog.chat_id, dialog.data) == (1, "{}")
    assert await claimed(store) == []
    await store.go_on(dialog, letter_to(1), clock.now + 8 * SECOND, again=SECOND)
    assert await claimed(store) == []
    assert len((await store.export(1))["outbox"]) == 1


async def test_a_copy_that_died_over_a_conversation_is_followed_by_another(store, clock):
    await store.change(SaveDialog(dialog=session()))
    clock.move(8 * SECOND)
    assert len(await claimed(store)) == 1
    clock.move(LEASE)
    assert len(await claimed(store)) == 1


async def test_what_the_person_does_meanwhile_outranks_the_clock(store, clock):
    await store.change(SaveDialog(dialog=session()))
    clock.move(8 * SECOND)
    (dialog,) = await claimed(store)
    await store.change(SaveDialog(dialog=replace(session(data='{"paused": 1}'), wake=None)))
    await store.go_on(dialog, letter_to(1), clock.now + 8 * SECOND, again=SECOND)
    assert "outbox" not in await store.export(1)
    assert await store.seconds_to_next_dialog() is None


async def test_a_chat_whose_letters_wait_is_looked_at_again_soon(store, clock):
    await store.change(SaveDialog(dialog=session()), letters=(letter_to(1),))
    clock.move(8 * SECOND)
    (dialog,) = await claimed(store)
    await store.go_on(dialog, letter_to(1), None, again=2 * SECOND)
    assert len((await store.export(1))["outbox"]) == 1
    assert await store.seconds_to_next_dialog() == 2


async def test_a_clock_that_was_set_back_holds_no_session_up(store, clock):
    await store.change(SaveDialog(dialog=replace(session(), wake=NOON + HOUR, expires=NOON + DAY)))
    await store.claim_updates(limit=1, lease=LEASE)
    assert len(await claimed(store)) == 1


async def test_erasing_a_person_leaves_no_row_of_theirs_and_others_alone(store, dump, clock):
    person, other = 777_001, 888_002
    for each in (person, other):
        dialog = Dialog(chat_id=each, person_id=each, step="zone", data="{}", version=1, expires=NOON + DAY)
        await store.change(
            SavePerson(person=Person(person_id=each)),
            SaveDialog(dialog=dialog),
            *adding(once(f"r{each}", NOON, person=each)),
            AddReport(report=report(each)),
            letters=(letter_to(each),),
        )
    assert set(await store.export(person)) == {"people", "dialogs", "reminders", "outbox", "reports"}
    await store.change(ErasePerson(person_id=person))
    assert str(person) not in repr(await dump())
    assert set(await store.export(other)) == {"people", "dialogs", "reminders", "outbox", "reports"}


def report(person: int) -> Report:
    return Report(
        person_id=person, message_id=9, at=NOON, reason="harm", verdict="caution", places=("neck 142",), language="en"
    )


async def test_a_report_is_kept_for_half_a_year_and_a_second_reason_takes_the_place_of_the_first(store, clock):
    await store.change(AddReport(report=report(1)), AddReport(report=replace(report(1), reason="wrong")))
    assert await store.reports() == [replace(report(1), reason="wrong")]
    clock.move(KEPT - DAY)
    await store.sweep()
    assert len(await store.reports()) == 1
    clock.move(2 * DAY)
    await store.sweep()
    assert await store.reports() == []


async def test_votes_are_added_up_by_passage(store):
    votes = [("neck-a", True), ("neck-b", False), ("neck-a", True), ("neck-b", True)]
    await store.change(*(CountVote(passage=passage, helped=helped) for passage, helped in votes))
    assert await store.votes() == [Voted(passage="neck-b", yes=1, no=1), Voted(passage="neck-a", yes=2, no=0)]


async def test_numbers_of_updates_are_forgotten_after_three_days(store, clock, dump):
    intake = Intake(inbox=store, handle=lambda _item: _nothing())
    await intake.accept([update(1)])
    await intake.drain()
    clock.move(2 * DAY)
    await store.sweep()
    assert (await store.store_updates([update(1)])).new == 0
    clock.move(2 * DAY)
    await store.sweep()
    assert {name for name, text in (await dump()).items() if text != "[]"} == set()


async def test_running_lanes_stop_when_told(store):
    stop, seen = asyncio.Event(), []

    async def handle(item):
        seen.append(item.update_id)
        if len(seen) == 2:
            stop.set()
        return Handled()

    intake = Intake(inbox=store, handle=handle)
    running = asyncio.create_task(intake.run(stop))
    await intake.accept([update(1)])
    await intake.accept([update(2, chat=2)])
    await running
    assert sorted(seen) == [1, 2]
