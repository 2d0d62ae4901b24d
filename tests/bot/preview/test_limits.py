"""The flood limits: one chat, all chats, one group; who is refused waits before the next call."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from bot.preview.limits import FloodGate, Rates
from tests.bot.preview.conftest import Telegram


def test_a_chat_takes_a_short_burst_and_then_one_a_second() -> None:
    gate = FloodGate(Rates(chat_burst=3))
    assert [gate.pause_before(1, is_group=False, now=0) for _ in range(4)] == [0, 0, 0, 1]
    assert gate.pause_before(1, is_group=False, now=0.5) == 1
    assert gate.pause_before(1, is_group=False, now=1) == 0
    assert gate.pause_before(2, is_group=False, now=1) == 0


def test_all_chats_together_take_thirty_a_second() -> None:
    gate = FloodGate()
    assert {gate.pause_before(chat, is_group=False, now=0) for chat in range(30)} == {0}
    assert gate.pause_before(31, is_group=False, now=0) == 1
    assert gate.pause_before(32, is_group=False, now=1) == 0


def test_a_group_takes_twenty_a_minute() -> None:
    gate = FloodGate()
    assert {gate.pause_before(-1, is_group=True, now=second * 2) for second in range(20)} == {0}
    assert gate.pause_before(-1, is_group=True, now=40) == 20
    assert gate.pause_before(-1, is_group=True, now=60) == 0


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 2)), max_size=80))
def test_whoever_waits_as_asked_is_let_through(steps: list[tuple[int, float]]) -> None:
    gate = FloodGate()
    now = 0.0
    for chat, later in steps:
        now += later
        pause = gate.pause_before(chat, is_group=False, now=now)
        if pause:
            now += pause
            assert gate.pause_before(chat, is_group=False, now=now) == 0


def test_the_refusal_names_the_pause(flooded: Callable[[], Telegram]) -> None:
    telegram = flooded()
    answers = [telegram.call("sendMessage", chat_id=telegram.ann.id, text="x") for _ in range(4)]
    assert [answer["ok"] for answer in answers] == [True, True, True, False]
    assert answers[-1]["description"] == "Too Many Requests: retry after 1"
    assert answers[-1]["parameters"] == {"retry_after": 1}
    assert telegram.result("sendMessage", chat_id=telegram.boris.id, text="x")
