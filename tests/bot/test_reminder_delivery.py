"""Reminders from the moment they are due until Telegram has them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.changes import (
    ChatBack,
    DeleteReminder,
    EditReminder,
    ErasePerson,
    PauseReminder,
    ResumeReminder,
    SavePerson,
    Settle,
    Snooze,
    StopReminder,
)
from bot.delivery import (
    Ambiguous,
    ChatGone,
    ChatMigrated,
    Marked,
    PermanentRefusal,
    RetryLater,
    Unauthorised,
    Unreachable,
)
from bot.people import Person
from bot.reminders import OccurrenceId, OccurrenceState, ReminderState
from bot.store.store import open_store
from tests.bot.conftest import deliver
from tests.bot.fakes import DAY, HOUR, MINUTE, NOON, PERSON, SECOND, Every, adding, daily, once, parse

pytestmark = pytest.mark.anyio
Done = OccurrenceState.DONE


async def after_the_lease(delivery, clock):
    """A copy died: its lease runs out, and no other copy dies for a while."""
    clock.move(timedelta(seconds=60))
    await delivery.drain()
    clock.move(timedelta(seconds=3))
    await delivery.drain()


async def test_a_reminder_is_sent_at_its_time_and_not_before(store, delivery, telegram, clock):
    await store.change(*adding(once("stretch", NOON + HOUR)))
    await delivery.drain()
    assert telegram.letters == []
    clock.move(HOUR)
    await delivery.drain()
    assert [letter.occurrence for letter in telegram.letters] == [OccurrenceId(reminder_id="stretch", due=NOON + HOUR)]


async def test_a_one_off_is_finished_once_it_is_sent(store, delivery, clock):
    await store.change(*adding(once("stretch", NOON)))
    await delivery.drain()
    reminder = await store.reminder(PERSON, "stretch")
    assert (reminder.state, reminder.due) == (ReminderState.FINISHED, None)


async def test_what_was_sent_is_remembered_with_its_message(store, delivery, clock):
    await store.change(*adding(daily("neck", NOON)))
    clock.move(3 * MINUTE)
    await delivery.drain()
    [occurrence] = await store.occurrences("neck")
    assert (occurrence.state, occurrence.message_id, occurrence.late_by) == (
        OccurrenceState.SENT,
        1001,
        3 * MINUTE,
    )


async def test_a_series_goes_on_at_the_wall_time_of_its_rule(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    for _ in range(3):
        await delivery.drain()
        clock.move(DAY)
    assert [letter.occurrence.due for letter in telegram.letters] == [NOON, NOON + DAY, NOON + 2 * DAY]


async def test_after_a_long_downtime_one_message_comes_and_says_so(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    clock.move(40 * DAY + HOUR)
    await delivery.drain()
    assert telegram.words == [{"text": "neck", "late": 3600.0, "skipped": 40, "last": False}]
    assert (await store.reminder(PERSON, "neck")).due == NOON + 41 * DAY


async def test_a_course_that_ended_while_down_sends_its_last_session(store, delivery, telegram, clock):
    await store.change(*adding(daily("course", NOON, last=NOON + 2 * DAY)))
    clock.move(9 * DAY)
    await delivery.drain()
    assert telegram.words == [{"text": "course", "late": 7 * 86400.0, "skipped": 2, "last": True}]
    assert (await store.reminder(PERSON, "course")).state is ReminderState.FINISHED


async def test_a_course_counted_in_sessions_ends_by_itself(store, delivery, telegram, clock):
    await store.change(*adding(daily("course", NOON, sessions_left=2)))
    for _ in range(4):
        await delivery.drain()
        clock.move(DAY)
    assert [words["last"] for words in telegram.words] == [False, True]
    assert (await store.reminder(PERSON, "course")).state is ReminderState.FINISHED


async def test_a_claimed_reminder_is_not_claimed_again(store, delivery, clock):
    await store.change(*adding(once("stretch", NOON)))
    first = await store.claim_post(room=8, limits=delivery._limits)
    second = await store.claim_post(room=8, limits=delivery._limits)
    assert (len(first.claims), len(second.claims)) == (1, 0)


async def test_a_copy_after_a_crash_carries_the_same_number(store, telegram, delivery, clock):
    await store.change(*adding(daily("neck", NOON)))
    [lost] = (await store.claim_post(room=8, limits=delivery._limits)).claims
    await after_the_lease(delivery, clock)
    assert [letter.id for letter in telegram.letters] == [lost.number]


async def test_a_copy_that_comes_back_too_late_writes_nothing(store, telegram, delivery, clock):
    await store.change(*adding(daily("neck", NOON)))
    [slow] = (await store.claim_post(room=8, limits=delivery._limits)).claims
    await after_the_lease(delivery, clock)
    assert await store.complete_post(slow, await telegram.send(telegram.letters[0])) is Marked.LOST
    assert (await store.reminder(PERSON, "neck")).due == NOON + DAY


async def test_while_copies_keep_dying_what_they_may_have_sent_is_held_back(store, delivery, telegram, clock):
    for n in range(4):
        await store.change(*adding(once(f"r{n}", clock.now, person=n + 1)))
        await store.claim_post(room=1, limits=delivery._limits)  # and the copy dies
        clock.move(SECOND)
    clock.move(56 * SECOND)
    for _ in range(6):
        assert telegram.letters == []
        await delivery.drain()
        clock.move(SECOND)
    await delivery.drain()
    assert sorted(letter.occurrence.reminder_id for letter in telegram.letters) == ["r0", "r1", "r2", "r3"]


async def test_a_copy_that_only_hung_can_still_mark_what_it_sent(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    [slow] = (await store.claim_post(room=8, limits=delivery._limits)).claims
    clock.move(60 * SECOND)
    await delivery.drain()
    assert await store.complete_post(slow, await telegram.send(slow.what)) is Marked.DONE
    clock.move(5 * SECOND)
    await delivery.drain()
    assert len(telegram.letters) == 1


async def test_an_edit_beats_a_message_that_is_just_being_sent(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    [under_way] = (await store.claim_post(room=8, limits=delivery._limits)).claims
    rule = Every(NOON + HOUR, DAY).text()
    await store.change(EditReminder(person_id=PERSON, reminder_id="neck", text="new", rule=rule, due=NOON + HOUR))
    assert await store.complete_post(under_way, await telegram.send(under_way.what)) is Marked.LOST
    reminder = await store.reminder(PERSON, "neck")
    assert (reminder.text, reminder.due) == ("new", NOON + HOUR)


async def test_nobody_can_touch_the_reminder_of_somebody_else(store, clock):
    await store.change(*adding(daily("neck", NOON)))
    before = await store.reminder(PERSON, "neck")
    stranger = 666
    here = OccurrenceId(reminder_id="neck", due=NOON)
    await store.change(
        StopReminder(person_id=stranger, reminder_id="neck"),
        PauseReminder(person_id=stranger, reminder_id="neck"),
        DeleteReminder(person_id=stranger, reminder_id="neck"),
        EditReminder(person_id=stranger, reminder_id="neck", text="x", rule=None, due=NOON),
        Settle(person_id=stranger, occurrence=here, answer=Done),
        Snooze(person_id=stranger, occurrence=here, until=NOON + HOUR, new_id="s"),
    )
    assert await store.reminder(PERSON, "neck") == before
    assert await store.occurrences("neck") == []
    assert await store.reminder(stranger, "neck") is None


async def test_a_paused_reminder_is_silent_and_goes_on_with_the_next_moment(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    await store.change(PauseReminder(person_id=PERSON, reminder_id="neck"))
    clock.move(3 * DAY + HOUR)
    await delivery.drain()
    await store.change(ResumeReminder(person_id=PERSON, reminder_id="neck"))
    await delivery.drain()
    assert telegram.letters == []
    assert (await store.reminder(PERSON, "neck")).due == NOON + 4 * DAY


async def test_a_stopped_reminder_stays_stopped(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    for _ in range(2):
        await store.change(StopReminder(person_id=PERSON, reminder_id="neck"))
    await store.change(ResumeReminder(person_id=PERSON, reminder_id="neck"))
    clock.move(DAY)
    await delivery.drain()
    assert telegram.letters == []
    assert (await store.reminder(PERSON, "neck")).state is ReminderState.STOPPED


async def test_done_before_its_time_cancels_the_message_and_moves_on(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON + HOUR)))
    early = Settle(person_id=PERSON, occurrence=OccurrenceId(reminder_id="neck", due=NOON + HOUR), answer=Done)
    await store.change(early, early)
    clock.move(2 * HOUR)
    await delivery.drain()
    assert telegram.letters == []
    assert (await store.reminder(PERSON, "neck")).due == NOON + HOUR + DAY
    assert [each.state for each in await store.occurrences("neck")] == [Done]


async def test_a_session_done_days_ahead_is_passed_over_when_its_day_comes(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    ahead = OccurrenceId(reminder_id="neck", due=NOON + DAY)
    await store.change(Settle(person_id=PERSON, occurrence=ahead, answer=Done))
    for _ in range(3):
        await delivery.drain()
        clock.move(DAY)
    assert [letter.occurrence.due for letter in telegram.letters] == [NOON, NOON + 2 * DAY]


async def test_done_outranks_skip_and_can_be_said_twice(store, delivery, clock):
    await store.change(*adding(daily("neck", NOON)))
    await delivery.drain()
    here = OccurrenceId(reminder_id="neck", due=NOON)
    for answer in (OccurrenceState.SKIPPED, Done, Done, OccurrenceState.SKIPPED):
        await store.change(Settle(person_id=PERSON, occurrence=here, answer=answer))
    [occurrence] = await store.occurrences("neck")
    assert (occurrence.state, occurrence.message_id) == (Done, 1001)


async def test_snooze_sends_once_more_and_never_moves_the_series(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    await delivery.drain()
    here = OccurrenceId(reminder_id="neck", due=NOON)
    await store.change(Snooze(person_id=PERSON, occurrence=here, until=NOON + 15 * MINUTE, new_id="s1"))
    clock.move(15 * MINUTE)
    await delivery.drain()
    clock.move(DAY - 15 * MINUTE)
    await delivery.drain()
    assert [letter.occurrence.reminder_id for letter in telegram.letters] == ["neck", "s1", "neck"]
    assert telegram.letters[2].occurrence.due == NOON + DAY


async def test_snoozing_twice_moves_the_one_message_that_is_to_come(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    await delivery.drain()
    here = OccurrenceId(reminder_id="neck", due=NOON)
    for name, minutes in (("s1", 15), ("s2", 60)):
        until = NOON + minutes * MINUTE
        await store.change(Snooze(person_id=PERSON, occurrence=here, until=until, new_id=name))
    clock.move(20 * MINUTE)
    await delivery.drain()
    assert len(telegram.letters) == 1
    clock.move(HOUR)
    await delivery.drain()
    assert [letter.occurrence.reminder_id for letter in telegram.letters] == ["neck", "s1"]


async def test_done_on_a_snoozed_message_counts_for_the_session_it_came_from(store, delivery, clock):
    await store.change(*adding(daily("neck", NOON)))
    await delivery.drain()
    here = OccurrenceId(reminder_id="neck", due=NOON)
    await store.change(Snooze(person_id=PERSON, occurrence=here, until=NOON + HOUR, new_id="s1"))
    clock.move(HOUR)
    await delivery.drain()
    there = OccurrenceId(reminder_id="s1", due=NOON + HOUR)
    await store.change(Settle(person_id=PERSON, occurrence=there, answer=Done))
    assert [each.state for each in await store.occurrences("neck")] == [Done]


async def test_done_after_a_snooze_cancels_what_was_still_to_come(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    await delivery.drain()
    here = OccurrenceId(reminder_id="neck", due=NOON)
    await store.change(
        Snooze(person_id=PERSON, occurrence=here, until=NOON + HOUR, new_id="s1"),
        Settle(person_id=PERSON, occurrence=here, answer=Done),
        Snooze(person_id=PERSON, occurrence=here, until=NOON + HOUR, new_id="s2"),
    )
    clock.move(2 * HOUR)
    await delivery.drain()
    assert len(telegram.letters) == 1


async def test_a_blocked_chat_waits_and_goes_on_when_it_is_back(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON), once("tea", NOON + 2 * HOUR)))
    telegram.trouble = [ChatGone()]
    await delivery.drain()
    clock.move(3 * HOUR)
    await delivery.drain()
    assert telegram.letters == []
    assert await store.blocked_since(PERSON) == NOON
    await store.change(ChatBack(chat_id=PERSON))
    await delivery.drain()
    assert telegram.words == [{"text": "tea", "late": 3600.0, "skipped": 0, "last": True}]
    assert (await store.reminder(PERSON, "neck")).due == NOON + DAY
    assert await store.blocked_since(PERSON) is None


async def test_what_a_person_paused_stays_paused_when_the_chat_is_back(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON), daily("back", NOON)))
    await store.change(PauseReminder(person_id=PERSON, reminder_id="back"))
    telegram.trouble = [ChatGone()]
    await delivery.drain()
    await store.change(ChatBack(chat_id=PERSON))
    assert (await store.reminder(PERSON, "back")).state is ReminderState.PAUSED


async def test_a_moved_chat_takes_its_reminders_along(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    telegram.trouble = [ChatMigrated(-1007)]
    await delivery.drain()
    clock.move(MINUTE)
    await delivery.drain()
    assert [letter.chat_id for letter in telegram.letters] == [-1007]


async def test_a_refusal_for_good_ends_the_occurrence_not_the_series(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    telegram.trouble = [PermanentRefusal()]
    await delivery.drain()
    clock.move(DAY)
    await delivery.drain()
    states = [each.state for each in await store.occurrences("neck")]
    assert states == [OccurrenceState.FAILED, OccurrenceState.SENT]


async def test_an_outage_of_hours_loses_nothing(store, delivery, telegram, clock):
    await store.change(*adding(once("tea", NOON)))
    telegram.trouble = [Unreachable() for _ in range(100)]
    while telegram.trouble:
        await delivery.drain()
        clock.move(MINUTE)
    await delivery.drain()
    assert [letter.occurrence.reminder_id for letter in telegram.letters] == ["tea"]


async def test_eight_strikes_end_an_occurrence(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON, step=30 * DAY)))
    tries = []
    telegram.on_letter = tries.append
    telegram.trouble = [Ambiguous() if n % 2 else ValueError() for n in range(50)]
    for _ in range(30):
        await delivery.drain()
        clock.move(HOUR)
    assert len(tries) == 8
    assert {letter.id for letter in tries} == {tries[0].id}
    assert [each.state for each in await store.occurrences("neck")] == [OccurrenceState.FAILED]


async def test_a_bad_token_stops_sending_and_loses_nothing(store, delivery, telegram, clock):
    await store.change(*adding(once("tea", NOON), once("stretch", NOON)))
    telegram.trouble = [Unauthorised()]
    with pytest.raises(Unauthorised):
        await delivery.drain()
    await delivery.finish()
    clock.move(2 * SECOND)  # the slots of the first try are used up
    again = deliver(store, telegram, clock)
    await again.drain()
    assert {letter.occurrence.reminder_id for letter in telegram.letters} == {"tea", "stretch"}


async def test_asked_to_wait_a_reminder_waits_as_long_and_is_sent_once(store, delivery, telegram, clock):
    await store.change(*adding(once("tea", NOON)))
    telegram.trouble = [RetryLater(600)]
    await delivery.drain()
    clock.move(599 * SECOND)
    await delivery.drain()
    assert telegram.letters == []
    clock.move(2 * SECOND)
    await delivery.drain()
    assert len(telegram.letters) == 1


async def test_a_rule_that_cannot_be_read_holds_up_nobody_else(store, delivery, telegram, clock):
    broken = daily("broken", NOON)
    await store.change(*adding(type(broken)(**{**fields(broken), "rule": "{"}), once("tea", NOON)))
    await delivery.drain()
    assert [letter.occurrence.reminder_id for letter in telegram.letters] == ["tea"]
    assert (await store.reminder(PERSON, "broken")).state is ReminderState.PAUSED


def fields(reminder):
    return {name: getattr(reminder, name) for name in reminder.__dataclass_fields__}


async def test_words_can_be_chosen_by_the_language_of_the_person(store, telegram, clock):
    await store.change(SavePerson(person=Person(person_id=PERSON, language="ru", zone="Europe/Riga")))
    await store.change(*adding(once("tea", NOON)))
    [claim] = (await store.claim_post(room=1, limits=deliver(store, telegram, clock)._limits)).claims
    assert (claim.what.person.language, claim.what.person.zone) == ("ru", "Europe/Riga")


async def test_erasing_beats_a_message_that_is_just_being_sent(store, delivery, telegram, clock):
    await store.change(*adding(daily("neck", NOON)))
    [claim] = (await store.claim_post(room=1, limits=delivery._limits)).claims
    await store.change(ErasePerson(person_id=PERSON))
    assert await store.complete_post(claim, await telegram.send(claim.what)) is Marked.LOST
    assert await store.export(PERSON) == {}


@pytest.mark.parametrize("step", [HOUR, DAY, -HOUR, -DAY])
async def test_a_clock_that_is_set_sends_each_occurrence_once(store, delivery, telegram, clock, step):
    await store.change(*adding(daily("neck", NOON), once("tea", NOON)))
    [one] = (await store.claim_post(room=1, limits=delivery._limits)).claims  # its copy dies
    clock.move(step)
    for _ in range(3):
        await delivery.drain()
        clock.move(61 * SECOND)
    start, end = min(NOON, clock.now), NOON + 3 * DAY
    while clock.now < end:
        await delivery.drain()
        clock.move(2 * HOUR)
    numbers = [letter.id for letter in telegram.letters]
    assert one.number in numbers
    assert len(numbers) == len(set(numbers))
    assert start <= NOON


async def test_another_copy_takes_over_what_a_dead_one_had(store, url, telegram, clock):
    other = await open_store(url, parse=parse, clock=clock)
    await store.change(*adding(*(once(f"r{n}", NOON, person=n + 1) for n in range(6))))
    dead = await store.claim_post(room=2, limits=deliver(store, telegram, clock)._limits)
    survivor = deliver(other, telegram, clock)
    clock.move(SECOND)  # the slots of the dead one pass
    await survivor.drain()
    await after_the_lease(survivor, clock)
    await other.close()
    assert clock.now <= NOON + 65 * SECOND
    assert len(dead.claims) == 2
    assert sorted(json.loads(body)["text"] for body in telegram.bodies) == [f"r{n}" for n in range(6)]
