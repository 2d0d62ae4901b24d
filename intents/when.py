"""What does "every weekday at 8:30 for two weeks" mean, or what has to be asked back?

English and Russian. A message becomes pieces (`when_words`), phrases join them to findings (`findings`), the
findings become a schedule (`timing`). Nothing is guessed: an hour that may be morning or evening is asked
for, and so is a time that is missing; a past or impossible one is refused.
"""

from collections.abc import Sequence
from datetime import datetime

from intents.commands import command_in
from intents.findings import findings
from intents.gate import is_about_reminders
from intents.schedule import known_zone
from intents.timing import outcome
from intents.understood import (
    AskBack,
    Command,
    CommandKind,
    Impossible,
    NotAReminder,
    Note,
    Question,
    SetReminder,
    Understood,
)

__all__ = [
    "AskBack",
    "Command",
    "CommandKind",
    "Impossible",
    "NotAReminder",
    "Note",
    "Question",
    "SetReminder",
    "Understood",
    "looks_like_reminder",
    "understand",
]


def understand(
    text: str, *, now: datetime, zone: str, language: str | None = None, context: Sequence[str] = ()
) -> Understood:
    """Return what a message means for reminders.

    `now` is aware; "today" is meant in `zone` (IANA). `context` are the earlier turns, oldest first: they
    tell a snooze from a new reminder and what an edit changes. Both languages are read whatever `language`
    says.

    Raises ValueError for an unknown zone or a naive `now`.
    """
    known_zone(zone)
    if now.tzinfo is None:
        raise ValueError("now must carry its offset")
    found = findings(text)
    if not looks_like_reminder(text, language, context):
        return NotAReminder()
    return command_in(found, now=now, zone=zone, context=context) or outcome(found, now=now, zone=zone)


def looks_like_reminder(text: str, language: str | None = None, context: Sequence[str] = ()) -> bool:
    """Whether a message sets or steers a reminder, unlike a question about massage with a time in it."""
    del language  # both languages are always read: people mix them
    return is_about_reminders(findings(text), context)
