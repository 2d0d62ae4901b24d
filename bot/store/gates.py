"""When may the next letter go, to anyone and to one chat?

Gates are rows, so that all copies of the bot share them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.delivery import DeliveryLimits, Rate, after_slot, first_slot
from bot.store.statement import Statement, given
from bot.store.tables import gates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.store.database import Tx
    from bot.store.statement import Row

BOT = "bot"
DEATH = "death"
BULK = "bulk"
"""Its `tat` is the last slot that a reminder was given."""
CLOCK_STEP_MS = 60_000
"""A gate that is further ahead than this was left behind by a clock that has since been set back."""

_MS = timedelta(milliseconds=1)
TOGETHER_MS = 1_000
"""Two chats that are refused within this time mean that the bot as a whole is too fast."""
AFTER_BULK_MS = 1_000
AFTER_REFUSAL_MS = 60_000
"""For so long after reminders went, or after Telegram refused the bot as a whole, replies keep to the common pace."""

_IN_COMMON = Statement(sa.select(gates).where((gates.c.key == BOT) | (gates.c.key == BULK)))
_PASS = Statement(
    lambda insert: (
        insert(gates)
        .values(key=given("gate"), tat=given("following"))
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"tat": sa.case((gates.c.tat > given("now"), gates.c.tat), else_=given("now")) + given("every")},
            where=(gates.c.tat <= given("latest")) & (sa.func.coalesce(gates.c.closed_until, 0) <= given("now")),
        )
        .returning(gates.c.tat)
    )
)


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: its theoretical arrival time, and until when Telegram has closed it."""

    key: str
    tat: int = 0
    closed_until: int = 0

    def opens(self, rate: Rate, now: int) -> int:
        """The first moment at which one more letter may pass."""
        return max(first_slot(rate, self.tat, now), self.closed_until)

    def passed(self, rate: Rate, at: int) -> Gate:
        """The gate after a letter has passed at `at`."""
        return replace(self, tat=after_slot(rate, self.tat, at))


def chat_key(chat_id: int) -> str:
    """The name of a chat's gate."""
    return f"chat:{chat_id}"


def lock_bot(tx: Tx) -> Gate:
    """The gate of the whole bot, held until the transaction ends.

    It is always taken before any other gate.
    """
    if tx.postgres:
        tx.run(tx.insert(gates).values(key=BOT, tat=0).on_conflict_do_nothing())
    row = tx.one(sa.select(gates).where(gates.c.key == BOT).with_for_update())
    return Gate(BOT) if row is None else _gate(row, tx.now)


def load(tx: Tx, chat_ids: Iterable[int]) -> dict[int, Gate]:
    """The gates of chats. Only who holds the bot's gate moves them."""
    keys = {chat_key(chat_id): chat_id for chat_id in chat_ids}
    found = {chat_id: Gate(key) for key, chat_id in keys.items()}
    for row in tx.rows(sa.select(gates).where(gates.c.key.in_(keys))):
        found[keys[row.key]] = _gate(row, tx.now)
    return found


def _gate(row: Row, now: int) -> Gate:
    """A stored gate, without what a clock that was ahead has left in it."""
    tat = row.tat if row.tat <= now + CLOCK_STEP_MS else 0
    believable = row.refused_at is not None and row.refused_at <= now + CLOCK_STEP_MS
    return Gate(row.key, tat, (row.closed_until or 0) if believable else 0)


def save(tx: Tx, moved: Iterable[Gate]) -> None:
    """Writes how far gates have moved."""
    rows = [{"key": gate.key, "tat": gate.tat} for gate in moved]
    if rows:
        insert = tx.insert(gates)
        tx.run(insert.on_conflict_do_update(index_elements=["key"], set_={"tat": insert.excluded.tat}), rows)


def room(gate: Gate, limits: DeliveryLimits, now: int) -> int | None:
    """How many letters the bot may start within the horizon; None for any number."""
    every = limits.overall.every_ms
    last = now + limits.horizon // _MS
    opens = gate.opens(limits.overall, now)
    if opens > last:
        return 0
    return None if every == 0 else (last - opens) // every + 1


def is_pace_common(tx: Tx) -> bool:
    """Whether replies must take their turn like everything else.

    They need not while no reminders go out and Telegram has not found the bot too fast lately.
    """
    for row in tx.rows(_IN_COMMON):
        if row.key == BULK and tx.now - AFTER_BULK_MS < row.tat <= tx.now + CLOCK_STEP_MS:
            return True
        if row.key == BOT and _gate(row, tx.now).closed_until > tx.now - AFTER_REFUSAL_MS:
            return True
    return False


def pass_chat(tx: Tx, chat_id: int, rate: Rate) -> bool:
    """Takes a slot of a chat's gate for this very moment; False when it is not open now."""
    values = {
        "gate": chat_key(chat_id),
        "now": tx.now,
        "every": rate.every_ms,
        "following": tx.now + rate.every_ms,
        "latest": tx.now + (rate.burst - 1) * rate.every_ms,
    }
    return tx.one(_PASS, values) is not None


def refuse(tx: Tx, chat_id: int, wait_ms: int) -> None:
    """Closes a chat's gate after a 429, and the bot's too when another chat was refused a moment ago."""
    lock_bot(tx)
    _close(tx, chat_key(chat_id), wait_ms)
    lately = gates.c.refused_at.between(tx.now - TOGETHER_MS, tx.now)
    others = gates.c.key.not_in([BOT, chat_key(chat_id)])
    if tx.one(sa.select(gates.c.key).where(lately, others).limit(1)):
        _close(tx, BOT, wait_ms)


def _close(tx: Tx, key: str, wait_ms: int) -> None:
    insert = tx.insert(gates).values(key=key, tat=0, refused_at=tx.now, closed_until=tx.now + wait_ms)
    fresh = {"refused_at": insert.excluded.refused_at, "closed_until": insert.excluded.closed_until}
    tx.run(insert.on_conflict_do_update(index_elements=["key"], set_=fresh))


def note_death(tx: Tx) -> None:
    """Remembers that a lease has run out: a copy died, or hangs."""
    insert = tx.insert(gates).values(key=DEATH, tat=tx.now)
    tx.run(insert.on_conflict_do_update(index_elements=["key"], set_={"tat": insert.excluded.tat}))


def last_death(tx: Tx) -> int:
    """When a lease was last found to have run out."""
    row = tx.one(sa.select(gates.c.tat).where(gates.c.key == DEATH))
    return 0 if row is None or row[0] > tx.now else int(row[0])


def sweep(tx: Tx) -> int:
    """Removes the gates of chats that are long open again."""
    open_again = (gates.c.tat < tx.now - CLOCK_STEP_MS) & (sa.func.coalesce(gates.c.closed_until, 0) < tx.now)
    return tx.run(sa.delete(gates).where(open_again, gates.c.key != BOT))
