"""How are letters kept until Telegram has them?

In order per chat and lane; a chat's first letter is what is leased.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.delivery import Marked
from bot.letters import Lane, Letter
from bot.store.moments import from_ms
from bot.store.statement import Statement, given
from bot.store.tables import mail, outbox, put_aside, replies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.delivery import Claim
    from bot.letters import Draft
    from bot.store.database import Tx
    from bot.store.statement import Row

_HERE = (mail.c.chat_id == given("chat")) & (mail.c.lane == given("which"))
_OF_CHAT = (outbox.c.chat_id == given("chat")) & (outbox.c.lane == given("which"))

_WAKE = Statement(
    lambda insert: (
        insert(mail)
        .values(
            chat_id=given("chat"),
            lane=given("which"),
            wake_at=given("wake"),
            token=given("ours"),
            attempts=0,
            strikes=0,
        )
        .on_conflict_do_update(index_elements=["chat_id", "lane"], set_={"wake_at": mail.c.wake_at})
        .returning(mail.c.token)
    )
)
_KEEP = Statement(
    sa.insert(outbox)
    .values(
        chat_id=given("chat"),
        lane=given("which"),
        method=given("call"),
        body=given("words"),
        reply_key=given("key"),
        created_at=given("now"),
    )
    .returning(outbox.c.id)
)
_LET_GO = Statement(
    sa.update(mail)
    .where(_HERE, mail.c.token == given("ours"))
    .values(wake_at=given("now"), token=None, attempts=0, strikes=0)
)
_REMOVE = Statement(sa.delete(outbox).where(outbox.c.id == given("number")))
_END = Statement(sa.delete(mail).where(_HERE, ~sa.exists().where(_OF_CHAT)))
_REMEMBER = Statement(
    lambda insert: _fresh_reply(
        insert(replies).values(
            chat_id=given("chat"), reply_key=given("key"), message_id=given("message"), sent_at=given("now")
        )
    )
)


def _fresh_reply(insert: Any) -> sa.Executable:
    """A later message takes the place of an earlier one."""
    fresh = {"message_id": insert.excluded.message_id, "sent_at": insert.excluded.sent_at}
    done: sa.Executable = insert.on_conflict_do_update(index_elements=["chat_id", "reply_key"], set_=fresh)
    return done


def store(tx: Tx, drafts: Sequence[Draft], *, until: int = 0, token: str | None = None) -> Letter | None:
    """Stores letters, in the order given.

    With a `token`, the first one is leased under it until then, and comes back, unless its chat has others waiting.
    """
    if not drafts:
        return None
    first = drafts[0]
    head = (first.chat_id, int(first.lane))
    holders = {
        each: _wake(tx, *each, until, token if each == head else None)
        for each in sorted({(draft.chat_id, int(draft.lane)) for draft in drafts})
    }
    numbers = [_keep(tx, draft) for draft in drafts]
    if token is None or holders[head] != token:
        return None
    return Letter(
        id=f"L{numbers[0]}",
        chat_id=first.chat_id,
        lane=first.lane,
        method=first.method,
        body=first.body,
        created=from_ms(tx.now),
        reply_key=first.reply_key,
    )


def _wake(tx: Tx, chat_id: int, lane: int, until: int, token: str | None) -> str | None:
    """Makes sure that the chat is looked at, and holds its row, so that nobody removes it meanwhile.

    A new row is leased under `token`, if one is given. Under which token the row is leased now, if it is.
    """
    wake = tx.now if token is None else until
    row = tx.one(_WAKE, {"chat": chat_id, "which": lane, "wake": wake, "ours": token})
    return None if row is None else row.token


def _keep(tx: Tx, draft: Draft) -> int:
    """Writes a letter down; its number."""
    values = {"chat": draft.chat_id, "which": int(draft.lane), "call": draft.method, "words": draft.body}
    row = tx.one(_KEEP, values | {"key": draft.reply_key, "now": tx.now})
    assert row is not None
    return int(row.id)


def waiting(tx: Tx, lane: Lane, limit: int) -> list[Row]:
    """The first letters of up to `limit` chats whose turn it is; their `mail` rows are locked."""
    due = (
        sa.select(mail.c.chat_id)
        .where(mail.c.lane == int(lane), mail.c.wake_at <= tx.now)
        .order_by(mail.c.wake_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    chats = [row.chat_id for row in tx.rows(due)]
    if not chats:
        return []
    of_chats = (outbox.c.chat_id.in_(chats)) & (outbox.c.lane == int(lane))
    heads = sa.select(sa.func.min(outbox.c.id)).where(of_chats).group_by(outbox.c.chat_id)
    same = (mail.c.chat_id == outbox.c.chat_id) & (mail.c.lane == outbox.c.lane)
    found = sa.select(outbox, mail.c.attempts, mail.c.strikes).join(mail, same)
    letters = tx.rows(found.where(outbox.c.id.in_(heads)).order_by(outbox.c.id))
    empty = set(chats) - {row.chat_id for row in letters}
    if empty:  # never left by us; it would be looked at for ever
        tx.run(sa.delete(mail).where(mail.c.lane == int(lane), mail.c.chat_id.in_(empty)))
    return letters


def waits(tx: Tx, chat_id: int) -> bool:
    """Whether a letter to a chat still waits or is under way."""
    return tx.one(sa.select(outbox.c.id).where(outbox.c.chat_id == chat_id).limit(1)) is not None


def letter(row: Row) -> Letter:
    """A stored letter."""
    return Letter(
        id=f"L{row.id}",
        chat_id=row.chat_id,
        lane=Lane(row.lane),
        method=row.method,
        body=row.body,
        created=from_ms(row.created_at),
        reply_key=row.reply_key,
    )


def lease(tx: Tx, chat_ids: Sequence[int], lane: Lane, *, until: int, token: str | None) -> None:
    """Leases chats' rows until then; without a token, merely puts them off."""
    rows = (mail.c.chat_id.in_(chat_ids)) & (mail.c.lane == int(lane))
    if chat_ids:
        tx.run(sa.update(mail).where(rows).values(wake_at=until, token=token))


