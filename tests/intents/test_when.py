"""Every sentence of `tests/conversations/reminders` means what stands beside it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.findings import LONGEST_TEXT, findings
from intents.reminder_answer import reminder_json
from intents.schedule import Schedule
from intents.when import (
    AskBack,
    Command,
    Impossible,
    NotAReminder,
    SetReminder,
    Understood,
    looks_like_reminder,
    understand,
)
from intents.when_words import lexicon

CASES = Path(__file__).parents[1] / "conversations" / "reminders"
FEWEST_SENTENCES = 430
FEWEST_RUSSIAN = 130
FEWEST_NEGATIVE = 80


def _cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(CASES.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        document = yaml.load(text, Loader=yaml.BaseLoader)
        root: Any = yaml.compose(text)
        nodes = next(value for key, value in root.value if key.value == "cases").value
        for node, case in zip(nodes, document["cases"], strict=True):
            common = {"now": document["now"], "zone": document["zone"]}
            fields = {"says": case, "not": True} if isinstance(case, str) else case
            yield f"{path.stem}.yaml:{node.start_mark.line + 1}", common | fields


ALL = list(_cases())


def _understood(case: dict[str, Any]) -> Understood:
    now = datetime.fromisoformat(case["now"])
    return understand(case["says"], now=now, zone=case["zone"], context=case.get("context", ()))


def _walls(text: str, case: dict[str, Any]) -> list[datetime]:
    """Return the local times of "2-10 9:00, 2028-1-5 9:00", in the year of now unless one is given."""
    year = case["now"][:4]
    walls = []
    for each in text.split(", "):
        day, clock = each.split(" ")
        full = day if day.count("-") == 2 else f"{year}-{day}"
        year_month_day = [int(each) for each in full.split("-")]
        seconds = sum(int(each) * unit for each, unit in zip(clock.split(":"), (3600, 60, 1), strict=False))
        walls.append(datetime.combine(date(*year_month_day), time()) + timedelta(seconds=seconds))
    return walls


def _local(moments: list[datetime], case: dict[str, Any]) -> list[datetime]:
    return [moment.astimezone(ZoneInfo(case["zone"])).replace(tzinfo=None, fold=0) for moment in moments]


def _check_schedule(schedule: Schedule | None, case: dict[str, Any]) -> None:
    assert schedule is not None
    expected = _walls(case.get("fires") or case["once"], case)
    now = datetime.fromisoformat(case["now"])
    assert _local(schedule.moments(now, len(expected)), case) == expected
    assert schedule.repeats == ("fires" in case)
    if "count" in case:
        assert schedule.ends is not None
        assert schedule.ends.count == int(case["count"])
    elif "fires" in case:
        assert schedule.ends is None


@pytest.mark.parametrize("case", [pytest.param(case, id=place) for place, case in ALL])
def test_a_sentence_means_what_stands_beside_it(case: dict[str, Any]) -> None:
    understood = _understood(case)
    match understood:
        case NotAReminder():
            assert "not" in case
        case SetReminder(schedule=schedule, note=note):
            assert not {"asks", "impossible", "not", "command"} & case.keys(), understood
            _check_schedule(schedule, case)
            assert "note" not in case or (note is not None and note.value == case["note"])
        case AskBack(question=question, candidates=candidates):
            assert question.value == case.get("asks"), understood
            offered = [candidate.after(datetime.fromisoformat(case["now"])) for candidate in candidates]
            if "could" in case:
                assert _local([each for each in offered if each], case) == _walls(case["could"], case)
        case Impossible(reason=reason):
            assert reason.value == case.get("impossible"), understood
        case Command():
            _check_command(understood, case)
    if "what" in case:
        assert getattr(understood, "what", None) == case["what"]


def _check_command(command: Command, case: dict[str, Any]) -> None:
    assert command.kind.value == case.get("command"), command
    assert (command.question.value if command.question else None) == case.get("asks")
    assert case.get("target", "") in command.target
    if "at" in case:
        assert command.moment is not None
        assert _local([command.moment], case) == _walls(case["at"], case)
    if "fires" in case or "once" in case:
        _check_schedule(command.schedule, case)


@pytest.mark.parametrize("case", [pytest.param(case, id=place) for place, case in ALL])
def test_the_gate_agrees_with_what_is_understood(case: dict[str, Any]) -> None:
    assert looks_like_reminder(case["says"], context=case.get("context", ())) == ("not" not in case)


def test_there_are_enough_sentences_of_each_kind() -> None:
    said = [case["says"] for _, case in ALL]
    russian = [text for text in said if any("а" <= letter <= "я" for letter in text.lower())]
    negative = [case for _, case in ALL if "not" in case]
    assert len(set(said)) >= FEWEST_SENTENCES
    assert len(russian) >= FEWEST_RUSSIAN
    assert len(negative) >= FEWEST_NEGATIVE


KNOWN_WORDS = sorted(
    {*lexicon().forms, *(" ".join(words) for each in lexicon().sequences.values() for words, _ in each)}
)
NUMBERS = [
    "0",
    "1",
    "3",
    "8",
    "13",
    "31",
    "99",
    "999999999",
    "8:30",
    "24:00",
    "25:61",
    "03/04",
    "3.4",
    "12.10.2027",
    "1-го",
    "5th",
]
WORDS = st.sampled_from(KNOWN_WORDS) | st.sampled_from([*NUMBERS, ",", "-", "?", "neck", "шея"])
NOWS = st.datetimes(datetime(2026, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(WORDS, max_size=9).map(" ".join), NOWS, st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "UTC"]))
@settings(deadline=None, max_examples=400)
def test_no_words_in_no_order_break_it_and_nothing_is_set_in_the_past(text: str, now: datetime, zone: str) -> None:
    for context in ((), ("every day at 20:00 neck", "⏰ Neck")):
        understood = understand(text, now=now, zone=zone, context=context)
        answer = reminder_json(understood, now=now, zone=zone)
        if isinstance(understood, SetReminder):
            assert answer is not None
            assert answer["next_fires"]
            assert all(datetime.fromisoformat(each) > now for each in answer["next_fires"])


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_understood_or_let_through(text: str) -> None:
    understand(text, now=datetime(2027, 2, 10, tzinfo=UTC), zone="UTC")


def test_a_long_text_takes_no_longer_than_a_short_one() -> None:
    """Only the beginning of a very long message is read."""
    text = "every 2 hours from 9 to 17 " * 5_000
    assert findings(text).text == text[:LONGEST_TEXT]


@pytest.mark.parametrize("zone", ["Mars/Olympus", ""])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        understand("18:00 tea", now=datetime(2027, 2, 10, tzinfo=UTC), zone=zone)


def test_now_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        understand("18:00 tea", now=datetime(2027, 2, 10), zone="UTC")  # noqa: DTZ001
