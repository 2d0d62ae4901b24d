"""The running bot against the local Bot API: a person writes, presses, edits, and is answered."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.preview.faults import FaultKind, PlannedFaults
from bot.preview.server import LocalBotApi
from bot.settings import read_settings
from bot.telegram.polling import TokenRefused
from bot.telegram.run import run_bot
from tests.bot.echo_bot import parts

pytestmark = pytest.mark.anyio


@contextlib.asynccontextmanager
async def running(api: LocalBotApi, **chosen: Any) -> AsyncIterator[asyncio.Task[None]]:
    """The bot, ready; told to stop at the end."""
    stop, ready = asyncio.Event(), asyncio.Event()
    given = {"telegram_token": api.token, "telegram_api_url": api.url, "database_url": "sqlite://"} | chosen
    bot = asyncio.create_task(
        run_bot(read_settings(None, **given), parts(), stop, on_ready=ready.set)  # type: ignore[arg-type]
    )
    starting = asyncio.create_task(ready.wait())
    await asyncio.wait({starting, bot}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    starting.cancel()
    try:
        yield bot
    finally:
        stop.set()
        await asyncio.wait({bot})
        if (error := bot.exception()) is not None and not isinstance(error, TokenRefused):
            raise error


@pytest.fixture
async def api() -> AsyncIterator[LocalBotApi]:
    async with LocalBotApi() as local:
        yield local


async def test_a_message_is_answered_and_nothing_is_refused(api):
    ann = api.person("ann")
    async with running(api):
        ann.sends("1 < 2 & <b>bold</b>")
        assert (await ann.next_reply()).text.startswith("1: 1 < 2 & <b>bold</b>\n")
        ann.sends("again")
        assert (await ann.next_reply()).text.startswith("2: again\n")
    assert api.refusals == []


async def test_buttons_stop_spinning_and_change_their_message(api):
    ann = api.person("ann")
    async with running(api):
        ann.sends("hello")
        first = await ann.next_reply()
        ann.presses("Change")
        await ann.next_answer()
        changed = await ann.next_edit()
        assert changed.message_id == first.message_id
        assert changed.text.startswith("changed\n")
        assert changed.buttons == []
        ann.presses_data(first, "v1:change")  # nothing changes now: Telegram says so, and that is fine
        await ann.next_answer()
        ann.sends("still there?")
        await ann.next_reply()
    assert api.unanswered == []


async def test_a_button_of_a_message_that_was_deleted_is_answered_by_a_new_one(api):
    ann = api.person("ann")
    async with running(api):
        ann.sends("hello")
        await ann.next_reply()
        ann.presses_on_lost_message(9999, "v1:change")
        assert (await ann.next_reply()).text.startswith("changed\n")


async def test_an_edited_question_is_answered_in_place(api):
    ann = api.person("ann")
    async with running(api):
        asked = ann.sends("neck")
        first = await ann.next_reply()
        ann.edits(asked, "back")
        edited = await ann.next_edit()
    assert edited.message_id == first.message_id
    assert edited.text.startswith("2: back\n")


@pytest.mark.parametrize(
    ("kind", "lead"), [("voice", "a voice"), ("photo", "a photo"), ("sticker", "a sticker"), ("contact", "a other")]
)
async def test_a_message_without_words_is_answered(api, kind, lead):
    ann = api.person("ann")
    async with running(api):
        ann.sends_other(kind)
        assert (await ann.next_reply()).text.startswith(lead)


async def test_in_a_group_only_what_is_meant_for_the_bot_is_answered_and_as_a_reply(api):
    ann, group = api.person("ann"), api.group()
    async with running(api):
        ann.sends("what a day", chat=group.id)
        asked = ann.sends("/ask how long?", chat=group.id)
        answer = await ann.next_reply(chat=group.id)
        assert answer.text.startswith("1: /ask how long?\n")
        assert answer.reply_to["message_id"] == asked.message_id
    assert len(ann.replies(chat=group.id)) == 1


async def test_a_failure_of_ours_is_told_and_the_next_question_answered(api):
    boris = api.person("boris")
    async with running(api):
        boris.sends("break")
        assert (await boris.next_reply()).text.startswith("[ru] something went wrong: u")
        boris.sends("and now?")
        assert (await boris.next_reply()).text.startswith("1: and now?")


async def test_people_are_answered_side_by_side_and_each_in_order(api):
    people = [api.person(f"person{number}") for number in range(12)]
    async with running(api):
        for text in ("one", "two", "three"):
            for person in people:
                person.sends(text)
        for person in people:
            texts = [(await person.next_reply()).text.partition("\n")[0] for _ in range(3)]
            assert texts == ["1: one", "2: two", "3: three"]


async def called(api: LocalBotApi, method: str, times: int) -> None:
    """Waits until the bot has called a method so many times."""
    async with asyncio.timeout(10):
        ring = api.api.bell.next_ring()
        while sum(call.method == method for call in api.state.calls) < times:
            await ring
            ring = api.api.bell.next_ring()
        ring.cancel()


async def test_commands_and_profile_texts_are_set_once_and_not_again(api):
    async with running(api):
        await called(api, "setmyshortdescription", 2)
    writes = sorted(call.method for call in api.state.calls if call.method.startswith("setmy"))
    assert writes == sorted(["setmycommands", "setmydescription", "setmyshortdescription"] * 2)
    api.state.calls.clear()
    async with running(api):
        await called(api, "getmyshortdescription", 2)
    assert not [call.method for call in api.state.calls if call.method.startswith("setmy")]


async def test_a_refused_token_ends_the_bot_with_a_sentence(api):
    async with running(api) as bot:
        api.revoke_token()
        api.person("ann").sends("wake up")
        with pytest.raises(TokenRefused, match="BotFather"):
            await asyncio.wait_for(asyncio.shield(bot), 10)


async def test_updates_survive_faults_while_they_are_fetched_and_answered():
    plan = {
        "getupdates": [FaultKind.SERVER_ERROR, FaultKind.DROPPED_AFTER, FaultKind.BAD_GATEWAY],
        "sendmessage": [FaultKind.BAD_GATEWAY],
        "getme": [FaultKind.DROPPED_BEFORE],
    }
    async with LocalBotApi(faults=PlannedFaults(plan)) as api:
        ann = api.person("ann")
        ann.sends("first")
        async with running(api):
            assert (await ann.next_reply(seconds=30)).text.startswith("1: first")
        assert len(ann.replies()) == 1


async def test_what_waits_is_answered_after_a_restart_on_the_same_database(api, tmp_path):
    ann, url = api.person("ann"), f"sqlite:///{tmp_path}/bot.db"
    async with running(api, database_url=url):
        ann.sends("one")
        await ann.next_reply()
    ann.sends("two")
    async with running(api, database_url=url):
        assert (await ann.next_reply()).text.startswith("2: two")


async def test_a_second_copy_on_the_same_database_stands_by_and_takes_over(api, tmp_path):
    ann, url = api.person("ann"), f"sqlite:///{tmp_path}/bot.db"
    async with contextlib.AsyncExitStack() as second:
        async with running(api, database_url=url):
            stop = asyncio.Event()
            chosen = {"telegram_token": api.token, "telegram_api_url": api.url, "database_url": url}
            other = asyncio.create_task(run_bot(read_settings(None, **chosen), parts(), stop))
            second.push_async_callback(asyncio.wait, {other})
            second.callback(stop.set)
            ann.sends("one")
            assert (await ann.next_reply()).text.startswith("1: one")
        ann.sends("two")
        assert (await ann.next_reply(seconds=20)).text.startswith("2: two")
    assert not [refusal for refusal in api.refusals if refusal.code == 409]


async def test_updates_that_are_delivered_are_answered_too(free_port):
    async with LocalBotApi() as api:
        ann = api.person("ann")
        url = f"http://127.0.0.1:{free_port}/hook"
        async with running(api, webhook_url=url, webhook_secret="s3cret", webhook_port=free_port):
            ann.sends("hello")
            assert (await ann.next_reply()).text.startswith("1: hello")
        assert not any(call.method == "getupdates" for call in api.state.calls)
