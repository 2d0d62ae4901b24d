"""What is a reminder, which occurrence is due, what was missed, and how long is the streak?

Nothing here reads a clock or a database: moments are arguments, always aware, and rules are met through
`Recurrence`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.people import Person

COUNT_AT_MOST = 500
"""How many missed moments are counted one by one; beyond that the number is only "at least this many"."""


class Recurrence(Protocol):
    """A rule that knows its next moment; `intents.schedule.Schedule` is one."""

    def after(self, moment: datetime) -> datetime | None:
        """The first moment strictly later than `moment` (aware), or None when the rule has ended."""
        ...


ParseRule = Callable[[str], Recurrence]
"""Reads the JSON text of a rule back. It may raise ValueError; the store lets that through."""


class Turn(IntEnum):
    """Which queue a reminder waits in, so that a fresh one-off never stands behind a crowd of daily ones."""

    ONE_OFF = 0
    RECURRING = 1


class ReminderState(StrEnum):
    """Where a reminder stands as a whole."""

    ACTIVE = "active"
    PAUSED = "paused"  # by the person
    BLOCKED = "blocked"  # the chat is blocked; resumes by itself when the chat comes back
    STOPPED = "stopped"  # ended by the person
    FINISHED = "finished"  # ended by itself


class OccurrenceState(StrEnum):
    """What became of one occurrence."""

    SENT = "sent"
    SNOOZED = "snoozed"
    SKIPPED = "skipped"
    EXCUSED = "excused"  # the check before the session said no today; keeps the streak
    DONE = "done"
    FAILED = "failed"  # Telegram refused it for good


SETTLED = frozenset({OccurrenceState.DONE, OccurrenceState.SKIPPED, OccurrenceState.EXCUSED})
"""States in which a person has answered: nothing more is sent for that occurrence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceId:
    """The number of an occurrence: it stays the same in every copy and every retry."""

    reminder_id: str
    due: datetime

    @property
    def number(self) -> str:
        """A short text form, the same in every process: the reminder's id and the due moment in ms."""
        return f"{self.reminder_id}@{round(self.due.timestamp() * 1000)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A reminder as stored. `rule` None means one-off; `due` None means that nothing more will come.

    `parent` is set on the one-off that a snooze made: it names the occurrence that was snoozed.
    `sessions_left` ends a course after so many deliveries; None leaves the end to the rule.
    `data` is JSON text of the caller (a routine's key, an outcome); the store never looks inside.
    """

    id: str
    person_id: int
    chat_id: int
    text: str
    rule: str | None
    due: datetime | None
    state: ReminderState = ReminderState.ACTIVE
    parent: OccurrenceId | None = None
    sessions_left: int | None = None
    data: str = "{}"
    created: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One past occurrence.

    What was sent when, how late, how many before it were passed over, what became of it.
    """

    id: OccurrenceId
    state: OccurrenceState
    sent: datetime | None
    message_id: int | None
    late_by: timedelta
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An occurrence that is to be sent now, with all that its wording needs.

    `late_by` is measured at the claim; `skipped` counts earlier missed moments that this one stands for;
    `last` says that the series ends with it. `person` is None when nothing is known about them.
    """

    reminder: Reminder
    occurrence: OccurrenceId
    late_by: timedelta
    skipped: int
    last: bool
    person: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """Which occurrence to send at some moment, how many it stands for besides itself, and what comes next."""

    due: datetime
    skipped: int
    next: datetime | None


def catch_up(rule: Recurrence | None, due: datetime, now: datetime) -> CatchUp:
    """The latest moment of `rule` up to `now`, beginning at `due`; a one-off is always `due` itself.

    After a long downtime the count stops at `COUNT_AT_MOST`; the moment found is exact all the same.
    """
    if rule is None:
        return CatchUp(due=due, skipped=0, next=None)
    latest, skipped, following = due, 0, rule.after(due)
    while following is not None and following <= now:
        if skipped == COUNT_AT_MOST:
            latest = _latest_before(rule, latest, now)
            return CatchUp(due=latest, skipped=skipped, next=rule.after(latest))
        latest, skipped, following = following, skipped + 1, rule.after(following)
    return CatchUp(due=latest, skipped=skipped, next=following)


def _latest_before(rule: Recurrence, known: datetime, now: datetime) -> datetime:
    """The rule's last moment up to `now`, found from windows that widen backwards until one holds any."""
    window = timedelta(minutes=5)
    while now - window > known:
        found = rule.after(now - window)
        if found is not None and found <= now:
            known = found
            break
        window *= 2
    while (following := rule.after(known)) is not None and following <= now:
        known = following
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """Sessions kept in a row: now, at best, and how many more may be missed before it breaks."""

    current: int
    best: int
    misses_left: int


def streak(occurrences: Sequence[Occurrence], *, budget: int = 1, refill: int = 7) -> Streak:
    """Counts sessions done in a row, oldest occurrence first.

    A skipped or unanswered session uses one of `budget` and is then forgiven; `refill` sessions done give
    one back. An excused session, one that Telegram refused, and a latest one that is still open change
    nothing.
    """
    current = best = since_refill = 0
    left = budget
    for place, occurrence in enumerate(occurrences, start=1):
        kept = _kept(occurrence.state, is_latest=place == len(occurrences))
        if kept is None:
            continue
        if kept:
            current, since_refill = current + 1, since_refill + 1
            if since_refill >= refill:
                left, since_refill = min(budget, left + 1), 0
        elif left > 0:
            left -= 1
        else:
            current, since_refill, left = 0, 0, budget
        best = max(best, current)
    return Streak(current=current, best=best, misses_left=left)


def _kept(state: OccurrenceState, *, is_latest: bool) -> bool | None:
    """True for a session done, False for a missed one, None for what does not count either way."""
    if state is OccurrenceState.DONE:
        return True
    if state in (OccurrenceState.EXCUSED, OccurrenceState.FAILED):
        return None
    still_open = is_latest and state in (OccurrenceState.SENT, OccurrenceState.SNOOZED)
    return None if still_open else False
