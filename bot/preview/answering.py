"""Answers of the bot to a pressed button and to an inline query."""

import dataclasses
import re
from typing import Any

from bot.preview.keyboards import checked_inline_keyboard
from bot.preview.message_text import entities_from_json, message_text
from bot.preview.parameters import Parameters
from bot.preview.refusal import Json, Refusal, bad_request
from bot.preview.telegram_state import TelegramState

PRESS_SECONDS = 15
INLINE_SECONDS = 10
LONGEST_ANSWER = 200
MOST_RESULTS = 50
LONGEST_ID_BYTES = 64
DEFAULT_CACHE_SECONDS = 300
LONGEST_CACHE_SECONDS = 86_400
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RESULT_KINDS = frozenset(
    [
        "article",
        "audio",
        "contact",
        "document",
        "game",
        "gif",
        "location",
        "mpeg4_gif",
        "photo",
        "sticker",
        "venue",
        "video",
        "voice",
    ]
)


def answer_callback_query(state: TelegramState, call: Parameters, now: float) -> bool:
    """Stop the spinner of a button, once and in time, perhaps with a word to the person."""
    press = state.presses.get(call.text("callback_query_id"))
    if press is None or press.answered_at is not None or now - press.pressed_at > PRESS_SECONDS:
        raise _too_old()
    text = call.text("text")
    if len(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    address = call.text("url")
    if address and not address.lower().startswith(("https://t.me/", "http://t.me/", "t.me/", "tg://")):
        raise bad_request("URL_INVALID")
    answer = {"text": text, "show_alert": call.flag("show_alert"), "url": address}
    answered = dataclasses.replace(press, answered_at=now, answer=answer)
    state.presses[press.id] = answered
    state.note("answered", {"press": answered.as_json()})
    return True


def answer_inline_query(state: TelegramState, call: Parameters, now: float) -> bool:
    """Offer results to a person who typed after the bot's name."""
    given = call.structure("results", "inline query results")
    if not isinstance(given, list):
        raise bad_request("can't parse inline query results: Expected an Array of InlineQueryResult")
    if len(given) > MOST_RESULTS:
        raise bad_request("too many inline query results specified")
    results = tuple(_checked_result(result) for result in given)
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    next_offset = call.text("next_offset")
    if len(next_offset.encode()) > LONGEST_ID_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = _checked_button(call.structure("button", "inline query results button"))
    query = state.inline_queries.get(call.text("inline_query_id"))
    if query is None or query.answered_at is not None or now - query.asked_at > INLINE_SECONDS:
        raise _too_old()
    answered = dataclasses.replace(query, answered_at=now, results=results, next_offset=next_offset, button=button)
    state.inline_queries[query.id] = answered
    kept = call.number("cache_time", DEFAULT_CACHE_SECONDS, least=0, most=LONGEST_CACHE_SECONDS)
    owner = query.person_id if call.flag("is_personal") else None
    state.inline_cache[(query.query, query.offset, owner)] = (now + kept, answered)
    state.note("inline_answer", {"inline_query": answered.as_json()})
    return True


def _too_old() -> Refusal:
    return bad_request("query is too old and response timeout expired or query ID is invalid")


def _checked_result(result: Any) -> Json:
    if not isinstance(result, dict) or str(result.get("type")) not in _RESULT_KINDS:
        raise bad_request("can't parse inline query result: Unallowed type specified")
    number = result.get("id")
    if not isinstance(number, str) or not 1 <= len(number.encode()) <= LONGEST_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if result["type"] != "article":
        raise bad_request("the local Bot API offers articles only")
    if not str(result.get("title", "")).strip():
        raise bad_request("can't parse inline query result: Title must be non-empty")
    markup = checked_inline_keyboard(result.get("reply_markup"))
    content = _checked_content(result.get("input_message_content"))
    return {**result, "input_message_content": content, "reply_markup": markup}


def _checked_content(content: Any) -> Json:
    if not isinstance(content, dict) or "message_text" not in content:
        raise bad_request("can't parse inline query result: Input message content is not specified")
    entities = content.get("entities")
    formatted = message_text(
        str(content["message_text"]),
        parse_mode=str(content.get("parse_mode") or ""),
        entities=entities_from_json(entities) if entities is not None else (),
    )
    return formatted.as_json()


def _checked_button(button: Any) -> Json | None:
    if button is None:
        return None
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad_request("can't parse inline query results button: Text must be non-empty")
    if "web_app" in button:
        return button
    if not _START_PARAMETER.fullmatch(str(button.get("start_parameter", ""))):
        raise bad_request("START_PARAM_INVALID")
    return button
