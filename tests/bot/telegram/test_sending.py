"""Letters: what is written, and what each refusal of Telegram means."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot import delivery
from bot.incoming import Change, Say
from bot.letters import Draft, Lane, Letter, Sent
from bot.reply import Choice
from bot.telegram.request import AnswerLost, NotSent, PoolFull, ServerFault, UnreadableAnswer
from bot.telegram.sending import Sender, failure, written
from tests.bot.echo_bot import reply
from tests.bot.telegram.conftest import ScriptedApi

pytestmark = pytest.mark.anyio
CHOICES = ((Choice(label="More", press="v1:more"),), (Choice(label="Next", press="v1:next:ё"),))


def letter(draft: Draft) -> Letter:
    created = datetime(2026, 11, 20, tzinfo=UTC)
    return Letter(
        id="1", chat_id=draft.chat_id, lane=Lane.INTERACTIVE, method=draft.method, body=draft.body, created=created
    )


def test_a_reply_becomes_a_message_without_previews_with_its_buttons():
    draft = written(Say(reply=reply("a < b", choices=CHOICES), to=9), chat=5, reply_key="to:9")
    fields = orjson.loads(draft.body)
    assert (draft.chat_id, draft.method, draft.reply_key) == (5, "sendMessage", "to:9")
    assert fields["text"].startswith("a &lt; b\n\n<blockquote expandable>")
    assert fields["parse_mode"] == "HTML"
    assert fields["link_preview_options"] == {"is_disabled": True}
    assert fields["reply_parameters"] == {"message_id": 9, "allow_sending_without_reply": True}
    assert fields["reply_markup"]["inline_keyboard"] == [
        [{"text": "More", "callback_data": "v1:more"}],
        [{"text": "Next", "callback_data": "v1:next:ё"}],
    ]


def test_the_chat_is_not_written_into_the_letter_because_it_may_move():
    assert "chat_id" not in orjson.loads(written(Say(reply=reply("x")), chat=5).body)


def test_a_change_without_buttons_takes_the_old_ones_away():
    draft = written(Change(reply=reply("x"), message=7), chat=5)
    assert draft.method == "editMessageText"
    assert orjson.loads(draft.body)["message_id"] == 7
    assert "reply_markup" not in orjson.loads(draft.body)


TABLE = [
    (RetryAfter(7), delivery.RetryLater),
    (ChatMigrated(-1009), delivery.ChatMigrated),
    (InvalidToken("Unauthorized"), delivery.Unauthorised),
    (Forbidden("Forbidden: bot was blocked by the user"), delivery.ChatGone),
    (Forbidden("Forbidden: user is deactivated"), delivery.ChatGone),
    (Forbidden("Forbidden: bot can't initiate conversation with a user"), delivery.ChatGone),
    (Forbidden("Forbidden: bot was kicked from the supergroup chat"), delivery.ChatGone),
    (BadRequest("Chat not found"), delivery.ChatGone),
    (BadRequest("Have no rights to send a message"), delivery.ChatGone),
    (BadRequest("Message is too long"), delivery.PermanentRefusal),
    (BadRequest("BUTTON_DATA_INVALID"), delivery.PermanentRefusal),
    (BadRequest("Something new"), delivery.PermanentRefusal),
    (NetworkError("Request Entity Too Large"), delivery.PermanentRefusal),
    (Conflict("Conflict"), delivery.Unreachable),
    (NotSent("no connection"), delivery.Unreachable),
    (PoolFull("busy"), delivery.Unreachable),
    (ServerFault(502), delivery.Unreachable),
    (ServerFault(503), delivery.Unreachable),
    (ServerFault(500), delivery.Ambiguous),
    (ServerFault(504), delivery.Ambiguous),
    (TimedOut(), delivery.Ambiguous),
    (AnswerLost("reset"), delivery.Ambiguous),
    (UnreadableAnswer(b"<html>"), delivery.Ambiguous),
    (TelegramError("odd"), delivery.Ambiguous),
]


@pytest.mark.parametrize(("error", "expected"), TABLE)
async def test_each_failure_has_its_class(error, expected):
    with pytest.raises(expected) as caught:
        await Sender(ScriptedApi(sendMessage=[error])).send(letter(written(Say(reply=reply("x")), chat=5)))
    assert type(caught.value) is expected


def test_how_long_to_wait_and_where_a_chat_went_come_along():
    waiting, moved = failure(RetryAfter(7)), failure(ChatMigrated(-1009))
    assert isinstance(waiting, delivery.RetryLater)
    assert waiting.seconds == 7
    assert isinstance(moved, delivery.ChatMigrated)
    assert moved.new_id == -1009


async def test_a_sent_message_tells_its_number():
    api = ScriptedApi(sendMessage=[{"message_id": 12}])
    assert await Sender(api).send(letter(written(Say(reply=reply("x")), chat=5))) == Sent(message_id=12)
    assert api.calls[0][1]["chat_id"] == 5


@pytest.mark.parametrize(
    "text", ["Message is not modified: specified new message content", "Query is too old and so on"]
)
async def test_what_is_done_already_is_success(text):
    api = ScriptedApi(editMessageText=[BadRequest(text)])
    assert await Sender(api).send(letter(written(Change(reply=reply("x"), message=7), chat=5))) == Sent(message_id=7)


async def test_html_that_telegram_cannot_read_goes_once_as_plain_text():
    unreadable = BadRequest("Can't parse entities: unsupported start tag")
    api = ScriptedApi(sendMessage=[unreadable, {"message_id": 3}])
    sender = Sender(api)
    await sender.send(letter(written(Say(reply=reply("a < b & c")), chat=5)))
    second = api.calls[1][1]
    assert "parse_mode" not in second
    assert second["text"].startswith("a < b & c\n\nIt repeats <what> it hears & counts.")
    assert sender.sent_as_plain_text == 1
    api.plan["sendMessage"].extend([unreadable, unreadable])
    with pytest.raises(delivery.PermanentRefusal):
        await sender.send(letter(written(Say(reply=reply("x")), chat=5)))
    assert len(api.calls) == 4


async def test_a_change_of_a_message_that_is_gone_is_said_anew():
    api = ScriptedApi(editMessageText=[BadRequest("Message to edit not found")], sendMessage=[{"message_id": 8}])
    assert await Sender(api).send(letter(written(Change(reply=reply("x"), message=7), chat=5))) == Sent(message_id=8)
    assert api.methods() == ["editMessageText", "sendMessage"]
    assert "message_id" not in api.calls[1][1]


async def test_whoever_waits_is_told_when_a_letter_is_over_sent_or_not():
    over = []
    sender = Sender(ScriptedApi(sendMessage=[TimedOut()]), on_done=over.append)
    with pytest.raises(delivery.Ambiguous):
        await sender.send(letter(written(Say(reply=reply("x")), chat=5)))
    await sender.send(letter(written(Say(reply=reply("x")), chat=6)))
    assert over == [5, 6]
