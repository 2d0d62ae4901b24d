"""Typing after the bot's name in any chat: passages anybody may read, an emergency before all, nothing kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.preview import person_side
from bot.preview.answering import answer_inline_query
from bot.preview.parameters import Parameters
from bot.preview.records import InlineQuery, Person
from bot.preview.telegram_state import TelegramState
from bot.telegram.inline import CACHED_SECONDS, answer_fields
from tests.hands.conftest import MONDAY, shipped_parts
from tests.hands.test_forgetting import held
from tests.hands.world import World, world_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = await world_of(shipped_parts(), MONDAY, f"sqlite:///{tmp_path}/bot.db")
    yield world
    world.nothing_went_wrong()
    await world.store.close()


async def asks(world: World, person: Person, text: str) -> InlineQuery:
    query = person_side.ask_inline(world.state, world.current(person), text, now=world.now().timestamp())
    await world.settles()
    return world.state.inline_queries[query.id]


def texts(query: InlineQuery) -> list[str]:
    return [result["input_message_content"]["text"] for result in query.results]


@pytest.mark.parametrize(
    ("language", "question", "doctor", "private"),
    [
        ("en", "how long should a neck massage last", "See a doctor", "Open in private"),
        ("ru", "сколько длится массаж шеи", "врач", "Открыть"),
    ],
)
async def test_each_result_is_a_passage_with_its_place_and_the_doctor_line(
    world: World, language: str, question: str, doctor: str, private: str
):
    query = await asks(world, world.person("ann", language), question)
    assert query.answered_at is not None
    assert 1 <= len(query.results) <= 50
    for result, text in zip(query.results, texts(query), strict=True):
        assert "own-words edition" in text or "в нашем пересказе" in text
        assert doctor in text
        assert result["title"].strip()
        assert 0 < len(result["description"]) <= 120
        (button,) = result["reply_markup"]["inline_keyboard"][0]
        assert button["url"].startswith("https://t.me/")
    assert query.button is not None
    assert private in query.button["text"]


async def test_a_picked_result_is_sent_and_its_link_opens_the_passage(world: World):
    ann = world.person("ann", "en")
    query = await asks(world, ann, "how long should a neck massage last")
    group = next(chat.id for chat in world.state.chats.values() if not chat.is_private)
    now = world.now().timestamp()
    sent = person_side.choose_inline(world.state, ann, query.id, query.results[0]["id"], group, now=now)
    await world.settles()
    assert sent.text == texts(query)[0]
    start = sent.buttons[0]["url"].rpartition("start=")[2]
    opened = (await world.says(ann, f"/start {start}"))[-1]
    assert opened.text.splitlines()[0] in sent.text


@pytest.mark.parametrize(
    ("language", "words", "told"),
    [
        ("en", "crushing chest pain and my left arm is numb", "This sounds like an emergency."),
        ("ru", "давит в груди, немеет левая рука, холодный пот", "Похоже на неотложный случай."),
        ("en", "i want to kill myself", "Please talk to a person"),
    ],
)
async def test_red_flag_words_offer_the_emergency_text_and_no_passage(
    world: World, language: str, words: str, told: str
):
    query = await asks(world, world.person("ann", language), words)
    assert [text.startswith(told) for text in texts(query)] == [True]


async def test_what_the_sources_do_not_cover_and_an_empty_query_offer_only_the_way_to_the_private_chat(world: World):
    ann = world.person("ann", "en")
    for words in ("", "javascript promises", "remind me at 9 to stretch", "hello"):
        query = await asks(world, ann, words)
        assert query.answered_at is not None
        assert query.results == ()
        assert query.button is not None


async def test_a_verdict_is_nothing_for_a_public_chat_but_its_passage_is(world: World):
    query = await asks(world, world.person("ann", "en"), "massage with high blood pressure?")
    assert query.results
    assert not [text for text in texts(query) if "What the sources say:" in text]


async def test_results_are_kept_for_one_person_and_for_seconds_only(world: World):
    ann, boris = world.person("ann", "en"), world.person("boris", "en")
    await asks(world, ann, "which oil")
    assert all(owner == ann.id for _, _, owner in world.state.inline_cache)
    assert all(
        until - world.now().timestamp() <= CACHED_SECONDS <= 10 for until, _ in world.state.inline_cache.values()
    )
    assert (await asks(world, boris, "which oil")).person_id == boris.id


async def test_an_inline_query_is_never_stored(world: World, tmp_path: Path):
    await asks(world, world.person("ann", "en"), "may I have a massage with kanareika07word")
    assert b"kanareika07word" not in held(tmp_path)
    assert await world.store.seconds_to_next_update() is None


async def test_somebody_who_types_very_fast_is_not_answered_for_every_letter(world: World):
    ann = world.person("ann", "en")
    for number in range(60):
        person_side.ask_inline(world.state, ann, f"which oil {number}", now=world.now().timestamp())
    await world.settles()
    answered = [query for query in world.state.inline_queries.values() if query.answered_at is not None]
    assert 10 <= len(answered) <= 20


async def test_other_updates_of_the_same_batch_are_stored(world: World):
    ann = world.person("ann", "en")
    now = world.now().timestamp()
    person_side.ask_inline(world.state, ann, "which oil", now=now)
    person_side.send(world.state, world.current(ann), ann.id, 'a message that says "inline_query"', now=now)
    await world.settles()
    assert [each for each in world.state.messages[ann.id].values() if each.is_from_bot]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=300) | st.sampled_from(["шея " * 80, "<b>&" * 60, "😀" * 256, "all contraindications"]))
def test_no_query_makes_an_answer_that_telegram_refuses(text: str):
    state = TelegramState()
    ann = state.add_person("query", "Ann")
    asked = person_side.ask_inline(state, ann, text, now=0.0)
    talk: Any = shipped_parts().words.conversation
    found = talk.inline(text, language_code="en", bot="massage_preview_bot")
    assert answer_inline_query(state, Parameters(fields=answer_fields(asked.id, found)), now=1.0)
