"""The bot as it is shipped, content and all, against the local Bot API."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content_cache import content_for
from bot.intake import InboxItem
from bot.people import Remembered
from bot.preview.keyboards import checked_inline_keyboard
from bot.preview.message_text import message_text
from bot.preview.server import LocalBotApi
from bot.reminders import Reminder
from bot.settings import read_settings
from bot.telegram.assembled import PROFILE, parts, read_profile
from bot.telegram.handling import Handler
from bot.telegram.run import Parts, run_bot
from bot.telegram.signs import Signs
from bot.telegram.updates import Me
from tests.bot.telegram.conftest import ScriptedApi

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def shipped() -> Parts:
    settings = read_settings(None)
    return parts(settings, content_for(settings))


def test_the_profile_speaks_both_languages_and_names_the_same_commands():
    everybody, russian = read_profile(PROFILE)
    assert (everybody.language, russian.language) == ("", "ru")
    assert [name for name, _ in everybody.commands] == [name for name, _ in russian.commands]
    assert everybody.in_groups == russian.in_groups == ("ask", "browse", "help", "about")


def test_every_command_that_is_understood_is_on_the_list_and_the_reverse(shipped):
    listed = {name for name, _ in read_profile(PROFILE)[0].commands}
    assert listed == shipped.words.conversation.commands


async def test_a_question_is_answered_with_passage_place_and_disclaimer_and_every_button_works(shipped):
    async with LocalBotApi() as api:
        stop = asyncio.Event()
        chosen = read_settings(None, telegram_token=api.token, telegram_api_url=api.url, database_url="sqlite://")
        bot = asyncio.create_task(run_bot(chosen, shipped, stop))
        ann = api.person("ann")
        ann.sends("How long does a neck massage last?")
        answer = await ann.next_reply(seconds=30)
        assert "line" in answer.text
        assert "doctor" in answer.text.casefold()
        for number, button in enumerate(answer.buttons):
            ann.presses_data(answer, button["callback_data"])
            await ann.next_answer()
            if number % 2 == 0:
                ann.sends(f"and for sciatica? {number}")
        for command in ("/start", "/help", "/about", "/check", "/cancel", "/ask", "/nonsense"):
            ann.sends(command)
        while len(ann.replies()) < 8 and not bot.done():
            await ann.next_reply(seconds=30)
        stop.set()
        await bot
        texts = [message.text for message in ann.replies()]
        assert not [text for text in texts if "error u" in text]
        assert (api.refusals, api.unanswered) == ([], [])


class NothingRemembered:
    async def remembered(self, chat_id: int, person_id: int) -> Remembered:
        return Remembered()

    async def reply(self, chat_id: int, reply_key: str) -> None:
        return None

    async def reminders(self, person_id: int) -> list[Reminder]:
        return []

    async def export(self, person_id: int) -> dict[str, list[dict[str, Any]]]:
        return {}


WORDS = st.sampled_from(
    "massage шея fever /check /remind every day at 9 <b> & 😀 38.5 160/100 hernia? нет not but . , боль".split(" ")
)
ANY_MESSAGE = (
    st.text(min_size=1, max_size=4096)
    | st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
    | st.sampled_from(["😀" * 4096, "<b>&" * 1024, "\u202e" + "шея " * 1000, "/" * 4096, "massage? " * 450])
)


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=ANY_MESSAGE)
async def test_no_text_brings_it_down_or_makes_a_message_that_telegram_refuses(shipped, text):
    person = {"id": 5, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 3, "date": 1795176000, "chat": {"id": 5, "type": "private"}, "from": person, "text": text}
    body = json.dumps({"update_id": 9, "message": message})
    now = datetime(2026, 11, 20, tzinfo=UTC)
    signs = Signs(ScriptedApi(), slow_seconds=60)
    me = Me(id=42, username="massage_preview_bot")
    handler = Handler(me=me, words=shipped.words, memories=NothingRemembered(), signs=signs, clock=lambda: now)
    item = InboxItem(update_id=9, chat_id=5, body=body, received=now, failures=0, claims=1, token="t")
    handled = await handler.handle(item)
    await signs.finish()
    assert handled.letters
    for letter in handled.letters:
        fields = json.loads(letter.body)
        assert "(error u9)" not in fields["text"]
        message_text(fields["text"], parse_mode=fields["parse_mode"])  # raises what Telegram would refuse
        checked_inline_keyboard(fields.get("reply_markup"))
