"""How are updates kept until they are handled? One lane per chat, leased by whoever handles its next one.

Statements only; `bot.intake` decides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot import counts
from bot.intake import InboxItem, PutAside, RawUpdate, Stored
from bot.store import people
from bot.store.errors import LeaseLost
from bot.store.moments import from_ms
from bot.store.statement import Statement, given
from bot.store.tables import inbox, lanes, put_aside, seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.people import Remembered
    from bot.store.database import Tx
    from bot.store.statement import Row

_MINE = (lanes.c.chat_id == given("chat")) & (lanes.c.token == given("ours"))
_THE_CHATS = lanes.c.chat_id == given("chat")

_SEE = Statement(
    lambda insert: insert(seen).values(update_id=given("number"), received_at=given("now")).on_conflict_do_nothing()
)
_WAKE = Statement(
    lambda insert: (
        insert(lanes)
        .values(chat_id=given("chat"), wake_at=given("wake"), token=given("ours"), failures=0, claims=given("claimed"))
        .on_conflict_do_update(index_elements=["chat_id"], set_={"wake_at": lanes.c.wake_at})
        .returning(lanes.c.token)
    )
)
_KEEP = Statement(
    sa.insert(inbox).values(
        update_id=given("number"), chat_id=given("chat"), body=given("words"), received_at=given("now")
    )
)
_HOLD = Statement(sa.update(lanes).where(_MINE).values(wake_at=lanes.c.wake_at))
_REMOVE = Statement(sa.delete(inbox).where(inbox.c.chat_id == given("chat"), inbox.c.update_id == given("number")))
_HEAD = Statement(sa.select(inbox).where(inbox.c.chat_id == given("chat")).order_by(inbox.c.seq).limit(1))
_END = Statement(sa.delete(lanes).where(_THE_CHATS))
_LET_GO = Statement(sa.update(lanes).where(_THE_CHATS).values(wake_at=given("now"), token=None, failures=0, claims=0))
_GO_ON = Statement(sa.update(lanes).where(_THE_CHATS).values(wake_at=given("until"), failures=0, claims=1))
_WAITING = Statement(
    sa.select(lanes.c.chat_id, lanes.c.token)
    .where(lanes.c.wake_at <= given("now"))
    .order_by(lanes.c.wake_at)
    .limit(given("most"))
    .with_for_update(skip_locked=True)
)
_NEXT_WAKE = Statement(sa.select(sa.func.min(lanes.c.wake_at)))


def store(tx: Tx, updates: Sequence[RawUpdate], *, room: int, lease_ms: int, token: str) -> Stored:
    """Stores updates that were not stored before, in the order given.

    Up to `room` chats for which nothing waited are leased under `token` at once: the first update of each comes back.
    """
    new = [update for update in updates if tx.run(_SEE, {"number": update.update_id, "now": tx.now})]
    ours: set[int] = set()
    waiting = False
    for chat_id in sorted({update.chat_id for update in new}):
        holder = _wake_lane(tx, chat_id, until=tx.now + lease_ms, token=token if len(ours) < room else None)
        if holder == token:
            ours.add(chat_id)
        waiting = waiting or holder is None
    for update in new:
        row = {"number": update.update_id, "chat": update.chat_id, "words": update.text, "now": tx.now}
        tx.run(_KEEP, row)
    firsts = [next(update for update in new if update.chat_id == chat_id) for chat_id in ours]
    return Stored(new=len(new), items=tuple(_first(tx, first, token) for first in firsts), waiting=waiting)


def _first(tx: Tx, update: RawUpdate, token: str) -> InboxItem:
    """An update that is handled as soon as it is stored."""
    return InboxItem(
        update_id=update.update_id,
        chat_id=update.chat_id,
        body=update.text,
        received=from_ms(tx.now),
        failures=0,
        claims=1,
        token=token,
        remembered=_remembered(tx, update.chat_id),
    )


def _remembered(tx: Tx, chat_id: int) -> Remembered | None:
    """What is remembered of a private chat's person."""
    return people.remembered(tx, chat_id, chat_id) if chat_id > 0 else None


