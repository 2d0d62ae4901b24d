"""How are schedules, buttons and occurrences of reminders written down and read back?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from bot.known import Known, Memory
from bot.presses import Press
from bot.reminders import OccurrenceId, Reminder, ReminderState
from intents.schedule import Schedule

RUNNING: Final = frozenset({ReminderState.ACTIVE, ReminderState.PAUSED, ReminderState.BLOCKED})
"""States of a reminder that is still to come, or held."""
LONGEST_TEXT: Final = 300
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def press(act: str, argument: str = "") -> str:
    """What a button about reminders sends back."""
    return str(Press(act="rem", argument=f"{act}.{argument}"))


def written(schedule: Schedule) -> str:
    """A schedule as stored."""
    return orjson.dumps(schedule.to_json()).decode()


def read(stored: object) -> Schedule:
    """A stored schedule. Raises ValueError when it is not one of ours."""
    return Schedule.from_json(orjson.loads(str(stored)))


def data_of(reminder: Reminder) -> Mapping[str, Any]:
    """What we noted beside a reminder: its routine, the outcome of its check, the language it was set in."""
    data = orjson.loads(reminder.data or "{}")
    return data if isinstance(data, dict) else {}


def running(known: Known) -> list[Reminder]:
    """The person's reminders that are not over."""
    return [each for each in known.reminders if each.state in RUNNING and each.parent is None]


def zone_of(known: Known, memory: Memory, default: str) -> str:
    """The person's time zone, as stored or as said in this conversation; the host's where they gave none."""
    return zone_told(known, memory) or default


def zone_told(known: Known, memory: Memory) -> str | None:
    """The zone the person gave, if any."""
    stored = known.person.zone if known.person else None
    remembered = memory.get("zone")
    return stored or (remembered if isinstance(remembered, str) else None)


def occurrence_named(number: str, known: Known) -> OccurrenceId | None:
    """The occurrence a button names, if its reminder is this person's."""
    reminder_id, _, moment = number.rpartition("@")
    if known.reminder(reminder_id) is None or not moment.isascii() or not moment.isdigit() or len(moment) > 14:
        return None
    return OccurrenceId(reminder_id=reminder_id, due=_EPOCH + timedelta(milliseconds=int(moment)))
