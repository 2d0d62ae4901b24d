"""How are reminders and their occurrences kept?

The series moves only when an occurrence is sent or answered.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.changes import AddReminder, EditReminder, Settle, Snooze
from bot.reminders import (
    SETTLED,
    Due,
    Occurrence,
    OccurrenceId,
    OccurrenceState,
    ParseRule,
    Reminder,
    ReminderState,
    Turn,
    catch_up,
)
from bot.store.moments import from_ms, maybe_moment, maybe_ms, to_ms
from bot.store.owners import IN_DOUBT
from bot.store.tables import occurrences, reminders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from bot.people import Person
    from bot.store.database import Tx
    from bot.store.statement import Row

log = logging.getLogger(__name__)
_MS = timedelta(milliseconds=1)
_ACTIVE = ReminderState.ACTIVE.value
_RESTING: dict[str, Any] = {"wake_at": None, "token": None, "attempts": 0, "strikes": 0}


def reminder(row: Row) -> Reminder:
    """A stored reminder."""
    parent = None
    if row.parent_id is not None:
        parent = OccurrenceId(reminder_id=row.parent_id, due=from_ms(row.parent_due))
    return Reminder(
        id=row.id,
        person_id=row.person_id,
        chat_id=row.chat_id,
        text=row.text,
        rule=row.rule,
        due=maybe_moment(row.due_at),
        state=ReminderState(row.state),
        parent=parent,
        sessions_left=row.sessions_left,
        data=row.data,
        created=from_ms(row.created_at),
    )


def of_person(tx: Tx, person_id: int) -> list[Reminder]:
    """A person's reminders, oldest first; one-offs made by a snooze are left out."""
    own = (reminders.c.person_id == person_id) & reminders.c.parent_id.is_(None)
    rows = tx.rows(sa.select(reminders).where(own).order_by(reminders.c.created_at, reminders.c.id))
    return [reminder(row) for row in rows]


def find(tx: Tx, person_id: int, reminder_id: str) -> Reminder | None:
    """A reminder, if it is this person's."""
    row = tx.one(sa.select(reminders).where(_owned(person_id, reminder_id)))
    return None if row is None else reminder(row)


def history(tx: Tx, reminder_id: str) -> list[Occurrence]:
    """What became of a reminder's occurrences, oldest first."""
    asked = sa.select(occurrences).where(occurrences.c.reminder_id == reminder_id)
    return [_occurrence(row) for row in tx.rows(asked.order_by(occurrences.c.due_at))]


def _occurrence(row: Row) -> Occurrence:
    return Occurrence(
        id=OccurrenceId(reminder_id=row.reminder_id, due=from_ms(row.due_at)),
        state=OccurrenceState(row.state),
        sent=maybe_moment(row.sent_at),
        message_id=row.message_id,
        late_by=row.late_ms * _MS,
        skipped=row.skipped,
    )


def _owned(person_id: int, reminder_id: str) -> sa.ColumnElement[bool]:
    return (reminders.c.id == reminder_id) & (reminders.c.person_id == person_id)


def _load(tx: Tx, person_id: int, reminder_id: str) -> Row | None:
    """A person's reminder, its row held until the transaction ends."""
    return tx.one(sa.select(reminders).where(_owned(person_id, reminder_id)).with_for_update())


def _put(tx: Tx, reminder_id: str, **values: Any) -> None:
    tx.run(sa.update(reminders).where(reminders.c.id == reminder_id).values(**values))


# Delivery


def waiting(tx: Tx, turn: Turn, limit: int) -> list[Row]:
    """Up to `limit` reminders whose time has come, longest waiting first, locked."""
    if limit <= 0:
        return []
    due = (reminders.c.lane == int(turn)) & (reminders.c.wake_at <= tx.now)
    asked = sa.select(reminders).where(due).order_by(reminders.c.wake_at).limit(limit)
    return tx.rows(asked.with_for_update(skip_locked=True))


def lease(tx: Tx, ids: Sequence[str], *, until: int, token: str | None) -> None:
    """Leases reminders until then; without a token, merely puts them off."""
    if ids:
        tx.run(sa.update(reminders).where(reminders.c.id.in_(ids)).values(wake_at=until, token=token))


def is_in_doubt(row: Row) -> bool:
    """Whether it is known already that the copy that had this reminder died."""
    return row.token is not None and str(row.token).startswith(IN_DOUBT)


def hold_in_doubt(tx: Tx, row: Row, until: int) -> None:
    """Puts off a reminder that may have been sent.

    Should its copy live after all, it can still complete it.
    """
    token = row.token if is_in_doubt(row) else f"{IN_DOUBT}{row.token}"
    lease(tx, [row.id], until=until, token=token)


