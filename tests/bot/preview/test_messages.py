"""Sending, editing and deleting by Telegram's rules."""

import dataclasses
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image

from bot.preview import person_side
from bot.preview.parameters import Upload
from tests.bot.preview.conftest import Telegram

NOT_MODIFIED = "400 Bad Request: message is not modified"


def keyboard(*buttons: Mapping[str, object]) -> str:
    return json.dumps({"inline_keyboard": [list(buttons)]})


def send(telegram: Telegram, text: str = "words", **fields: object) -> dict[str, Any]:
    sent: dict[str, Any] = telegram.result("sendMessage", chat_id=telegram.ann.id, text=text, **fields)
    return sent


def refused(telegram: Telegram, **fields: object) -> str:
    return telegram.refusal("sendMessage", chat_id=telegram.ann.id, **{"text": "words", **fields})


def test_text_is_counted_in_code_points_after_parsing(telegram: Telegram) -> None:
    assert send(telegram, "<b>" + "😀" * 4096 + "</b>  \n", parse_mode="HTML")["text"] == "😀" * 4096
    assert refused(telegram, text="x" * 4097) == "400 Bad Request: message is too long"


def test_raw_text_is_counted_in_bytes(telegram: Telegram) -> None:
    assert refused(telegram, text="ё" * 16_385) == "400 Bad Request: text is too long"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "message text is empty"),
        (" \n ", "text must be non-empty"),
        ("<b> </b>", "text must be non-empty"),
    ],
)
def test_a_message_without_words_is_refused(telegram: Telegram, text: str, reason: str) -> None:
    assert refused(telegram, text=text, parse_mode="HTML") == f"400 Bad Request: {reason}"


def test_a_caption_is_shorter_than_a_text(telegram: Telegram) -> None:
    upload = {"photo": Upload(name="p.png", kind="image/png", content=png())}
    fields = {"chat_id": telegram.ann.id, "caption": "x" * 1025}
    assert telegram.call("sendPhoto", files=upload, **fields)["description"].endswith("message caption is too long")


def png() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (3, 2)).save(picture, "PNG")
    return picture.getvalue()


def test_an_uploaded_picture_has_its_size_and_can_be_sent_again(telegram: Telegram) -> None:
    upload = {"photo": Upload(name="p.png", kind="image/png", content=png())}
    sent = telegram.call("sendPhoto", files=upload, chat_id=telegram.ann.id)["result"]["photo"][-1]
    assert (sent["width"], sent["height"]) == (3, 2)
    assert telegram.result("sendPhoto", chat_id=telegram.ann.id, photo=sent["file_id"])["photo"][-1] == sent
    assert "wrong file identifier" in telegram.refusal("sendPhoto", chat_id=telegram.ann.id, photo="unknown")


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "x", "callback_data": "ё" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "url": "http://localhost"},
            "inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "web_app": {"url": "http://a.org"}},
            "inline keyboard button Web App URL 'http://a.org' is invalid: Only HTTPS links are allowed",
        ),
    ],
)
def test_wrong_buttons_are_refused(telegram: Telegram, button: dict[str, object], reason: str) -> None:
    assert refused(telegram, reply_markup=keyboard(button)) == f"400 Bad Request: {reason}"


def test_callback_data_may_fill_64_bytes(telegram: Telegram) -> None:
    assert send(telegram, reply_markup=keyboard({"text": "x", "callback_data": "ё" * 32}))["reply_markup"]


def test_buttons_without_words_vanish_and_none_left_is_no_keyboard(telegram: Telegram) -> None:
    empty = {"text": " ", "callback_data": "a"}
    kept = send(telegram, reply_markup=keyboard(empty, {"text": "x", "callback_data": "b"}))
    assert kept["reply_markup"] == {"inline_keyboard": [[{"text": "x", "callback_data": "b"}]]}
    assert "reply_markup" not in send(telegram, reply_markup=keyboard(empty))
    assert "reply_markup" not in send(telegram, reply_markup='{"inline_keyboard": []}')


@pytest.mark.parametrize(("rows", "columns"), [(1, 9), (26, 4)])
def test_too_many_buttons_are_refused(telegram: Telegram, rows: int, columns: int) -> None:
    row = [{"text": "x", "callback_data": "a"}] * columns
    markup = json.dumps({"inline_keyboard": [row] * rows})
    assert refused(telegram, reply_markup=markup) == "400 Bad Request: reply markup is too long"


def test_markup_that_is_no_json_is_refused(telegram: Telegram) -> None:
    assert refused(telegram, reply_markup="{").startswith("400 Bad Request: can't parse reply keyboard markup")


def test_an_edit_without_keyboard_removes_the_keyboard(telegram: Telegram) -> None:
    sent = send(telegram, reply_markup=keyboard({"text": "x", "callback_data": "a"}))
    where = {"chat_id": telegram.ann.id, "message_id": sent["message_id"]}
    edited = telegram.result("editMessageText", text="other", **where)
    assert edited["text"] == "other"
    assert "reply_markup" not in edited
    assert edited["edit_date"] == int(telegram.now)