def remove(tx: Tx, letter: Letter, token: str) -> Marked:
    """Removes a letter for good and lets the chat's next one come, if the lease is still ours."""
    here = {"chat": letter.chat_id, "which": int(letter.lane)}
    if tx.run(_LET_GO, {**here, "ours": token, "now": tx.now}) == 0:
        return Marked.LOST
    tx.run(_REMOVE, {"number": int(letter.id[1:])})
    return Marked.DONE if tx.run(_END, here) else Marked.MORE


def _row(letter: Letter, token: str) -> sa.ColumnElement[bool]:
    here = (mail.c.chat_id == letter.chat_id) & (mail.c.lane == int(letter.lane))
    return here & (mail.c.token == token)


def put_off(tx: Tx, letter: Letter, claim: Claim, *, wait_ms: int, tried: bool, strike: bool) -> None:
    """Lets the chat's row go until later, its letter still in front."""
    tx.run(
        sa.update(mail)
        .where(_row(letter, claim.token))
        .values(
            wake_at=tx.now + wait_ms,
            token=None,
            attempts=mail.c.attempts + int(tried),
            strikes=mail.c.strikes + int(strike),
        )
    )


def drop_chat(tx: Tx, chat_id: int) -> None:
    """Removes every letter to a chat."""
    tx.run(sa.delete(outbox).where(outbox.c.chat_id == chat_id))
    tx.run(sa.delete(mail).where(mail.c.chat_id == chat_id))


def record_aside(tx: Tx, reference: str, kind: str, reason: str) -> None:
    """Notes that something was given up: its number and the kind of error, no content."""
    row = {"reference": reference, "kind": kind, "reason": reason[:200], "at": tx.now}
    tx.run(tx.insert(put_aside).values(**row).on_conflict_do_nothing())


def remember_reply(tx: Tx, letter: Letter, message_id: int) -> None:
    """Remembers which message a letter with a reply key became; a later one takes its place."""
    tx.run(_REMEMBER, {"chat": letter.chat_id, "key": letter.reply_key, "message": message_id, "now": tx.now})


def find_reply(tx: Tx, chat_id: int, reply_key: str) -> int | None:
    """The message that a letter with this reply key became."""
    wanted = (replies.c.chat_id == chat_id) & (replies.c.reply_key == reply_key)
    row = tx.one(sa.select(replies.c.message_id).where(wanted))
    return None if row is None else row[0]
