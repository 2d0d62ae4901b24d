"""Pressed buttons and inline queries: answered once, in time, within the limits."""

import json
from typing import Any

import pytest

from bot.preview import person_side
from bot.preview.records import InlineQuery, Press
from tests.bot.preview.conftest import Telegram

TOO_OLD = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
MARKUP = json.dumps({"inline_keyboard": [[{"text": "More", "callback_data": "v1:more:7"}]]})


def press(telegram: Telegram, data: str = "v1:more:7") -> Press:
    sent = telegram.result("sendMessage", chat_id=telegram.ann.id, text="x", reply_markup=MARKUP)
    return person_side.press(telegram.state, telegram.ann, telegram.ann.id, sent["message_id"], data, now=telegram.now)


def test_a_press_reaches_the_bot_with_its_message(telegram: Telegram) -> None:
    pressed = press(telegram)
    query = telegram.updates()[-1]["callback_query"]
    assert (query["id"], query["data"]) == (pressed.id, "v1:more:7")
    assert query["message"]["reply_markup"] == json.loads(MARKUP)


def test_a_button_spins_until_it_is_answered_and_only_once(telegram: Telegram) -> None:
    pressed = press(telegram)
    assert telegram.state.unanswered_presses() == [pressed]
    assert telegram.result("answerCallbackQuery", callback_query_id=pressed.id, text="done") is True
    assert telegram.state.unanswered_presses() == []
    assert telegram.refusal("answerCallbackQuery", callback_query_id=pressed.id) == TOO_OLD


def test_a_late_or_unknown_answer_is_refused(telegram: Telegram) -> None:
    pressed = press(telegram)
    telegram.now += 16
    assert telegram.refusal("answerCallbackQuery", callback_query_id=pressed.id) == TOO_OLD
    assert telegram.refusal("answerCallbackQuery", callback_query_id="1") == TOO_OLD


def test_an_answer_has_at_most_200_characters(telegram: Telegram) -> None:
    pressed = press(telegram)
    assert telegram.refusal("answerCallbackQuery", callback_query_id=pressed.id, text="x" * 201).startswith("400")
    assert telegram.result("answerCallbackQuery", callback_query_id=pressed.id, text="x" * 200)


def test_old_messages_and_foreign_data_can_be_pressed(telegram: Telegram) -> None:
    press(telegram, data="made-up")
    person_side.press_on_lost_message(telegram.state, telegram.ann, 3, "old", now=telegram.now)
    made_up, lost = (update["callback_query"] for update in telegram.updates()[-2:])
    assert made_up["data"] == "made-up"
    assert lost["message"]["date"] == 0


def ask(telegram: Telegram, query: str = "neck") -> InlineQuery:
    return person_side.ask_inline(telegram.state, telegram.ann, query, now=telegram.now)


def article(number: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "article",
        "id": number,
        "title": "T",
        "input_message_content": {"message_text": "words"},
        **more,
    }


def answer(telegram: Telegram, asked: InlineQuery, *results: dict[str, Any], **fields: Any) -> str:
    body = telegram.call("answerInlineQuery", inline_query_id=asked.id, results=json.dumps(results), **fields)
    return str(body.get("description", "ok")).removeprefix("Bad Request: ")


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ([article(str(number)) for number in range(51)], "too many inline query results specified"),
        ([article("x" * 65)], "RESULT_ID_INVALID"),
        ([article("")], "RESULT_ID_INVALID"),
        ([article("1"), article("1")], "RESULT_ID_DUPLICATE"),
        ([article("1", title="")], "can't parse inline query result: Title must be non-empty"),
        (
            [article("1", input_message_content=None)],
            "can't parse inline query result: Input message content is not specified",
        ),
        ([article("1", input_message_content={"message_text": "x" * 4097})], "message is too long"),
    ],
)
def test_wrong_results_are_refused(telegram: Telegram, results: list[dict[str, Any]], reason: str) -> None:
    assert answer(telegram, ask(telegram), *results) == reason


def test_next_offset_and_start_parameter_are_bounded(telegram: Telegram) -> None:
    asked = ask(telegram)
    assert answer(telegram, asked, next_offset="x" * 65) == "NEXT_OFFSET_INVALID"
    assert answer(telegram, asked, button='{"text": "x", "start_parameter": "a b"}') == "START_PARAM_INVALID"
    assert answer(telegram, asked, button='{"text": "x", "start_parameter": "a-b_1"}') == "ok"


def test_a_late_inline_answer_is_refused(telegram: Telegram) -> None:
    asked = ask(telegram)
    telegram.now += 11
    assert f"400 Bad Request: {answer(telegram, asked, article('1'))}" == TOO_OLD


def test_an_answer_is_cached_for_everybody_for_300_seconds(telegram: Telegram) -> None:
    assert answer(telegram, ask(telegram), article("1")) == "ok"
    again = person_side.ask_inline(telegram.state, telegram.boris, "neck", now=telegram.now + 299)
    assert [one["id"] for one in again.results] == ["1"]
    later = person_side.ask_inline(telegram.state, telegram.boris, "neck", now=telegram.now + 301)
    assert later.results == ()


@pytest.mark.parametrize("fields", [{"is_personal": "true"}, {"cache_time": "0"}])
def test_personal_or_uncached_answers_are_not_shown_to_others(telegram: Telegram, fields: dict[str, str]) -> None:
    answer(telegram, ask(telegram), article("1"), **fields)
    other = person_side.ask_inline(telegram.state, telegram.boris, "neck", now=telegram.now)
    assert other.answered_at is None


def test_a_chosen_result_is_sent_via_the_bot_and_can_be_edited(telegram: Telegram) -> None:
    asked = ask(telegram)
    answer(telegram, asked, article("1", reply_markup=json.loads(MARKUP)))
    sent = person_side.choose_inline(telegram.state, telegram.ann, asked.id, "1", telegram.group_id, now=telegram.now)
    assert sent.text == "words"
    assert sent.via_bot is not None
    number = sent.inline_message_id
    assert telegram.result("editMessageText", inline_message_id=number, text="other") is True
    shown = telegram.state.message(telegram.group_id, sent.message_id)
    assert shown is not None
    assert shown.text == "other"