def test_an_edit_that_changes_nothing_is_refused(telegram: Telegram) -> None:
    markup = keyboard({"text": "x", "callback_data": "a"})
    sent = send(telegram, "<b>words</b>", parse_mode="HTML", reply_markup=markup)
    where = {"chat_id": telegram.ann.id, "message_id": sent["message_id"]}
    same = telegram.refusal(
        "editMessageText",
        text="words \n",
        entities=json.dumps(sent["entities"]),
        reply_markup=markup,
        **where,
    )
    assert same.startswith(NOT_MODIFIED)
    assert telegram.refusal("editMessageReplyMarkup", reply_markup=markup, **where).startswith(NOT_MODIFIED)
    assert telegram.result("editMessageReplyMarkup", **where)["text"] == "words"


def test_edits_have_their_own_refusals(telegram: Telegram) -> None:
    sent = send(telegram)
    theirs = telegram.says(telegram.ann, "mine")
    ann = telegram.ann.id
    reply_keyboard = json.dumps({"keyboard": [["yes"]]})
    refusals = [
        telegram.refusal("editMessageText", chat_id=ann, message_id=999, text="x"),
        telegram.refusal("editMessageText", chat_id=ann, message_id=theirs.message_id, text="x"),
        telegram.refusal("editMessageText", chat_id=ann, message_id=sent["message_id"], text="x" * 4097),
        telegram.refusal(
            "editMessageText",
            chat_id=ann,
            message_id=sent["message_id"],
            text="x",
            reply_markup=reply_keyboard,
        ),
    ]
    assert [refusal.removeprefix("400 Bad Request: ") for refusal in refusals] == [
        "message to edit not found",
        "message can't be edited",
        "MESSAGE_TOO_LONG",
        "inline keyboard expected",
    ]


def test_a_message_is_deleted_once(telegram: Telegram) -> None:
    where = {"chat_id": telegram.ann.id, "message_id": send(telegram)["message_id"]}
    assert telegram.result("deleteMessage", **where) is True
    assert telegram.refusal("deleteMessage", **where) == "400 Bad Request: message to delete not found"


def test_messages_older_than_two_days_stay(telegram: Telegram) -> None:
    where = {"chat_id": telegram.ann.id, "message_id": send(telegram)["message_id"]}
    telegram.now += 48 * 3600 + 1
    assert telegram.refusal("deleteMessage", **where) == "400 Bad Request: message can't be deleted"


def test_a_reply_to_nothing_is_refused_unless_allowed(telegram: Telegram) -> None:
    assert (
        refused(telegram, reply_parameters='{"message_id": 999}') == "400 Bad Request: message to be replied not found"
    )
    lenient = '{"message_id": 999, "allow_sending_without_reply": true}'
    assert "reply_to_message" not in send(telegram, reply_parameters=lenient)
    first = send(telegram)
    assert (
        send(telegram, reply_to_message_id=first["message_id"])["reply_to_message"]["message_id"] == first["message_id"]
    )


def test_chats_that_cannot_be_reached_say_why(telegram: Telegram) -> None:
    def to(chat: object) -> str:
        return telegram.refusal("sendMessage", chat_id=chat, text="x")

    assert to("") == "400 Bad Request: chat_id is empty"
    assert to(12345) == to(telegram.boris.id) == to("nonsense") == "400 Bad Request: chat not found"
    telegram.says(telegram.boris, "/start", chat=telegram.group_id)
    assert to(telegram.boris.id) == "403 Forbidden: bot can't initiate conversation with a user"
    person_side.set_blocked(telegram.state, telegram.ann, blocked=True, now=telegram.now)
    assert to(telegram.ann.id) == "403 Forbidden: bot was blocked by the user"
    telegram.state.put_person(dataclasses.replace(telegram.ann, is_deactivated=True))
    assert to(telegram.ann.id) == "403 Forbidden: user is deactivated"
    person_side.set_bot_in_group(telegram.state, telegram.boris, telegram.group_id, "kicked", now=telegram.now)
    assert to(telegram.group_id) == "403 Forbidden: bot was kicked from the group chat"


def test_a_group_that_moved_names_its_new_id(telegram: Telegram) -> None:
    old = telegram.group_id
    new = person_side.upgrade_group(telegram.state, telegram.ann, old, now=telegram.now)
    answer = telegram.call("sendMessage", chat_id=old, text="x")
    assert answer["parameters"] == {"migrate_to_chat_id": new.id}
    assert telegram.result("sendMessage", chat_id=new.id, text="x")["chat"]["type"] == "supergroup"


def test_every_refusal_is_written_down(telegram: Telegram) -> None:
    refused(telegram, text="")
    telegram.refusal("noSuchMethod")
    listed = [(one.method, one.code, one.description) for one in telegram.state.refusals]
    assert listed == [
        ("sendMessage", 400, "Bad Request: message text is empty"),
        ("noSuchMethod", 404, "Not Found"),
    ]


def test_commands_and_links_are_marked_by_telegram_itself(telegram: Telegram) -> None:
    message = telegram.says(telegram.ann, "/ask@massage_preview_bot see https://example.org/a. and #neck")
    kinds = [(one["type"], one["offset"]) for one in message.content["entities"]]
    assert kinds == [("bot_command", 0), ("url", 29), ("hashtag", 56)]