def _wake_lane(tx: Tx, chat_id: int, *, until: int, token: str | None) -> str | None:
    """Makes sure that the chat has a lane, and holds its row, so that nobody removes it meanwhile.

    A new lane is leased until then under `token`, if one is given. Under which token the lane is leased now, if it is.
    """
    wake, claims = (tx.now, 0) if token is None else (until, 1)
    row = tx.one(_WAKE, {"chat": chat_id, "wake": wake, "ours": token, "claimed": claims})
    return None if row is None else row.token


def claim(tx: Tx, *, limit: int, lease_ms: int, token: str) -> list[InboxItem]:
    """Leases up to `limit` lanes that wait, longest first, and returns the next update of each."""
    rows = tx.rows(_WAITING, {"now": tx.now, "most": limit})
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
    rows = tx.rows(found.where(inbox.c.seq.in_(heads)).order_by(inbox.c.seq))
    items = [
        replace(_item(row, token, failures=row.failures, claims=row.claims), remembered=_remembered(tx, row.chat_id))
        for row in rows
    ]
    empty = set(chats) - {item.chat_id for item in items}
    if empty:  # never left by us; it would be leased for ever
        tx.run(sa.delete(lanes).where(lanes.c.chat_id.in_(empty)))
    return items


def _item(row: Row, token: str, *, failures: int, claims: int) -> InboxItem:
    return InboxItem(
        update_id=row.update_id,
        chat_id=row.chat_id,
        body=row.body,
        received=from_ms(row.received_at),
        failures=failures,
        claims=claims,
        token=token,
    )


def hold(tx: Tx, item: InboxItem) -> None:
    """Makes sure that the lane is still ours, and keeps it so until the transaction ends.

    Raises:
        LeaseLost: another copy has the lane, or the update is gone.
    """
    if tx.run(_HOLD, {"chat": item.chat_id, "ours": item.token}) == 0:
        raise LeaseLost("Another copy handles this chat now")


def remove(tx: Tx, item: InboxItem) -> None:
    """Removes an update's text for good; its number stays known."""
    tx.run(_REMOVE, {"chat": item.chat_id, "number": item.update_id})


def move_on(tx: Tx, item: InboxItem, *, keep_ms: int) -> InboxItem | None:
    """The lane's next update, leased for `keep_ms` more.

    A lane that is empty (or not to be kept) is let go.
    """
    row = tx.one(_HEAD, {"chat": item.chat_id})
    if row is None:
        tx.run(_END, {"chat": item.chat_id})
        return None
    if not keep_ms:
        tx.run(_LET_GO, {"chat": item.chat_id, "now": tx.now})
        return None
    tx.run(_GO_ON, {"chat": item.chat_id, "until": tx.now + keep_ms})
    return _item(row, item.token, failures=0, claims=1)


def release(tx: Tx, item: InboxItem, *, wait_ms: int, failed: bool) -> None:
    """Lets the lane go with its update still in front, to be claimed after `wait_ms`."""
    mine = (lanes.c.chat_id == item.chat_id) & (lanes.c.token == item.token)
    counts = {"failures": lanes.c.failures + 1} if failed else {"claims": lanes.c.claims - 1}
    tx.run(sa.update(lanes).where(mine).values(wake_at=tx.now + wait_ms, token=None, **counts))


def next_wake(tx: Tx) -> int | None:
    """When the next lane wants to be touched."""
    row = tx.one(_NEXT_WAKE)
    return None if row is None else row[0]


def record_aside(tx: Tx, note: PutAside) -> None:
    """Notes that an update was given up: its number and the kind of error, nothing of what it said."""
    row = {"reference": note.reference, "kind": "update", "reason": note.error[:200], "at": tx.now}
    tx.run(tx.insert(put_aside).values(**row).on_conflict_do_nothing())
