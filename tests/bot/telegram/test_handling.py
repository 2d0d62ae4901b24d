"""One update: what it changes, what is said, and that a person always hears when something fails."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram.error import BadRequest

from bot.changes import ChatBlocked, Handled, SaveDialog
from bot.incoming import Incoming, Say, Turn
from bot.intake import InboxItem, PutAside
from bot.known import NOTHING_KNOWN, Known
from bot.letters import Draft
from bot.people import Dialog, Remembered
from bot.telegram.handling import LONGEST_TEXT, MEMORY_KEPT, Handler, Words
from bot.telegram.signs import Signs
from bot.telegram.updates import Me
from bot.turnstile import PER_PERSON
from tests.bot.echo_bot import EchoConversation, on_failure, on_limit, reply
from tests.bot.telegram.conftest import ScriptedApi

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CANARY = "my knee and my secret"


class Memories:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.dialogs: dict[tuple[int, int], Dialog] = {}
        self.replies: dict[tuple[int, str], int] = {}

    async def remembered(self, chat_id: int, person_id: int) -> Remembered:
        return Remembered(dialog=self.dialogs.get((chat_id, person_id)))

    async def reply(self, chat_id: int, reply_key: str) -> int | None:
        return self.replies.get((chat_id, reply_key))

    def take(self, handled: Handled) -> None:
        for change in handled.changes:
            if isinstance(change, SaveDialog):
                self.dialogs[change.dialog.chat_id, change.dialog.person_id] = change.dialog


class Scene:
    """A handler with everything around it."""

    def __init__(self, conversation: Any = None) -> None:
        self.api = ScriptedApi()
        self.memories = Memories()
        self.signs = Signs(self.api, slow_seconds=60)
        words = Words(
            conversation=conversation or EchoConversation(),
            on_failure=on_failure,
            on_limit=on_limit,
            default_language="en",
        )
        me = Me(id=42, username="massage_preview_bot")
        self.handler = Handler(me=me, words=words, memories=self.memories, signs=self.signs, clock=lambda: NOW)

    async def after(self, body: Any, number: int = 255) -> Handled:
        text = body if isinstance(body, str) else json.dumps({"update_id": number} | body)
        item = InboxItem(update_id=number, chat_id=5, body=text, received=NOW, failures=0, claims=1, token="t")
        handled = await self.handler.handle(item)
        self.memories.take(handled)
        return handled


def said(text: str, *, kind: str = "message", language: str = "en", **fields: Any) -> dict[str, Any]:
    person = {"id": 5, "is_bot": False, "first_name": "Ann", "language_code": language}
    message = {"message_id": 3, "date": 1795176000, "chat": {"id": 5, "type": "private"}, "from": person, "text": text}
    return {kind: message | fields}


def pressed(data: str, query: str = "q1", **shown: Any) -> dict[str, Any]:
    person = {"id": 5, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 4, "date": 1795176000, "chat": {"id": 5, "type": "private"}, **shown}
    return {"callback_query": {"id": query, "from": person, "message": message, "data": data}}


def words(draft: Draft) -> str:
    return str(json.loads(draft.body)["text"]).partition("\n")[0]


async def test_what_is_remembered_comes_back_with_the_next_message():
    scene = Scene()
    first, second = await scene.after(said("a")), await scene.after(said("b"))
    assert [words(each.letters[0]) for each in (first, second)] == ["1: a", "2: b"]
    (change,) = second.changes
    assert isinstance(change, SaveDialog)
    assert change.dialog.expires == datetime.fromtimestamp(1795176000, UTC) + MEMORY_KEPT


async def test_a_damaged_memory_is_no_memory():
    scene = Scene()
    await scene.after(said("a"))
    for data, version in (("[1]", 1), ("{", 1), ('{"count": 7}', 99)):
        scene.memories.dialogs[5, 5] = Dialog(chat_id=5, person_id=5, step="", data=data, version=version, expires=NOW)
        assert words((await scene.after(said("b"))).letters[0]) == "1: b"


async def test_an_edit_changes_the_reply_in_its_place():
    scene = Scene()
    first = await scene.after(said("a"))
    scene.memories.replies[5, str(first.letters[0].reply_key)] = 77
    (letter,) = (await scene.after(said("b", kind="edited_message", edit_date=1795176005))).letters
    assert (letter.method, json.loads(letter.body)["message_id"]) == ("editMessageText", 77)


async def test_an_edit_before_the_reply_was_sent_is_answered_anew():
    (letter,) = (await Scene().after(said("b", kind="edited_message", edit_date=1795176005))).letters
    assert letter.method == "sendMessage"


async def test_a_press_is_answered_at_once_and_only_once_however_often_its_update_is_tried():
    scene = Scene()
    for _ in range(3):
        await scene.after(pressed("v1:more"))
    await scene.after(pressed("v1:more", query="q2"))
    await scene.signs.finish()
    assert scene.api.calls == [("answerCallbackQuery", {"callback_query_id": query}) for query in ("q1", "q2")]


@pytest.mark.parametrize(
    ("shown", "method"), [({"text": "a"}, "editMessageText"), ({"photo": [], "caption": "a"}, "sendMessage")]
)
async def test_a_press_below_a_file_is_answered_by_a_new_message_because_a_file_cannot_become_words(shown, method):
    (letter,) = (await Scene().after(pressed("v1:change", **shown))).letters
    assert letter.method == method


async def test_a_press_below_a_message_that_telegram_no_longer_shows_still_changes_it():
    (letter,) = (await Scene().after(pressed("v1:change", date=0))).letters
    assert letter.method == "editMessageText"


async def test_a_press_that_means_nothing_or_comes_too_late_is_answered_and_forgotten():
    scene = Scene()
    scene.api.plan["answerCallbackQuery"].append(BadRequest("Query is too old"))
    assert await scene.after({"callback_query": {"id": "q", "from": {"id": 5}, "game_short_name": "x"}}) == Handled()
    await scene.signs.finish()
    assert scene.api.methods() == ["answerCallbackQuery"]


@pytest.mark.parametrize("body", ["{", "[]", "null", '{"update_id": 1, "poll": {}}'])
async def test_what_asks_nothing_of_us_changes_nothing(body):
    assert await Scene().after(body) == Handled()


async def test_a_block_is_handed_on_to_the_store():
    member = {"chat": {"id": 5, "type": "private"}, "from": {"id": 5}, "new_chat_member": {"status": "kicked"}}
    assert (await Scene().after({"my_chat_member": member})).changes == (ChatBlocked(chat_id=5),)


@pytest.mark.parametrize("language", ["en", "ru", "ru-RU", "de"])
async def test_a_failure_is_told_to_the_person_with_a_number_and_logged_without_words(language, caplog):
    class Breaking(EchoConversation):
        def answer(self, incoming: Incoming, memory: Mapping[str, Any], known: Known = NOTHING_KNOWN) -> Turn:
            raise ValueError(CANARY)

    caplog.set_level(logging.DEBUG)
    handled = await Scene(Breaking()).after(said(CANARY, language=language))
    expected = "ru" if language.startswith("ru") else "en"
    assert words(handled.letters[0]) == f"[{expected}] something went wrong: uff"
    assert handled.changes == ()
    (record,) = caplog.records
    assert record.getMessage() == "failure uff: ValueError at update 255"


async def test_a_reply_that_cannot_be_written_is_a_failure_too():
    class TooLong(EchoConversation):
        def answer(self, incoming: Incoming, memory: Mapping[str, Any], known: Known = NOTHING_KNOWN) -> Turn:
            short = reply("x")
            return Turn(said=(Say(reply=replace(short, quotes=short.quotes * 80)),), memory={"a": 1})

    handled = await Scene(TooLong()).after(said("a"))
    assert "went wrong: uff" in words(handled.letters[0])
    assert handled.changes == ()


async def test_an_update_given_up_after_all_is_apologised_for():
    letter = Scene().handler.apology(PutAside(update_id=255, chat_id=5, error="TimeoutError"))
    assert letter is not None
    assert words(letter) == "[en] something went wrong: uff"
    assert Scene().handler.apology(PutAside(update_id=255, chat_id=0, error="TimeoutError")) is None


async def test_typing_is_shown_once_to_whoever_waits_long_and_never_to_who_does_not():
    api = ScriptedApi()
    signs = Signs(api, slow_seconds=0)
    signs.begin(1)
    signs.begin(1)
    signs.begin(2)
    signs.end(2)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await signs.finish()
    assert api.calls == [("sendChatAction", {"chat_id": 1, "action": "typing"})]


async def test_nobody_waits_where_nothing_will_be_said():
    scene = Scene()
    scene.signs = Signs(scene.api, slow_seconds=0)
    scene.handler._signs = scene.signs
    await scene.after(said("silence"))
    await asyncio.sleep(0)
    await scene.signs.finish()
    assert scene.api.calls == []


async def test_whoever_writes_very_much_is_told_once_and_others_are_answered():
    scene = Scene()
    handled = [await scene.after(said("again")) for _ in range(PER_PERSON.burst + 3)]
    assert [words(one.letters[0]) for one in handled[: PER_PERSON.burst + 1]][-2:] == [
        f"{PER_PERSON.burst}: again",
        "[en] too-many",
    ]
    assert [one.letters for one in handled[PER_PERSON.burst + 1 :]] == [(), ()]
    somebody = said("hello") | {}
    somebody["message"]["from"] = somebody["message"]["from"] | {"id": 6}
    assert words((await scene.after(somebody)).letters[0]).endswith("hello")


async def test_a_text_longer_than_telegram_takes_is_answered_kindly_and_not_read():
    scene = Scene()
    assert words((await scene.after(said("x" * (LONGEST_TEXT + 1)))).letters[0]) == "[en] too-long"
    assert words((await scene.after(said("x" * 3000))).letters[0]).startswith("1: x")
