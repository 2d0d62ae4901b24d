"""What is forgotten when its time is over, and what is woken after the clock was set back?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.reminders import ReminderState
from bot.store import gates, reminders
from bot.store.tables import dialogs, lanes, mail, put_aside, replies, seen
from bot.store.tables import reminders as reminder_table

if TYPE_CHECKING:
    from bot.store.database import Tx

_MS = timedelta(milliseconds=1)
LEASED_AT_MOST_MS = 5 * 60_000
PUT_OFF_AT_MOST_MS = 2 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what is kept."""

    numbers_of_updates: timedelta = timedelta(days=3)
    sent_replies: timedelta = timedelta(days=3)
    put_aside: timedelta = timedelta(days=30)
    ended_snoozes: timedelta = timedelta(days=3)


def sweep(tx: Tx, keep: Retention) -> int:
    """Removes what is past its time; how many rows went."""
    gone = tx.run(sa.delete(seen).where(seen.c.received_at < tx.now - keep.numbers_of_updates // _MS))
    gone += tx.run(sa.delete(replies).where(replies.c.sent_at < tx.now - keep.sent_replies // _MS))
    gone += tx.run(sa.delete(put_aside).where(put_aside.c.at < tx.now - keep.put_aside // _MS))
    gone += tx.run(sa.delete(dialogs).where(dialogs.c.expires_at <= tx.now))
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
    busy = reminder_table.c.wake_at != reminder_table.c.due_at
    leased = reminder_table.c.token.is_not(None) & (reminder_table.c.wake_at > soon)
    retried = reminder_table.c.wake_at > tx.now + PUT_OFF_AT_MOST_MS
    stranded = busy & (leased | retried)
    return woken + tx.run(sa.update(reminder_table).where(stranded).values(wake_at=tx.now, token=None))