def due_now(tx: Tx, row: Row, parse: ParseRule, person: Person | None, answered: set[int]) -> Due | None:
    """The occurrence to send for a locked reminder, whose person has answered those at `answered` already.

    None when it was answered before its time or cannot be read.
    """
    try:
        rule = None if row.rule is None else parse(row.rule)
        caught = catch_up(rule, from_ms(row.due_at), from_ms(tx.now))
    except Exception as error:  # noqa: BLE001  one unreadable rule must not hold up all the others
        log.error("reminder %s paused, its rule cannot be read: %s", row.id, type(error).__name__)  # noqa: TRY400
        _put(tx, row.id, **_RESTING | {"state": ReminderState.PAUSED.value})
        return None
    if to_ms(caught.due) in answered:
        _advance(tx, row, to_ms(caught.due), parse)
        return None
    return Due(
        reminder=reminder(row),
        occurrence=OccurrenceId(reminder_id=row.id, due=caught.due),
        late_by=max(timedelta(0), from_ms(tx.now) - caught.due),
        skipped=caught.skipped,
        last=caught.next is None or row.sessions_left == 1,
        person=person,
    )


_ANSWERED = occurrences.c.state.in_([state.value for state in SETTLED])


def answered(tx: Tx, rows: Sequence[Row]) -> dict[str, set[int]]:
    """Moments, from each reminder's due one on, that its person has answered already."""
    if not rows:
        return {}
    since = min(row.due_at for row in rows)
    asked = sa.select(occurrences.c.reminder_id, occurrences.c.due_at).where(
        occurrences.c.reminder_id.in_([row.id for row in rows]), occurrences.c.due_at >= since, _ANSWERED
    )
    found: dict[str, set[int]] = {}
    for row in tx.rows(asked):
        found.setdefault(row.reminder_id, set()).add(row.due_at)
    return found


def _settled(tx: Tx, reminder_id: str, since: int) -> set[int]:
    """Moments from `since` on that the person has answered already."""
    asked = sa.select(occurrences.c.due_at).where(
        occurrences.c.reminder_id == reminder_id, occurrences.c.due_at >= since, _ANSWERED
    )
    return {row.due_at for row in tx.rows(asked)}


def _following(tx: Tx, row: Row, after: int, parse: ParseRule) -> int | None:
    """The next moment of a series that nobody has answered yet."""
    if row.rule is None:
        return None
    rule = parse(row.rule)
    answered = _settled(tx, row.id, after)
    following = rule.after(from_ms(after))
    while following is not None and (to_ms(following) <= after or to_ms(following) in answered):
        following = rule.after(following)
    return maybe_ms(following)


def _advance(tx: Tx, row: Row, after: int, parse: ParseRule) -> None:
    """Moves a series past `after`, or ends it."""
    left = None if row.sessions_left is None else row.sessions_left - 1
    following = None if left == 0 else _following(tx, row, after, parse)
    state = ReminderState.FINISHED.value if following is None else row.state
    wake = following if state == _ACTIVE else None
    _put(
        tx,
        row.id,
        due_at=following,
        state=state,
        sessions_left=left,
        version=row.version + 1,
        **_RESTING | {"wake_at": wake},
    )


def complete(tx: Tx, due: Due, token: str, parse: ParseRule, message_id: int | None) -> bool:
    """Notes that an occurrence was sent and moves the series on; False when the lease is no longer ours."""
    row = _leased(tx, due.reminder.id, token)
    if row is None:
        return False
    _note(tx, due, OccurrenceState.SENT, message_id)
    _advance(tx, row, to_ms(due.occurrence.due), parse)
    return True


def give_up(tx: Tx, due: Due, token: str, parse: ParseRule) -> bool:
    """Notes that Telegram refused an occurrence for good and moves the series on."""
    row = _leased(tx, due.reminder.id, token)
    if row is None:
        return False
    _note(tx, due, OccurrenceState.FAILED, None)
    _advance(tx, row, to_ms(due.occurrence.due), parse)
    return True


def _leased(tx: Tx, reminder_id: str, token: str) -> Row | None:
    mine = (reminders.c.id == reminder_id) & reminders.c.token.in_([token, f"{IN_DOUBT}{token}"])
    return tx.one(sa.select(reminders).where(mine).with_for_update())


def _note(tx: Tx, due: Due, state: OccurrenceState, message_id: int | None) -> None:
    """Writes an occurrence; an answer that was quicker than we were stays."""
    insert = tx.insert(occurrences).values(
        reminder_id=due.reminder.id,
        due_at=to_ms(due.occurrence.due),
        state=state.value,
        sent_at=tx.now,
        message_id=message_id,
        late_ms=due.late_by // _MS,
        skipped=due.skipped,
    )
    fresh = {name: insert.excluded[name] for name in ("sent_at", "message_id", "late_ms", "skipped")}
    tx.run(insert.on_conflict_do_update(index_elements=["reminder_id", "due_at"], set_=fresh))


