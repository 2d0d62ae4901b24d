"""What an update means: cases by hand, and the law that no JSON whatever makes reading fail."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.changes import ChatBack, ChatBlocked, ChatMoved
from bot.incoming import Incoming, Located, Pressed, Sent, Typed
from bot.telegram.updates import Me, happening, incoming, lane_of, loads, number_of, press_to_answer

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ME = Me(id=42, username="massage_preview_bot")
CASES = yaml.safe_load((Path(__file__).parent / "updates.yaml").read_text("utf-8"))


def told(what: object) -> Any:
    """A happening in the words of updates.yaml."""
    match what:
        case Incoming(act=Typed(text=text, edited=edited)):
            return {"edited" if edited else "typed": text}
        case Incoming(act=Pressed(press=press)):
            return {"pressed": press}
        case Incoming(act=Located(latitude=latitude, longitude=longitude)):
            return {"located": [latitude, longitude]}
        case Incoming(act=Sent(kind=kind)):
            return {"sent": kind.value}
        case ChatBlocked(chat_id=chat):
            return {"blocked": chat}
        case ChatBack(chat_id=chat):
            return {"back": chat}
        case ChatMoved(chat_id=chat, new_id=new):
            return {"moved": [chat, new]}
        case _:
            return None


@pytest.mark.parametrize("case", CASES, ids=[case["about"] for case in CASES])
def test_an_update_means(case):
    update = loads(json.dumps({"update_id": 7, **case["update"]}))
    assert told(happening(update, me=ME, now=NOW)) == case["means"]
    if "lane" in case:
        assert lane_of(update) == case["lane"]


def typed(**fields: object) -> dict[str, Any]:
    chat, sender = (
        {"id": 5, "type": "private"},
        {"id": 5, "is_bot": False, "first_name": "Ann", "language_code": "pt-br"},
    )
    return {"update_id": 7, "message": {"message_id": 3, "date": 1795176000, "chat": chat, "from": sender} | fields}


def test_who_when_and_where_come_along():
    assert incoming(typed(text="hello"), me=ME, now=NOW) == Incoming(
        chat=5,
        person=5,
        door=incoming(typed(text="x"), me=ME, now=NOW).door,
        act=Typed(text="hello"),
        message=3,
        at=datetime.fromtimestamp(1795176000, UTC),
        language_code="pt-br",
        name="Ann",
        bot=ME.username,
    )


def test_half_characters_reach_nobody():
    found = incoming(
        loads(b'{"update_id": 1, "message": ' + json.dumps(typed(text="a \ud83d b")["message"]).encode() + b"}"),
        me=ME,
        now=NOW,
    )
    assert found.act.text.encode() == "a \ufffd b".encode()


def test_every_pressed_button_is_answered_even_one_that_means_nothing():
    assert press_to_answer({"callback_query": {"id": "9", "from": {"id": 1}}}) == "9"
    assert press_to_answer(typed(text="x")) is None


@pytest.mark.parametrize("number", [0, -5, "7", None, True, 2**64, 1.5])
def test_what_cannot_be_confirmed_has_no_number(number):
    assert number_of({"update_id": number}) is None


PARTS = st.sampled_from(
    "update_id message edited_message callback_query my_chat_member chat from id type private group text caption date"
    " edit_date location latitude longitude data reply_to_message new_chat_member status migrate_to_chat_id is_bot"
    " message_id first_name language_code voice".split()
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["private", "kicked", "/x"])
)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PARTS | st.text(max_size=4), inner, max_size=8),
    max_leaves=30,
)
SHAPED = st.fixed_dictionaries(
    {},
    optional={
        "message": st.fixed_dictionaries(
            {"chat": st.fixed_dictionaries({"id": LEAVES, "type": LEAVES})},
            optional={"from": ANY_JSON, "text": LEAVES, "date": LEAVES, "message_id": LEAVES, "location": ANY_JSON},
        ),
        "callback_query": st.fixed_dictionaries({"message": ANY_JSON, "from": ANY_JSON, "data": LEAVES}),
        "my_chat_member": ANY_JSON,
        "edited_message": ANY_JSON,
    },
)


@given(ANY_JSON | SHAPED)
def test_no_json_makes_reading_fail(update):
    happening(update, me=ME, now=NOW)
    assert lane_of(update) < 2**63
    number_of(update)
    press_to_answer(update)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("text", "caption", "date", "message_id", "from", "chat", "voice"), LEAVES)
    )
)
def test_no_field_of_a_message_makes_reading_fail(fields):
    incoming(typed(**fields), me=ME, now=NOW)


@given(st.binary() | st.text())
def test_no_bytes_make_reading_fail(body):
    loads(body)


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "1" * 10_000, '"\\ud800"', "NaN", ""])
def test_hostile_json_is_read_or_is_nothing(body):
    loads(body)
    loads(body.encode())


@given(st.text(alphabet=st.characters(), min_size=1))
def test_whatever_is_read_can_be_encoded(text):
    found = incoming(typed(text=text), me=ME, now=NOW)
    if found is not None and isinstance(found.act, Typed):
        found.act.text.encode()
