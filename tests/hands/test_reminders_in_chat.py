"""Reminders from the sentence to the last day of a course, as a person lives through them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.hands.conftest import MONDAY, Chat, Talk, labels

pytestmark = pytest.mark.anyio

EIGHT_THIRTY = MONDAY + timedelta(hours=1, minutes=30, seconds=5)


async def agreed(talk: Talk, sentence: str) -> None:
    """Sets a reminder and agrees to its being stored."""
    await talk.says(sentence)
    asked = await talk.presses("Сохранить" if talk.is_russian else "Save")
    if (label := "Согласен" if talk.is_russian else "I agree") in labels(asked):
        await talk.presses(label)


async def test_a_reminder_is_repeated_agreed_to_once_saved_listed_and_comes(chat: Chat):
    ann = chat.talk("ann")
    proposed = await ann.says("remind me every weekday at 8:30 to stretch my neck")
    assert "Mon 7 Jan, 08:30" in proposed.text
    assert "UTC" in proposed.text
    asked = await ann.presses("Save")
    assert "agree" in asked.text
    saved = await ann.presses("I agree")
    assert saved.text.startswith("Saved: stretch my neck")
    listed = await ann.says("/reminders")
    assert any("stretch my neck" in label for label in labels(listed))
    await chat.set_clock(EIGHT_THIRTY)
    due = await ann.hears()
    assert "stretch my neck" in due.text
    assert {"Done", "Skip", "Stop", "15 min", "1 hour", "Tomorrow"} <= set(labels(due))
    done = await ann.presses("Done")
    assert done.text.startswith("Done: stretch my neck")
    assert "1 session in a row" in done.text
    again = await ann.says("remind me tomorrow at 18:00 to drink water")
    assert "Save" in labels(again)
    saved = await ann.presses("Save")
    assert saved.text.startswith("Saved: drink water"), "consent is asked for once"


async def test_the_same_in_russian_with_russian_plurals(chat: Chat):
    boris = chat.talk("boris")
    proposed = await boris.says("напоминай по будням в 8:30 размять шею, 2 раза")
    assert "Всего 2 раза" in proposed.text
    await boris.presses("Сохранить")
    await boris.presses("Согласен")
    await chat.set_clock(EIGHT_THIRTY)
    due = await boris.hears()
    assert "размять шею" in due.text
    done = await boris.presses("Сделано")
    assert "Подряд: 1 занятие" in done.text
    await chat.moves_on(days=1)
    assert "последнее" in (await boris.hears()).text
    over = await boris.presses("Сделано")
    calendar = await boris.hears() if "photo" not in over.content else over
    over = next(each for each in boris.handle.replies() if "Курс окончен" in each.text)
    assert "сделано 2 из 2 занятий" in over.text
    assert "●●" in over.text
    assert "сделано 2 (полные круги)" in calendar.content["caption"]
    photo = chat.api.state.files[calendar.content["photo"][-1]["file_id"]].content
    assert photo.startswith(b"\x89PNG")


@pytest.mark.parametrize(("label", "length"), [("15 min", {"minutes": 15}), ("1 hour", {"hours": 1})])
async def test_a_snoozed_reminder_comes_back_with_working_buttons_and_the_series_stays(chat: Chat, label, length):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    await chat.set_clock(EIGHT_THIRTY)
    await ann.hears()
    snoozed = await ann.presses(label)
    assert "stays as it is" in snoozed.text
    await chat.moves_on(**length)
    back = await ann.hears()
    assert "stretch" in back.text
    twice = await ann.presses("15 min")
    assert "come back" in twice.text
    await chat.moves_on(minutes=15)
    await ann.hears()
    done = await ann.presses("Done")
    assert done.text.startswith("Done: stretch")
    await chat.set_clock(EIGHT_THIRTY + timedelta(days=1))
    assert "stretch" in (await ann.hears()).text


async def test_tomorrow_means_tomorrow_at_the_same_time(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me today at 8:30 to stretch")
    await chat.set_clock(EIGHT_THIRTY)
    await ann.hears()
    assert "Tue 8 Jan, 08:30" in (await ann.presses("Tomorrow")).text
    await chat.moves_on(days=1)
    assert "stretch" in (await ann.hears()).text


async def test_done_skip_and_snooze_can_be_written(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    await chat.set_clock(EIGHT_THIRTY)
    await ann.hears()
    assert "08:40" in (await ann.says("snooze 10 minutes")).text
    await chat.moves_on(minutes=10)
    await ann.hears()
    assert (await ann.says("done")).text.startswith("Done: stretch")
    await chat.set_clock(EIGHT_THIRTY + timedelta(days=1))
    await ann.hears()
    assert (await ann.says("skip")).text.startswith("Skipped: stretch")


async def test_skipping_one_day_keeps_the_streak_and_stop_ends_the_series(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    for day, label in enumerate(("Done", "Skip", "Done")):
        await chat.set_clock(EIGHT_THIRTY + timedelta(days=day))
        await ann.hears()
        answer = await ann.presses(label)
    assert "2 sessions in a row" in answer.text
    await chat.set_clock(EIGHT_THIRTY + timedelta(days=3))
    await ann.hears()
    assert (await ann.presses("Stop")).text.startswith("Stopped: stretch")
    await chat.moves_on(days=1)
    assert "no reminders" in (await ann.says("/reminders")).text


async def test_pause_resume_and_delete_by_buttons(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    await ann.says("/reminders")
    await ann.presses("Mon 7 Jan, 08:30 · stretch")
    assert (await ann.presses("Pause")).text.startswith("Paused: stretch")
    await chat.set_clock(EIGHT_THIRTY)
    await ann.presses("All reminders")
    await ann.presses("⏸ stretch")
    assert (await ann.presses("Go on")).text.startswith("Going on: stretch")
    await chat.set_clock(EIGHT_THIRTY + timedelta(days=1))
    await ann.hears()
    await ann.says("/reminders")
    await ann.presses("Wed 9 Jan, 08:30 · stretch")
    assert (await ann.presses("Delete")).text.startswith("Deleted: stretch")
    assert "no reminders" in (await ann.presses("All reminders")).text


async def test_steering_by_sentences(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    await agreed(ann, "remind me every day at 21:00 to drink water")
    listed = await ann.says("show my reminders")
    assert sum("·" in label for label in labels(listed)) == 2
    moved = await ann.says("move my stretch reminder to 9:15")
    assert "Mon 7 Jan, 09:15; Tue 8 Jan, 09:15" in moved.text, "the days stay"
    which = await ann.says("pause my reminder")
    assert which.text.startswith("Which one?")
    water = next(label for label in labels(which) if "water" in label)
    assert (await ann.presses(water)).text.startswith("Paused: drink water")
    assert (await ann.says("resume water")).text.startswith("Going on: drink water")
    until = await ann.says("pause the water reminder for three days")
    assert until.text.startswith("Paused: drink water. It goes on Thu 10 Jan, 21:00")
    assert (await ann.says("delete all my reminders")).text.startswith("Deleted: stretch.\nDeleted: drink water.")
    assert "no reminders" in (await ann.says("/reminders")).text


async def test_a_pause_until_monday_said_on_a_monday_ends_a_week_later(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    await chat.set_clock(EIGHT_THIRTY)
    await ann.hears()
    paused = await ann.says("pause my reminders until Monday morning")
    assert paused.text.startswith("Paused: stretch. It goes on Mon 14 Jan, 08:30")


async def test_a_pause_whose_end_is_unclear_is_asked_about_and_nothing_is_paused(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    assert "Until when" in (await ann.says("pause until I am back from the sea")).text
    assert "day and which the month" in (await ann.says("pause until 03/04")).text
    await chat.set_clock(EIGHT_THIRTY)
    assert "stretch" in (await ann.hears()).text


async def test_steering_by_russian_sentences(chat: Chat):
    boris = chat.talk("boris")
    await agreed(boris, "напоминай каждый день в 8:30 про шею")
    assert "пн 7 янв, 09:15; вт 8 янв, 09:15" in (await boris.says("перенеси напоминание про шею на 9:15")).text
    assert (await boris.says("поставь напоминания на паузу")).text.startswith("На паузе")
    assert (await boris.says("удали все напоминания")).text.startswith("Удалено")


async def test_what_is_missing_is_asked_and_the_answer_completes_it(chat: Chat):
    ann = chat.talk("ann")
    assert (await ann.says("remind me to stretch tomorrow")).text.startswith("At what time?")
    which = await ann.says("at 7")
    assert which.text.startswith("In the morning or in the evening?")
    assert "Tue 8 Jan, 19:00" in labels(which)
    assert "Tue 8 Jan, 19:00" in (await ann.says("evening")).text
    assert (await ann.says("remind me to stretch at 7")).text.startswith("In the morning")
    picked = await ann.presses("Tue 8 Jan, 07:00")
    assert "Tue 8 Jan, 07:00" in picked.text
    assert "passed" in (await ann.says("remind me yesterday at 9:00")).text


async def test_a_late_one_says_when_it_was_due_and_how_many_were_passed_over(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    await chat.set_clock(EIGHT_THIRTY + timedelta(days=3, hours=2))
    late = await ann.hears()
    assert "This was due Thu 10 Jan, 08:30" in late.text
    assert "3 earlier ones were passed over" in late.text
    await chat.rests()
    assert len([each for each in ann.handle.replies() if "⏰" in each.text]) == 1


async def test_a_routine_is_checked_once_planned_and_checked_before_each_session(chat: Chat):
    ann = chat.talk("ann")
    await ann.says("/routines")
    shown = await ann.presses("Neck self-massage")
    assert "10 (neck 116), 15 (neck 78)" in shown.text
    check = await ann.presses("Plan it")
    assert "First of all" in check.text, "emergency signs come before the lists"
    check = await ann.presses("None of these")
    assert "(2 of 6)" in check.text
    for _ in range(5):
        check = await ann.presses("None of these")
    assert "Mon 7 Jan, 19:00" in check.text
    assert "14 times in all" in check.text
    await ann.presses("Save")
    assert (await ann.presses("I agree")).text.startswith("Saved: Neck self-massage")
    await chat.set_clock(MONDAY + timedelta(hours=12, seconds=5))
    due = await ann.hears()
    assert "any of this today" in due.text
    assert "neck" in due.text
    ready = await ann.presses("None of these")
    assert {"Done", "Go through it now"} <= set(labels(ready))
    assert "1 session in a row" in (await ann.presses("Done")).text
    await chat.moves_on(days=1)
    await ann.hears()
    which = labels(await ann.presses("Something of this"))[0]
    excused = await ann.presses(which)
    assert excused.text.startswith(f"Not today: {which}.")
    assert "streak is kept" in excused.text
    assert "1 session in a row" in excused.text
    assert "(neck; our own-words edition)" in excused.text


async def test_a_routine_the_articles_speak_against_is_not_planned(chat: Chat):
    ann = chat.talk("ann")
    await ann.says("/routines")
    await ann.presses("Neck self-massage")
    await ann.presses("Plan it")
    await ann.presses("None of these")
    await ann.presses("☐ aneurysm")
    await ann.presses("Go on")
    for _ in range(4):
        end = await ann.presses("None of these")
    assert end.text.startswith("The articles speak against this")
    assert "Save" not in labels(end)


async def test_a_blocked_chat_holds_its_reminders_until_it_is_back(chat: Chat):
    ann = chat.talk("ann")
    await agreed(ann, "remind me every day at 8:30 to stretch")
    await chat.rests()
    ann.handle.blocks_bot()
    await chat.set_clock(EIGHT_THIRTY)
    await chat.rests()
    ann.handle.unblocks_bot()
    await chat.set_clock(EIGHT_THIRTY + timedelta(days=1))
    assert "stretch" in (await ann.hears()).text
    chat.api.state.refusals.clear()


async def test_zone_by_name_city_and_pin_and_what_moves_with_it(chat: Chat):
    ann = chat.talk("ann")
    proposed = await ann.says("remind me every day at 8:30 to stretch")
    assert "/timezone" in proposed.text
    again = await ann.says("/timezone Berlin")
    assert "Europe/Berlin" in again.text
    assert "Mon 7 Jan, 08:30" in again.text, "the reminder that is being set follows"
    await ann.presses("Save")
    await ann.presses("I agree")
    asked = await ann.says("/timezone America/New_York")
    assert {"Clock time there", "Moments at home"} <= set(labels(asked))
    moved = await ann.presses("Clock time there")
    assert "America/New_York" in moved.text
    assert any("Mon 7 Jan, 08:30" in label for label in labels(await ann.says("/reminders")))
    ann.handle.sends_location(55.75, 37.62)
    pinned = await ann.hears()
    assert "Europe/Moscow" in pinned.text
    assert "moments they had" in (await ann.presses("Moments at home")).text
    assert any("Mon 7 Jan, 16:30" in label for label in labels(await ann.says("/reminders")))
    assert "I do not know the zone" in (await ann.says("/timezone Atlantis")).text
    await ann.says("/timezone")
    assert "Asia/Almaty" in (await ann.says("Almaty")).text


async def test_a_session_goes_step_by_step_with_pause_and_end(chat: Chat):
    ann = chat.talk("ann")
    await ann.says("/session")
    first = await ann.presses("Neck self-massage")
    assert "Step 1 of 3" in first.text
    assert "⏱ 3:00 left." in first.text
    await chat.moves_on(seconds=65)
    assert "⏸ Paused with 1:5" in (await ann.presses("Pause")).text
    await chat.moves_on(minutes=10)
    assert "⏱ 1:" in (await ann.presses("Go on")).text
    for number in (2, 3):
        step = await ann.presses("Next")
        assert f"Step {number} of 3" in step.text
    assert "last step" in (await ann.presses("Finish")).text