def put_off(tx: Tx, due: Due, token: str, *, wait_ms: int, tried: bool, strike: bool) -> None:
    """Lets a reminder go until later, with the same occurrence still to be sent."""
    mine = (reminders.c.id == due.reminder.id) & (reminders.c.token == token)
    tx.run(
        sa.update(reminders)
        .where(mine)
        .values(
            wake_at=tx.now + wait_ms,
            token=None,
            attempts=reminders.c.attempts + int(tried),
            strikes=reminders.c.strikes + int(strike),
        )
    )


# Changes


def add(tx: Tx, change: AddReminder) -> None:
    """Stores a new reminder."""
    new = change.reminder
    values = _values(new, tx.now)
    tx.run(tx.insert(reminders).values(**values).on_conflict_do_nothing(index_elements=["id"]))


def add_many(tx: Tx, new: Iterable[Reminder]) -> None:
    """Stores many new reminders at once; for imports and measurements."""
    rows = [_values(each, tx.now) for each in new]
    if rows:
        tx.run(sa.insert(reminders), rows)


def _values(new: Reminder, now: int) -> dict[str, Any]:
    due = maybe_ms(new.due)
    return {
        "id": new.id,
        "person_id": new.person_id,
        "chat_id": new.chat_id,
        "text": new.text,
        "rule": new.rule,
        "parent_id": new.parent.reminder_id if new.parent else None,
        "parent_due": to_ms(new.parent.due) if new.parent else None,
        "sessions_left": new.sessions_left,
        "data": new.data,
        "state": new.state.value,
        "due_at": due,
        "wake_at": due if new.state is ReminderState.ACTIVE else None,
        "lane": int(_turn(new.rule)),
        "created_at": maybe_ms(new.created) or now,
    }


def _turn(rule: str | None) -> Turn:
    return Turn.ONE_OFF if rule is None else Turn.RECURRING


def edit(tx: Tx, change: EditReminder) -> None:
    """Gives a reminder new words and moments.

    Its token goes, so a message under way cannot move the series.
    """
    row = _load(tx, change.person_id, change.reminder_id)
    if row is None:
        return
    due = to_ms(change.due)
    state = row.state if row.state in (ReminderState.PAUSED, ReminderState.BLOCKED) else _ACTIVE
    wake = due if state == _ACTIVE else None
    _put(
        tx,
        row.id,
        text=change.text,
        rule=change.rule,
        due_at=due,
        lane=int(_turn(change.rule)),
        state=state,
        version=row.version + 1,
        **_RESTING | {"wake_at": wake},
    )


def pause(tx: Tx, person_id: int, reminder_id: str) -> None:
    """Holds a reminder."""
    row = _load(tx, person_id, reminder_id)
    if row is not None and row.state in (ReminderState.ACTIVE, ReminderState.BLOCKED):
        _put(tx, row.id, state=ReminderState.PAUSED.value, version=row.version + 1, **_RESTING)


def resume(tx: Tx, person_id: int, reminder_id: str, parse: ParseRule) -> None:
    """Lets a held reminder go on."""
    row = _load(tx, person_id, reminder_id)
    if row is not None and row.state == ReminderState.PAUSED:
        _go_on(tx, row, parse)


def _go_on(tx: Tx, row: Row, parse: ParseRule) -> None:
    """Makes a reminder active again, at its next moment from now on.

    A one-off that fell into the pause comes late.
    """
    due = row.due_at
    if row.rule is not None and due is not None and due <= tx.now:
        due = _following(tx, row, tx.now, parse)
    state = ReminderState.FINISHED.value if due is None else _ACTIVE
    _put(tx, row.id, state=state, due_at=due, version=row.version + 1, **_RESTING | {"wake_at": due})


def stop(tx: Tx, person_id: int, reminder_id: str) -> None:
    """Ends a reminder and whatever a snooze of it still has to send.

    Stopping a snoozed one ends its series.
    """
    row = _root(tx, person_id, reminder_id)
    if row is None:
        return
    ended = {"state": ReminderState.STOPPED.value, "due_at": None, **_RESTING}
    if row.state not in (ReminderState.STOPPED, ReminderState.FINISHED):
        _put(tx, row.id, version=row.version + 1, **ended)
    tx.run(sa.update(reminders).where(_pending_child(row.id)).values(**ended))


def _root(tx: Tx, person_id: int, reminder_id: str) -> Row | None:
    row = _load(tx, person_id, reminder_id)
    if row is not None and row.parent_id is not None:
        return _load(tx, person_id, row.parent_id)
    return row


