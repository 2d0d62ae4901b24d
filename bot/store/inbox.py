"""How are updates kept until they are handled? One lane per chat, leased by whoever handles its next one.

Statements only; `bot.intake` decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot import counts
from bot.intake import InboxItem, PutAside, RawUpdate
from bot.store.errors import LeaseLost
from bot.store.moments import from_ms
from bot.store.tables import inbox, lanes, put_aside, seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.store.database import Tx


def store(tx: Tx, updates: Sequence[RawUpdate]) -> int:
    """Stores updates that were not stored before, in the order given; how many were new."""
    new = [update for update in updates if _is_new(tx, update.update_id)]
    if not new:
        return 0
    for chat_id in sorted({update.chat_id for update in new}):
        _wake_lane(tx, chat_id)
    rows = [
        {"update_id": update.update_id, "chat_id": update.chat_id, "body": update.text, "received_at": tx.now}
        for update in new
    ]
    tx.run(sa.insert(inbox), rows)
    return len(new)


def _is_new(tx: Tx, update_id: int) -> bool:
    statement = tx.insert(seen).values(update_id=update_id, received_at=tx.now)
    return tx.run(statement.on_conflict_do_nothing()) == 1


def _wake_lane(tx: Tx, chat_id: int) -> None:
    """Makes sure that the chat has a lane, and holds its row, so that nobody removes it meanwhile."""
    statement = tx.insert(lanes).values(chat_id=chat_id, wake_at=tx.now)
    tx.run(statement.on_conflict_do_update(index_elements=["chat_id"], set_={"wake_at": lanes.c.wake_at}))


def claim(tx: Tx, *, limit: int, lease_ms: int, token: str) -> list[InboxItem]:
    """Leases up to `limit` lanes that wait, longest first, and returns the next update of each."""
    waiting = (
        sa.select(lanes.c.chat_id, lanes.c.token)
        .where(lanes.c.wake_at <= tx.now)
        .order_by(lanes.c.wake_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = tx.rows(waiting)
    chats = [row.chat_id for row in rows]
    if not chats:
        return []
    counts.taken_over("updates", sum(row.token is not None for row in rows))
    tx.run(
        sa.update(lanes)
        .where(lanes.c.chat_id.in_(chats))
        .values(wake_at=tx.now + lease_ms, token=token, claims=lanes.c.claims + 1)
    )
    heads = sa.select(sa.func.min(inbox.c.seq)).where(inbox.c.chat_id.in_(chats)).group_by(inbox.c.chat_id)
    found = sa.select(inbox, lanes.c.failures, lanes.c.claims).join(lanes, lanes.c.chat_id == inbox.c.chat_id)
    items = [_item(row, token) for row in tx.rows(found.where(inbox.c.seq.in_(heads)).order_by(inbox.c.seq))]
    empty = set(chats) - {item.chat_id for item in items}
    if empty:  # never left by us; it would be leased for ever
        tx.run(sa.delete(lanes).where(lanes.c.chat_id.in_(empty)))
    return items


def _item(row: sa.Row[tuple[object, ...]], token: str) -> InboxItem:
    return InboxItem(
        update_id=row.update_id,
        chat_id=row.chat_id,
        body=row.body,
        received=from_ms(row.received_at),
        failures=row.failures,
        claims=row.claims,
        token=token,
    )


def hold(tx: Tx, item: InboxItem) -> None:
    """Makes sure that the lane is still ours, and keeps it so until the transaction ends.

    Raises:
        LeaseLost: another copy has the lane, or the update is gone.
    """
    mine = (lanes.c.chat_id == item.chat_id) & (lanes.c.token == item.token)
    if tx.run(sa.update(lanes).where(mine).values(wake_at=lanes.c.wake_at)) == 0:
        raise LeaseLost("Another copy handles this chat now")


def remove(tx: Tx, item: InboxItem) -> None:
    """Removes an update's text for good; its number stays known."""
    tx.run(sa.delete(inbox).where(inbox.c.chat_id == item.chat_id, inbox.c.update_id == item.update_id))


def move_on(tx: Tx, item: InboxItem, *, keep_ms: int) -> InboxItem | None:
    """The lane's next update, leased for `keep_ms` more.

    A lane that is empty (or not to be kept) is let go.
    """
    head = sa.select(inbox).where(inbox.c.chat_id == item.chat_id).order_by(inbox.c.seq).limit(1)
    row = tx.one(head)
    mine = lanes.c.chat_id == item.chat_id
    if row is None:
        tx.run(sa.delete(lanes).where(mine))
        return None
    fresh = {"failures": 0, "claims": 1 if keep_ms else 0}
    if not keep_ms:
        tx.run(sa.update(lanes).where(mine).values(wake_at=tx.now, token=None, **fresh))
        return None
    tx.run(sa.update(lanes).where(mine).values(wake_at=tx.now + keep_ms, **fresh))
    return InboxItem(
        update_id=row.update_id,
        chat_id=row.chat_id,
        body=row.body,
        received=from_ms(row.received_at),
        failures=0,
        claims=1,
        token=item.token,
    )


def release(tx: Tx, item: InboxItem, *, wait_ms: int, failed: bool) -> None:
    """Lets the lane go with its update still in front, to be claimed after `wait_ms`."""
    mine = (lanes.c.chat_id == item.chat_id) & (lanes.c.token == item.token)
    counts = {"failures": lanes.c.failures + 1} if failed else {"claims": lanes.c.claims - 1}
    tx.run(sa.update(lanes).where(mine).values(wake_at=tx.now + wait_ms, token=None, **counts))


def next_wake(tx: Tx) -> int | None:
    """When the next lane wants to be touched."""
    row = tx.one(sa.select(sa.func.min(lanes.c.wake_at)))
    return None if row is None else row[0]


def record_aside(tx: Tx, note: PutAside) -> None:
    """Notes that an update was given up: its number and the kind of error, nothing of what it said."""
    row = {"reference": note.reference, "kind": "update", "reason": note.error[:200], "at": tx.now}
    tx.run(tx.insert(put_aside).values(**row).on_conflict_do_nothing())
