"""What is forgotten when its time is over, and what is woken after the clock was set back?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.reminders import ReminderState
from bot.reports import KEPT
from bot.store import gates, reminders
from bot.store.tables import dialogs, inbox, lanes, mail, outbox, put_aside, replies, reports, seen
from bot.store.tables import reminders as reminder_table

if TYPE_CHECKING:
    from bot.store.database import Tx

_MS = timedelta(milliseconds=1)
LEASED_AT_MOST_MS = 5 * 60_000
DUE_COUNTED_UP_TO = 100_000
PUT_OFF_AT_MOST_MS = 2 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what is kept."""

    numbers_of_updates: timedelta = timedelta(days=3)
    sent_replies: timedelta = timedelta(days=3)
    put_aside: timedelta = timedelta(days=30)
    ended_snoozes: timedelta = timedelta(days=3)
    reports: timedelta = KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits: for how long the oldest letter, update and due reminder have (seconds), and how many are due."""

    oldest_letter: float
    oldest_update: float
    reminders_due: int
    reminders_lag: float


def backlog(tx: Tx) -> Backlog:
    """Read from the ends of indexes, so that asking often costs little."""

    def age(moment: sa.Row[tuple[int]] | None) -> float:
        return max(0, tx.now - moment[0]) / 1000 if moment is not None and moment[0] is not None else 0.0

    due = reminder_table.c.wake_at <= tx.now
    some = sa.select(reminder_table.c.id).where(due).limit(DUE_COUNTED_UP_TO).subquery()
    counted = tx.one(sa.select(sa.func.count()).select_from(some))
    return Backlog(
        oldest_letter=age(tx.one(sa.select(outbox.c.created_at).order_by(outbox.c.id).limit(1))),
        oldest_update=age(tx.one(sa.select(inbox.c.received_at).order_by(inbox.c.seq).limit(1))),
        reminders_due=0 if counted is None else int(counted[0]),
        reminders_lag=age(tx.one(sa.select(sa.func.min(reminder_table.c.wake_at)).where(due))),
    )


def sweep(tx: Tx, keep: Retention) -> int:
    """Removes what is past its time; how many rows went."""
    gone = tx.run(sa.delete(seen).where(seen.c.received_at < tx.now - keep.numbers_of_updates // _MS))
    gone += tx.run(sa.delete(replies).where(replies.c.sent_at < tx.now - keep.sent_replies // _MS))
    gone += tx.run(sa.delete(put_aside).where(put_aside.c.at < tx.now - keep.put_aside // _MS))
    gone += tx.run(sa.delete(dialogs).where(dialogs.c.expires_at <= tx.now))
    gone += tx.run(sa.delete(reports).where(reports.c.at < tx.now - keep.reports // _MS))
    ended = reminder_table.c.state.in_([ReminderState.FINISHED.value, ReminderState.STOPPED.value])
    old = reminder_table.c.created_at < tx.now - keep.ended_snoozes // _MS
    gone += reminders.delete_where(tx, reminder_table.c.parent_id.is_not(None) & ended & old)
    return gone + gates.sweep(tx)


def wake_stranded(tx: Tx) -> int:
    """Wakes rows that wait longer than anything may: their moment was written by a clock that ran ahead."""
    soon = tx.now + LEASED_AT_MOST_MS
    woken = 0
    for queue in (lanes, mail):
        late = queue.c.wake_at > soon
        woken += tx.run(sa.update(queue).where(late).values(wake_at=tx.now, token=None))
    ahead = dialogs.c.wake_at > soon
    woken += tx.run(sa.update(dialogs).where(ahead).values(wake_at=tx.now))
    busy = reminder_table.c.wake_at != reminder_table.c.due_at
    leased = reminder_table.c.token.is_not(None) & (reminder_table.c.wake_at > soon)
    retried = reminder_table.c.wake_at > tx.now + PUT_OFF_AT_MOST_MS
    stranded = busy & (leased | retried)
    return woken + tx.run(sa.update(reminder_table).where(stranded).values(wake_at=tx.now, token=None))
