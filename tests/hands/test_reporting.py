"""Did it help? Two small buttons that count, and a way to tell the host that an answer did harm or was wrong."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bot.host_tools import told_reports
from bot.preview import person_side
from bot.preview.records import Message, Person
from bot.reports import KEPT, REASONS
from tests.hands.conftest import labels
from tests.hands.test_forgetting import held
from tests.hands.world import World, pressable

pytestmark = pytest.mark.anyio

ASKED = {"en": "may I have a massage with high blood pressure?", "ru": "можно массаж при высоком давлении?"}


def named(message: Message, start: str) -> str:
    return next(data for data in pressable(message) if data.startswith(start))


async def listed(url: str, *, jsonl: bool) -> str:
    """What the host's command prints, which has an event loop of its own."""
    return await asyncio.to_thread(told_reports, url, jsonl=jsonl)


async def asked(world: World, person: Person) -> Message:
    return (await world.says(person, ASKED[person.language or "en"]))[-1]


@pytest.mark.parametrize(("key", "language"), [("ann", "en"), ("boris", "ru")])
async def test_a_yes_is_counted_thanked_for_and_takes_only_the_two_buttons_away(world: World, key: str, language: str):
    person = world.person(key, language)
    answer = await asked(world, person)
    assert {"👍", "👎"} <= set(labels(answer))
    (changed,) = await world.presses(person, answer, named(answer, "v1:did:y."))
    assert changed.text == answer.text
    assert labels(changed) == [label for label in labels(answer) if label not in {"👍", "👎"}]
    (press,) = [each for each in world.state.presses.values() if each.data.startswith("v1:did:")]
    assert press.answer is not None
    assert press.answer["text"] == {"en": "Thank you.", "ru": "Спасибо."}[language]
    (voted,) = await world.store.votes()
    assert (voted.yes, voted.no) == (1, 0)
    assert named(answer, "v1:did:y.").endswith(voted.passage)


async def test_the_two_buttons_cost_no_call_of_their_own(world: World):
    ann = world.person("ann", "en")
    world.called.clear()
    await asked(world, ann)
    assert world.called == ["sendMessage"]


async def test_a_vote_names_nobody(world: World, tmp_path: Path):
    ann = world.person("ann", "en")
    answer = await asked(world, ann)
    await world.presses(ann, answer, named(answer, "v1:did:y."))
    assert "votes" not in await world.store.export(ann.id)
    assert str(ann.id) not in await listed(f"sqlite:///{tmp_path}/bot.db", jsonl=True)


@pytest.mark.parametrize(("key", "language"), [("ann", "en"), ("boris", "ru")])
async def test_a_no_offers_a_person_other_places_and_a_report(world: World, key: str, language: str):
    person = world.person(key, language)
    answer = await asked(world, person)
    changed, offered = sorted(
        await world.presses(person, answer, named(answer, "v1:did:n.")), key=lambda each: each.message_id
    )
    assert "👎" not in labels(changed)
    assert {"en": "A doctor or a physiotherapist", "ru": "Врач или физиотерапевт"}[language] in offered.text
    assert [data for data in pressable(offered) if data.startswith("v1:show:")]
    reasons = (await world.presses(person, offered, named(offered, "v1:rep:ask.")))[-1]
    assert [data.split(".")[0].removeprefix("v1:rep:") for data in pressable(reasons)] == [*REASONS, "drop"]
    assert "180" in reasons.text
    thanked = (await world.presses(person, reasons, named(reasons, "v1:rep:harm.")))[-1]
    assert "112" in thanked.text
    (report,) = await world.store.reports()
    assert (report.person_id, report.reason, report.language) == (person.id, "harm", language)
    assert report.at == world.now()
    assert report.verdict == "contraindicated"
    assert report.places == ("back 209",)


async def test_a_button_that_was_voted_away_or_belongs_to_another_message_counts_nothing(world: World):
    ann = world.person("ann", "en")
    answer = await asked(world, ann)
    vote = named(answer, "v1:did:y.")
    await world.presses(ann, answer, vote)
    again = (await world.presses(ann, answer, vote))[-1]
    assert again.text.startswith("This button belongs")
    (voted,) = await world.store.votes()
    assert voted.yes == 1


async def test_two_taps_faster_than_the_buttons_can_go_count_once(world: World):
    ann = world.person("ann", "en")
    answer = await asked(world, ann)
    for vote in ("v1:did:y.", "v1:did:n."):
        person_side.press(world.state, ann, ann.id, answer.message_id, named(answer, vote), now=world.now().timestamp())
    await world.settles()
    (voted,) = await world.store.votes()
    assert (voted.yes, voted.no) == (1, 0)


