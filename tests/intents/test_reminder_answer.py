"""The `reminder` object keeps the fields that outsiders rely on."""

from datetime import datetime
from typing import Any

import pytest

from intents.reminder_answer import reminder_json
from intents.when import understand

NOW = datetime.fromisoformat("2027-03-27T14:20:00+01:00")
ZONE = "Europe/Berlin"


def _answer(text: str) -> dict[str, Any] | None:
    return reminder_json(understand(text, now=NOW, zone=ZONE), now=NOW, zone=ZONE)


def test_a_course_shows_five_local_moments_its_end_and_its_count() -> None:
    assert _answer("every day at 20:00 for two weeks neck") == {
        "intent": "create",
        "kind": "recurring",
        "next_fires": [
            "2027-03-27T20:00:00+01:00",
            "2027-03-28T20:00:00+02:00",
            "2027-03-29T20:00:00+02:00",
            "2027-03-30T20:00:00+02:00",
            "2027-03-31T20:00:00+02:00",
        ],
        "until": "2027-04-09T20:00:00+02:00",
        "count": 14,
        "what": "neck",
        "message": "every day at 20:00, starting 27 March 2027, 14 times",
    }


def test_one_moment_has_no_end_and_no_count() -> None:
    answer = _answer("tomorrow 9:15 walk")
    assert answer is not None
    assert (answer["kind"], answer["until"], answer["count"]) == ("once", None, None)


@pytest.mark.parametrize(
    ("text", "intent", "kind"),
    [
        ("remind me to breathe", "create", "clarify"),
        ("remind me at 25:00", "create", "reject"),
        ("cancel the honey reminder", "cancel", None),
        ("stop", "cancel", None),
        ("show my reminders", "list", None),
        ("snooze for 10 minutes", "snooze", "once"),
        ("snooze", "snooze", "clarify"),
        ("move the massage to 20:00", "edit", "once"),
        ("pause my reminders for a week", "pause", None),
        ("resume my reminders", "resume", None),
    ],
)
def test_every_answer_has_its_intent_and_kind(text: str, intent: str, kind: str | None) -> None:
    answer = _answer(text)
    assert answer is not None
    assert (answer["intent"], answer["kind"]) == (intent, kind)


@pytest.mark.parametrize("text", ["how long is a course?", "done", "skip today"])
def test_what_sets_and_changes_no_reminder_has_no_answer(text: str) -> None:
    assert _answer(text) is None


def test_the_callers_message_is_kept() -> None:
    understood = understand("tomorrow 9:15 walk", now=NOW, zone=ZONE)
    answer = reminder_json(understood, now=NOW, zone=ZONE, message="Tomorrow at 9:15.")
    assert answer is not None
    assert answer["message"] == "Tomorrow at 9:15."
