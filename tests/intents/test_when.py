"""Every sentence of `tests/conversations/reminders` means what stands beside it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

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
        walls.append(
            datetime.strptime(
                f"{full} {clock}", f"%Y-%m-%d {'%H:%M:%S' if clock.count(':') > 1 else '%H:%M'}"
            )
        )
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
