"""What may handling an update change?

A closed union: the store applies every change in the one transaction that also ends the update and stores
its letters. Each change of a reminder names the person who asked, and touches nothing that is not theirs.
Every change but a vote can be applied twice with the same result as once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from bot.letters import Draft
    from bot.people import Dialog, Person
    from bot.reminders import OccurrenceId, OccurrenceState, Reminder
    from bot.reports import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePerson:
    """Writes what is known of a person, in place of what was; the day of first meeting is kept."""

    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson:
    """Forgets a person: every row of theirs. Updates that still wait are handled, and then gone too."""

    person_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDialog:
    """Writes where the conversation stands, in place of what was."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDialog:
    """Forgets where the conversation stood."""

    chat_id: int
    person_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReminder:
    """Stores a new reminder under the id its maker chose. An id that exists already changes nothing."""

    reminder: Reminder


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReminder:
    """Gives a reminder a new text, rule and next moment; a message that is just being sent loses to it."""

    person_id: int
    reminder_id: str
    text: str
    rule: str | None
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseReminder:
    """Holds a reminder until it is resumed."""

    person_id: int
    reminder_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeReminder:
    """Goes on with the next moment of the rule.

    What fell into the pause is not made up for. A one-off comes late.
    """

    person_id: int
    reminder_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReminder:
    """Ends a reminder; its past stays to be looked at."""

    person_id: int
    reminder_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteReminder:
    """Removes a reminder and its past."""

    person_id: int
    reminder_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Answers one occurrence. Before its time it cancels the message; done outranks the other answers."""

    person_id: int
    occurrence: OccurrenceId
    answer: Literal[OccurrenceState.DONE, OccurrenceState.SKIPPED, OccurrenceState.EXCUSED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Sends an occurrence once more at `until`, as a one-off named `new_id`; the series does not move.

    Snoozing it again moves that one-off instead of adding another.
    """

    person_id: int
    occurrence: OccurrenceId
    until: datetime
    new_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatBlocked:
    """The person blocked or left the chat: its reminders wait, its letters are dropped."""

    chat_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatBack:
    """The chat can be written to again: its reminders go on."""

    chat_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMoved:
    """The chat has a new id: everything moves with it."""

    chat_id: int
    new_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReport:
    """Keeps what somebody reported about an answer."""

    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class CountVote:
    """Counts that an answer helped or did not, by the passage it rests on first; says nothing about who.

    The one change that counts twice when it is applied twice.
    """

    passage: str
    helped: bool


Change = (
    SavePerson
    | ErasePerson
    | SaveDialog
    | EndDialog
    | AddReminder
    | EditReminder
    | PauseReminder
    | ResumeReminder
    | StopReminder
    | DeleteReminder
    | Settle
    | Snooze
    | ChatBlocked
    | ChatBack
    | ChatMoved
    | AddReport
    | CountVote
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """What an update led to: changes first, in this order, then letters, in this order."""

    changes: tuple[Change, ...] = ()
    letters: tuple[Draft, ...] = ()
