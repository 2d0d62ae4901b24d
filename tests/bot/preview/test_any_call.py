"""Whatever a bot sends, Telegram answers: with a result or with a refusal, never with a crash."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.bot.preview.conftest import Telegram

FIELDS = {
    "sendMessage": ["chat_id", "text", "parse_mode", "entities", "reply_markup", "reply_parameters"],
    "sendPhoto": ["photo", "caption", "caption_entities"],
    "sendDocument": ["document", "reply_to_message_id"],
    "sendChatAction": ["action"],
    "editMessageText": ["message_id", "text", "entities", "reply_markup", "inline_message_id"],
    "editMessageCaption": ["message_id"],
    "editMessageReplyMarkup": ["message_id", "reply_markup"],
    "deleteMessage": ["message_id"],
    "deleteMessages": ["message_ids"],
    "answerCallbackQuery": ["callback_query_id", "text", "show_alert", "url"],
    "answerInlineQuery": ["results", "next_offset", "button", "cache_time", "is_personal"],
    "getUpdates": ["offset", "limit", "timeout", "allowed_updates"],
    "setWebhook": ["url", "secret_token", "max_connections", "allowed_updates"],
    "setMyCommands": ["commands", "scope", "language_code"],
    "setMyName": ["name", "language_code"],
    "setChatMenuButton": ["menu_button", "chat_id"],
    "getChat": ["chat_id"],
    "getChatMember": ["chat_id", "user_id"],
    "noSuchMethod": ["x"],
}
KEYS = [
    *("inline_keyboard", "keyboard", "text", "callback_data", "url", "web_app", "type", "offset"),
    "length",
    *("id", "title", "input_message_content", "message_text", "command", "description", "message_id"),
    *("chat_id", "user_id", "start_parameter", "copy_text", "reply_markup", "entities"),
]
WORDS = st.one_of(
    st.sampled_from(
        [
            "5000001",
            "1",
            "HTML",
            "<b>x</b>",
            "typing",
            "ru",
            "article",
            "chat",
            "commands",
            "http://[",
            "bold",
        ]
    ),
    st.text(max_size=8),
)
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(), st.floats(), st.booleans(), st.none(), st.just("\ud800")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=12,
)
CALLS = st.sampled_from([(method, field) for method, fields in FIELDS.items() for field in fields])


@given(CALLS, st.one_of(VALUES, VALUES.map(json.dumps)))
def test_any_call_is_answered(call: tuple[str, str], value: Any) -> None:
    method, field = call
    telegram = Telegram()
    telegram.says(telegram.ann, "hello")
    sent = telegram.result("sendMessage", chat_id=telegram.ann.id, text="x")
    usual = {"chat_id": telegram.ann.id, "message_id": sent["message_id"], "text": "y"}
    answer = telegram.call(method, **{**usual, field: value})
    assert answer["ok"] is (answer.get("error_code") is None)
    assert json.dumps(answer)


@given(VALUES)
def test_any_markup_is_shown_or_refused(markup: Any) -> None:
    telegram = Telegram()
    telegram.says(telegram.ann, "hello")
    answer = telegram.call("sendMessage", chat_id=telegram.ann.id, text="x", reply_markup=markup)
    assert answer["ok"] or answer["error_code"] == 400


@given(st.lists(VALUES, max_size=3))
def test_any_inline_results_are_offered_or_refused(results: list[Any]) -> None:
    answer = Telegram().call("answerInlineQuery", inline_query_id="1", results=results)
    assert answer["error_code"] == 400