async def test_a_report_comes_from_the_last_answer_or_from_none(world: World):
    ann = world.person("ann", "en")
    await asked(world, ann)
    reasons = (await world.says(ann, "/report"))[-1]
    assert "What was wrong with the answer that rests on back 209" in reasons.text
    dropped = (await world.presses(ann, reasons, named(reasons, "v1:rep:drop.")))[-1]
    assert "dropped" in dropped.text
    assert await world.store.reports() == []
    boris = world.person("boris", "ru")
    none = (await world.says(boris, "/report"))[-1]
    assert "ответов не помню" in none.text
    await world.presses(boris, none, named(none, "v1:rep:other."))
    (report,) = await world.store.reports()
    assert (report.verdict, report.places) == ("", ())


async def test_a_report_after_an_emergency_text_says_what_it_was_about(world: World):
    ann = world.person("ann", "en")
    told = (await world.says(ann, "crushing chest pain and my arm is numb"))[-1]
    assert told.text.startswith("This sounds like an emergency")
    reasons = (await world.says(ann, "/report"))[-1]
    await world.presses(ann, reasons, named(reasons, "v1:rep:wrong."))
    (report,) = await world.store.reports()
    assert report.verdict == "emergency"


async def test_nothing_a_person_wrote_is_kept_with_a_report(world: World, tmp_path: Path):
    ann = world.person("ann", "en")
    await world.says(ann, "massage with high blood pressure and my kanareika01word?")
    reasons = (await world.says(ann, "/report"))[-1]
    await world.presses(ann, reasons, named(reasons, "v1:rep:missed."))
    await world.store.sweep()
    assert b"kanareika01word" not in held(tmp_path)


async def test_a_report_is_exported_deleted_and_forgotten_in_time(world: World):
    ann, boris = world.person("ann", "en"), world.person("boris", "ru")
    for person in (ann, boris):
        await asked(world, person)
        reasons = (await world.says(person, "/report"))[-1]
        await world.presses(person, reasons, named(reasons, "v1:rep:wrong."))
    exported = (await world.says(ann, "/export"))[-1]
    kept = json.loads(world.state.files[exported.content["document"]["file_id"]].content)
    assert [row["reason"] for row in kept["reports"]] == ["wrong"]
    gone = (await world.says(ann, "/delete"))[-1]
    await world.presses(ann, gone, named(gone, "v1:me:erase"))
    assert [each.person_id for each in await world.store.reports()] == [boris.id]
    world.at += KEPT + timedelta(hours=1)
    await world.store.sweep()
    assert await world.store.reports() == []


async def test_privacy_tells_of_reports_in_both_languages(world: World):
    for key, language, words in (("ann", "en", "kept for 180 days"), ("boris", "ru", "хранится 180 дней")):
        assert words in (await world.says(world.person(key, language), "/privacy"))[-1].text
    assert KEPT.days == 180


async def test_the_host_lists_reports_without_numbers_of_people_and_counts_them(world: World, tmp_path: Path):
    ann = world.person("ann", "en")
    url = f"sqlite:///{tmp_path}/bot.db"
    assert await listed(url, jsonl=False) == "Nobody has reported anything.\n"
    before = REGISTRY.get_sample_value("massage_bot_reports_total", {"reason": "harm"}) or 0
    answer = await asked(world, ann)
    await world.presses(ann, answer, named(answer, "v1:did:n."))
    reasons = (await world.says(ann, "/report"))[-1]
    await world.presses(ann, reasons, named(reasons, "v1:rep:harm."))
    told = await listed(url, jsonl=False)
    assert "harm" in told
    assert "back 209" in told
    assert "1 no" in told
    report, voted = (json.loads(line) for line in (await listed(url, jsonl=True)).splitlines())
    assert report.keys() == {"at", "reason", "verdict", "places", "language"}
    assert voted["no"] == 1
    assert str(ann.id) not in told
    assert REGISTRY.get_sample_value("massage_bot_reports_total", {"reason": "harm"}) == before + 1


async def test_in_a_group_there_are_no_votes_and_reports_are_for_private(world: World):
    ann = world.person("ann", "en")
    group = next(chat.id for chat in world.state.chats.values() if not chat.is_private)
    bot = world.state.bot_user()["username"]
    answer = (await world.says(ann, f"@{bot} {ASKED['en']}", chat=group))[-1]
    assert "👍" not in labels(answer)
    assert (await world.says(ann, "/report", chat=group))[-1].buttons[0]["url"].endswith("start=report")
    forged = (await world.presses(ann, answer, "v1:rep:harm.neck-no-medicine"))[-1]
    assert forged.text.startswith("This button belongs")
    assert await world.store.reports() == []
