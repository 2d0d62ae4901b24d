"""How is an understood reminder told to a program? The `reminder` object of the batch command."""

from datetime import datetime
from typing import Any, Final, assert_never

from intents.schedule import Instant, Schedule, known_zone
from intents.understood import (
    AskBack,
    Command,
    CommandKind,
    Impossible,
    NotAReminder,
    SetReminder,
    Understood,
)

FIRES_SHOWN: Final = 5
INTENTS: Final = {
    CommandKind.CANCEL: "cancel",
    CommandKind.STOP: "cancel",
    CommandKind.LIST: "list",
    CommandKind.SNOOZE: "snooze",
    CommandKind.EDIT: "edit",
    CommandKind.PAUSE: "pause",
    CommandKind.RESUME: "resume",
}


def reminder_json(understood: Understood, *, now: datetime, zone: str, message: str = "") -> dict[str, Any] | None:
    """Return intent, kind, next_fires (up to five, local ISO 8601 with offset), until, count, what, message.

    None for a message that is no reminder, and for "done" and "skip", which change no reminder.
    """
    match understood:
        case SetReminder(schedule=schedule, what=what):
            return _answer("create", schedule=schedule, now=now, what=what, message=message or str(schedule))
        case AskBack(question=question, what=what):
            return _answer("create", kind="clarify", what=what, message=message or question.value)
        case Impossible(reason=reason, what=what):
            return _answer("create", kind="reject", what=what, message=message or reason.value)
        case Command():
            return _command(understood, now=now, zone=zone, message=message)
        case NotAReminder():
            return None
        case _:
            assert_never(understood)


def _command(command: Command, *, now: datetime, zone: str, message: str) -> dict[str, Any] | None:
    intent = INTENTS.get(command.kind)
    if intent is None:
        return None
    schedule = command.schedule
    if command.kind is CommandKind.SNOOZE and command.moment is not None:
        schedule = Schedule(rule=Instant(at=command.moment), zone=zone)
    kind = "clarify" if command.question else None
    return _answer(intent, kind=kind, schedule=schedule, now=now, what=command.target, message=message)


def _answer(
    intent: str,
    *,
    kind: str | None = None,
    schedule: Schedule | None = None,
    now: datetime | None = None,
    what: str = "",
    message: str = "",
) -> dict[str, Any]:
    fires: list[str] = []
    until = count = None
    if schedule is not None and now is not None:
        zone = known_zone(schedule.zone)
        kind = "recurring" if schedule.repeats else "once"
        fires = [moment.astimezone(zone).isoformat() for moment in schedule.moments(now, FIRES_SHOWN)]
        if schedule.repeats and schedule.ends is not None:
            until = schedule.ends.last.astimezone(zone).isoformat()
            count = schedule.ends.count
    return {
        "intent": intent,
        "kind": kind,
        "next_fires": fires,
        "until": until,
        "count": count,
        "what": what,
        "message": message,
    }
