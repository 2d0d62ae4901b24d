"""What is kept about people and chats, how is it handed out to them, and how is it forgotten?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.people import Dialog, Person, Remembered
from bot.store import outbox, reminders
from bot.store.moments import from_ms, maybe_moment, maybe_ms, to_ms
from bot.store.statement import Statement, given
from bot.store.tables import chats, dialogs, inbox, lanes, mail, occurrences, replies, reports
from bot.store.tables import outbox as letters
from bot.store.tables import people as table
from bot.store.tables import reminders as reminder_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.letters import Draft
    from bot.store.database import Tx
    from bot.store.statement import Row


_PERSON = Statement(sa.select(table).where(table.c.person_id == given("whose")))
_HERE = (dialogs.c.chat_id == given("chat")) & (dialogs.c.person_id == given("whose"))
_DIALOG = Statement(sa.select(dialogs).where(_HERE, dialogs.c.expires_at > given("now")))
_AT = {
    "step": given("where"),
    "data": given("held"),
    "version": given("shape"),
    "expires_at": given("until"),
    "wake_at": given("wakes"),
}
_SAVE_DIALOG = Statement(
    lambda insert: (
        insert(dialogs)
        .values(chat_id=given("chat"), person_id=given("whose"), **_AT)
        .on_conflict_do_update(index_elements=["chat_id", "person_id"], set_=_AT)
    )
)


_HAS_REMINDERS = Statement(sa.select(reminder_table.c.id).where(reminder_table.c.person_id == given("whose")).limit(1))


def remembered(tx: Tx, chat_id: int, person_id: int) -> Remembered:
    """What every message needs to know."""
    return Remembered(
        dialog=load_dialog(tx, chat_id, person_id),
        person=load(tx, person_id),
        has_reminders=tx.one(_HAS_REMINDERS, {"whose": person_id}) is not None,
    )


def load(tx: Tx, person_id: int) -> Person | None:
    """What is known of a person."""
    row = tx.one(_PERSON, {"whose": person_id})
    return None if row is None else _person(row)


def load_many(tx: Tx, person_ids: Iterable[int]) -> dict[int, Person]:
    """The people known among these."""
    wanted = list(person_ids)
    if not wanted:
        return {}
    rows = tx.rows(sa.select(table).where(table.c.person_id.in_(wanted)))
    return {row.person_id: _person(row) for row in rows}


def _person(row: Row) -> Person:
    return Person(
        person_id=row.person_id,
        consent=maybe_moment(row.consent_at),
        language=row.language,
        zone=row.zone,
        data=row.data,
        created=from_ms(row.created_at),
    )


def save(tx: Tx, person: Person) -> None:
    """Writes what is known of a person; the day of first meeting is kept."""
    known = {
        "consent_at": maybe_ms(person.consent),
        "language": person.language,
        "zone": person.zone,
        "data": person.data,
    }
    created = maybe_ms(person.created) or tx.now
    insert = tx.insert(table).values(person_id=person.person_id, created_at=created, **known)
    tx.run(insert.on_conflict_do_update(index_elements=["person_id"], set_=known))


def save_dialog(tx: Tx, dialog: Dialog) -> None:
    """Writes where a conversation stands."""
    values = {
        "chat": dialog.chat_id,
        "whose": dialog.person_id,
        "where": dialog.step,
        "held": dialog.data,
        "shape": dialog.version,
        "until": to_ms(dialog.expires),
        "wakes": maybe_ms(dialog.wake),
    }
    tx.run(_SAVE_DIALOG, values)


def end_dialog(tx: Tx, chat_id: int, person_id: int) -> None:
    """Forgets where a conversation stood."""
    tx.run(sa.delete(dialogs).where(dialogs.c.chat_id == chat_id, dialogs.c.person_id == person_id))


def load_dialog(tx: Tx, chat_id: int, person_id: int) -> Dialog | None:
    """Where a conversation stands, unless that has expired."""
    row = tx.one(_DIALOG, {"chat": chat_id, "whose": person_id, "now": tx.now})
    return None if row is None else _dialog(row)


def _dialog(row: Row) -> Dialog:
    return Dialog(
        chat_id=row.chat_id,
        person_id=row.person_id,
        step=row.step,
        data=row.data,
        version=row.version,
        expires=from_ms(row.expires_at),
        wake=maybe_moment(row.wake_at),
    )


def claim_dialogs(tx: Tx, *, limit: int, lease_ms: int) -> list[Dialog]:
    """Conversations whose moment to go on by themselves has come; nobody else gets them while the lease holds."""
    due = (
        sa.select(dialogs.c.chat_id, dialogs.c.person_id)
        .where(dialogs.c.wake_at <= tx.now, dialogs.c.expires_at > tx.now)
        .order_by(dialogs.c.wake_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = []
    for chat_id, person_id in tx.rows(due):
        here = (dialogs.c.chat_id == chat_id) & (dialogs.c.person_id == person_id)
        tx.run(sa.update(dialogs).where(here).values(wake_at=tx.now + lease_ms))
        row = tx.one(sa.select(dialogs).where(here))
        found += [_dialog(row)] if row is not None else []
    return found


def go_on(tx: Tx, dialog: Dialog, letter: Draft | None, wake: int | None, *, again_ms: int) -> None:
    """Stores what a claimed conversation says by itself, unless the person did something meanwhile.

    A chat whose letters still wait gets no further one: it is looked at again after `again_ms`.
    """
    here = (dialogs.c.chat_id == dialog.chat_id) & (dialogs.c.person_id == dialog.person_id)
    same = here & (dialogs.c.data == dialog.data) & (dialogs.c.wake_at == maybe_ms(dialog.wake))
    waits = letter is not None and outbox.waits(tx, dialog.chat_id)
    if tx.run(sa.update(dialogs).where(same).values(wake_at=tx.now + again_ms if waits else wake)) and not waits:
        outbox.store(tx, () if letter is None else (letter,))


def next_wake(tx: Tx) -> int | None:
    """When the next conversation goes on by itself, in stored form."""
    lives = dialogs.c.wake_at.is_not(None) & (dialogs.c.expires_at > tx.now)
    row = tx.one(sa.select(sa.func.min(dialogs.c.wake_at)).where(lives))
    return None if row is None else row[0]


def blocked_since(tx: Tx, chat_id: int) -> int | None:
    """When a chat was found blocked, in stored form; None while it can be written to."""
    row = tx.one(sa.select(chats.c.blocked_at).where(chats.c.chat_id == chat_id))
    return None if row is None else row[0]


def block_chat(tx: Tx, chat_id: int) -> None:
    """Nothing can be sent to a chat: its reminders wait, its letters go. The first such day is kept."""
    insert = tx.insert(chats).values(chat_id=chat_id, blocked_at=tx.now)
    since = sa.func.coalesce(chats.c.blocked_at, tx.now)
    tx.run(insert.on_conflict_do_update(index_elements=["chat_id"], set_={"blocked_at": since}))
    outbox.drop_chat(tx, chat_id)
    reminders.block_chat(tx, chat_id)


def move_chat(tx: Tx, old: int, new: int) -> None:
    """Gives everything of a chat its new id. What a new chat of that id already has stays."""
    for moved in (reminder_table, letters, inbox):
        tx.run(sa.update(moved).where(moved.c.chat_id == old).values(chat_id=new))
    for lane in (lanes, mail):
        _merge_queue(tx, lane, old, new)
    taken = sa.select(dialogs.c.person_id).where(dialogs.c.chat_id == new)
    mine = (dialogs.c.chat_id == old) & dialogs.c.person_id.not_in(taken)
    tx.run(sa.update(dialogs).where(mine).values(chat_id=new))
    for left in (dialogs, replies, chats):
        tx.run(sa.delete(left).where(left.c.chat_id == old))


def _merge_queue(tx: Tx, queue: sa.Table, old: int, new: int) -> None:
    """Moves a chat's place in a queue.

    The old lease ends, so that whoever holds it cannot finish under the old id.
    """
    for row in tx.rows(sa.select(queue).where(queue.c.chat_id == old)):
        values = row._asdict() | {"chat_id": new, "wake_at": tx.now, "token": None}
        keys = [column.name for column in queue.primary_key]
        insert = tx.insert(queue).values(**values)
        tx.run(insert.on_conflict_do_update(index_elements=keys, set_={"wake_at": queue.c.wake_at}))
    tx.run(sa.delete(queue).where(queue.c.chat_id == old))


def export(tx: Tx, person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Everything stored about a person, table by table, as stored; tables that hold nothing are left out."""
    own = sa.select(reminder_table.c.id).where(reminder_table.c.person_id == person_id)
    asked = {
        "people": sa.select(table).where(table.c.person_id == person_id),
        "chats": sa.select(chats).where(chats.c.chat_id == person_id),
        "dialogs": sa.select(dialogs).where(dialogs.c.person_id == person_id),
        "reminders": sa.select(reminder_table).where(reminder_table.c.person_id == person_id),
        "occurrences": sa.select(occurrences).where(occurrences.c.reminder_id.in_(own)),
        "outbox": sa.select(letters).where(letters.c.chat_id == person_id),
        "inbox": sa.select(inbox).where(inbox.c.chat_id == person_id),
        "replies": sa.select(replies).where(replies.c.chat_id == person_id),
        "reports": sa.select(reports).where(reports.c.person_id == person_id),
    }
    found = {name: [row._asdict() for row in tx.rows(query)] for name, query in asked.items()}
    return {name: rows for name, rows in found.items() if rows}


def erase(tx: Tx, person_id: int) -> None:
    """Forgets a person. Their private chat has their own id; in other chats only what is theirs goes.

    Updates that still wait are left to be handled: they came later than the wish, and each is removed when
    handled.
    """
    reminders.delete_where(tx, reminder_table.c.person_id == person_id)
    tx.run(sa.delete(dialogs).where(dialogs.c.person_id == person_id))
    tx.run(sa.delete(reports).where(reports.c.person_id == person_id))
    tx.run(sa.delete(table).where(table.c.person_id == person_id))
    outbox.drop_chat(tx, person_id)
    for left in (replies, chats):
        tx.run(sa.delete(left).where(left.c.chat_id == person_id))