def _pending_child(parent_id: str) -> sa.ColumnElement[bool]:
    live = [ReminderState.ACTIVE.value, ReminderState.PAUSED.value, ReminderState.BLOCKED.value]
    return (reminders.c.parent_id == parent_id) & reminders.c.state.in_(live)


def delete(tx: Tx, person_id: int, reminder_id: str) -> None:
    """Removes a reminder, its snoozes and its past."""
    row = _load(tx, person_id, reminder_id)
    if row is not None:
        delete_where(tx, (reminders.c.id == row.id) | (reminders.c.parent_id == row.id))


def delete_where(tx: Tx, which: sa.ColumnElement[bool]) -> int:
    """Removes reminders with their occurrences; how many reminders went."""
    ids = sa.select(reminders.c.id).where(which)
    tx.run(sa.delete(occurrences).where(occurrences.c.reminder_id.in_(ids)))
    return tx.run(sa.delete(reminders).where(which))


def settle(tx: Tx, change: Settle, parse: ParseRule) -> None:
    """Writes a person's answer, for the occurrence and, when it was a snoozed one, for where it came from."""
    for row, due in _lineage(tx, change.person_id, change.occurrence):
        _answer(tx, row.id, due, change.answer)
        _cancel_snooze(tx, row.id, due)
        if row.due_at == due:
            _advance(tx, row, due, parse)


def _lineage(tx: Tx, person_id: int, occurrence: OccurrenceId) -> list[tuple[Row, int]]:
    """The series' occurrence first, then the snoozed one that was answered, if it is one."""
    row = _load(tx, person_id, occurrence.reminder_id)
    if row is None:
        return []
    found = [(row, to_ms(occurrence.due))]
    if row.parent_id is not None:
        parent = _load(tx, person_id, row.parent_id)
        if parent is not None:
            found.insert(0, (parent, row.parent_due))
    return found


def _answer(tx: Tx, reminder_id: str, due: int, answer: OccurrenceState) -> None:
    """Done outranks every other answer, and an answer outranks a snooze."""
    final = {OccurrenceState.DONE}
    if answer is OccurrenceState.SNOOZED:
        final = set(SETTLED)
    insert = tx.insert(occurrences).values(reminder_id=reminder_id, due_at=due, state=answer.value)
    tx.run(
        insert.on_conflict_do_update(
            index_elements=["reminder_id", "due_at"],
            set_={"state": answer.value},
            where=occurrences.c.state.not_in([state.value for state in final]),
        )
    )


def _cancel_snooze(tx: Tx, parent_id: str, due: int) -> None:
    pending = _pending_child(parent_id) & (reminders.c.parent_due == due)
    ended = {"state": ReminderState.STOPPED.value, "due_at": None, **_RESTING}
    tx.run(sa.update(reminders).where(pending).values(**ended))


def snooze(tx: Tx, change: Snooze, parse: ParseRule) -> None:
    """Adds a one-off for an occurrence, or moves the one that is still to come.

    An answered occurrence stays so.
    """
    lineage = _lineage(tx, change.person_id, change.occurrence)
    if not lineage:
        return
    for row, due in lineage:
        _answer(tx, row.id, due, OccurrenceState.SNOOZED)
    root, root_due = lineage[0]
    if root_due in _settled(tx, root.id, root_due):
        return
    if root.due_at == root_due:  # snoozed before its time: the one-off takes the place of the message
        _advance(tx, root, root_due, parse)
    until = to_ms(change.until)
    pending = _pending_child(root.id) & (reminders.c.parent_due == root_due)
    fresh = {"state": _ACTIVE, "due_at": until, **_RESTING, "wake_at": until}
    if tx.run(sa.update(reminders).where(pending).values(**fresh)):
        return
    child = Reminder(
        id=change.new_id,
        person_id=root.person_id,
        chat_id=root.chat_id,
        text=root.text,
        rule=None,
        due=change.until,
        parent=OccurrenceId(reminder_id=root.id, due=from_ms(root_due)),
        data=root.data,
    )
    add(tx, AddReminder(reminder=child))


def block_chat(tx: Tx, chat_id: int) -> None:
    """Holds every active reminder of a chat until it comes back."""
    active = (reminders.c.chat_id == chat_id) & (reminders.c.state == _ACTIVE)
    held = {"state": ReminderState.BLOCKED.value, "version": reminders.c.version + 1, **_RESTING}
    tx.run(sa.update(reminders).where(active).values(**held))


def unblock_chat(tx: Tx, chat_id: int, parse: ParseRule) -> None:
    """Lets the reminders that `block_chat` held go on."""
    held = (reminders.c.chat_id == chat_id) & (reminders.c.state == ReminderState.BLOCKED.value)
    for row in tx.rows(sa.select(reminders).where(held).order_by(reminders.c.id).with_for_update()):
        _go_on(tx, row, parse)
