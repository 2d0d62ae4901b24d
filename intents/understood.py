"""What can a message about reminders mean, once it is understood?"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from intents.facts import Reason
from intents.schedule import Schedule


class Question(Enum):
    """What has to be asked before a reminder can be set."""

    WHEN = "when"
    WHAT_TIME = "what time"
    WHICH_HOUR = "which hour"
    WHICH_DAY = "which day"
    DAY_OR_MONTH = "day or month"


class Note(Enum):
    """What a person should know about the times that were understood."""

    MOVED_BY_CLOCK_CHANGE = "moved by a clock change"
    FIRST_OF_TWO_PASSES = "the first of two passes of the clock"
    SKIPS_SHORT_MONTHS = "months without that day are skipped"


class CommandKind(Enum):
    """What is to be done with reminders that exist already."""

    CANCEL = "cancel"
    LIST = "list"
    SNOOZE = "snooze"
    EDIT = "edit"
    PAUSE = "pause"
    RESUME = "resume"
    DONE = "done"
    SKIP = "skip"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReminder:
    """Set this reminder. `what` is the person's own words without those that tell when; it may be empty."""

    schedule: Schedule
    what: str
    note: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBack:
    """A reminder is wanted; something is missing or has two readings. `candidates` can be offered."""

    question: Question
    what: str
    candidates: tuple[Schedule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """A reminder is wanted for a past or missing time. `detail` holds the words that say so."""

    reason: Reason
    detail: str
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Do something with existing reminders. `target` names one; empty means the one at hand.

    `moment` (UTC) is when a snooze or a pause ends; `schedule` is what an edit sets. For these, `question`
    says what is still unclear.
    """

    kind: CommandKind
    target: str = ""
    schedule: Schedule | None = None
    moment: datetime | None = None
    question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAReminder:
    """The message neither sets nor steers a reminder."""


Understood = SetReminder | AskBack | Impossible | Command | NotAReminder
