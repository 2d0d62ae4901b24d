"""Going on from an answer: follow-ups by rule, a choice of region, links to a place, the menu and consent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.preview.records import Message
from corpus.passage import Passage
from intents.wording import plural_form
from tests.hands.conftest import MONDAY, labels, shipped_parts
from tests.hands.world import World, pressable, world_of
from tests.shipped import shipped

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = await world_of(shipped_parts(), MONDAY)
    await world.says(world.person("ann", "en"), "/start")
    yield world
    world.nothing_went_wrong()
    await world.store.close()


async def ann_says(world: World, text: str) -> Message:
    return (await world.says(world.person("ann", "en"), text))[-1]


async def test_more_why_and_another_language_go_on_from_the_answer(world: World):
    first = await ann_says(world, "how many sessions for sciatica?")
    assert "15" in first.text
    more = await ann_says(world, "more please")
    assert more.text != first.text
    assert "our own-words edition" in more.text
    why = await ann_says(world, "Why?")
    assert why.text.startswith("That rests on this:")
    russian = await ann_says(world, "in Russian, please!")
    assert "Кратко" in russian.text
    assert "Не врач" in russian.text or "врачу" in russian.text
    assert (await ann_says(world, "по-английски")).text.startswith("That rests on this:")


async def test_an_emergency_is_told_in_the_language_it_is_written_in_whatever_was_chosen(world: World):
    await ann_says(world, "how many sessions for sciatica?")
    await ann_says(world, "in Russian please")
    told = await ann_says(world, "my back hurts after a fall and I can't hold my urine")
    assert told.text.startswith("This sounds like an emergency.")
    assert "Похоже на неотложный случай." in told.text
    same = await ann_says(world, "болит грудь и отдаёт в руку")
    assert same.text.startswith("Похоже на неотложный случай.")
    assert "This sounds like" not in same.text


async def test_a_word_that_follows_nothing_is_a_question(world: World):
    assert "That rests on this" not in (await ann_says(world, "why?")).text
    assert "That is all I found" not in (await ann_says(world, "more")).text


async def test_a_question_that_names_no_region_offers_both(world: World):
    answer = await ann_says(world, "massage how long?")
    assert "Neck or back?" in answer.text
    assert {"About the neck", "About the back"} <= set(labels(answer))
    named = await ann_says(world, "how long should a neck massage last?")
    assert "Neck or back?" not in named.text


async def test_start_tells_what_would_be_stored_and_asks_once(world: World):
    start = await ann_says(world, "/start")
    assert "/delete" in start.text
    agree = next(data for data in pressable(start) if data == "v1:rem:agree.")
    await world.presses(world.person("ann", "en"), start, agree)
    again = await ann_says(world, "/start")
    assert "v1:rem:agree." not in pressable(again)
    assert {"Ask", "Check contraindications", "Routines", "Browse the articles"} <= set(labels(again))


async def test_every_passage_has_a_link_that_opens_it(world: World):
    passages = [each for each in shipped().library.passages if each.only_for is None]
    for passage in passages[::7]:
        opened = await ann_says(world, f"/start p_{passage.id}")
        assert passage_title_of(passage) in opened.text
        copied = [button["copy_text"]["text"] for button in opened.buttons if "copy_text" in button]
        assert copied == [f"https://t.me/{world.state.bot_user()['username']}?start=p_{passage.id}"]
    assert all(len(f"p_{each.id}") <= 64 for each in shipped().library.passages)


def passage_title_of(passage: Passage) -> str:
    return passage.document.title


async def test_every_passage_can_be_reached_from_the_menu(world: World):
    ann = world.person("ann", "en")
    documents = (await world.says(ann, "/browse"))[-1]
    found: set[str] = set()
    for document in [data for data in pressable(documents) if data.startswith("v1:doc:")]:
        sections = (await world.presses(ann, documents, document))[-1]
        for section in [data for data in pressable(sections) if data.startswith("v1:sec:")]:
            passages = (await world.presses(ann, sections, section))[-1]
            found |= {data.removeprefix("v1:show:") for data in pressable(passages) if data.startswith("v1:show:")}
            sections = (await world.presses(ann, passages, pressable(passages)[-1]))[-1]
        documents = (await world.presses(ann, sections, pressable(sections)[-1]))[-1]
    assert found == {str(each.id) for each in shipped().library.passages if each.only_for is None}


@pytest.mark.parametrize(
    ("count", "form"),
    [(0, 2), (1, 0), (2, 1), (4, 1), (5, 2), (11, 2), (12, 2), (14, 2), (21, 0), (22, 1), (25, 2), (111, 2)],
)
def test_russian_counts_in_three_forms(count: int, form: int):
    assert plural_form("ru", count) == form


def test_every_counted_text_can_be_said_for_any_number():
    wording = shipped().wording
    for language in ("en", "ru"):
        for name, text in wording.texts[language].items():
            if " | " in text:
                for count in range(30):
                    filled = dict.fromkeys(("last", "best", "done", "spoken", "zone", "consent", "most"), "x")
                    assert str(count) in wording.counted(language, name, count, **filled)
