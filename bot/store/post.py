"""Which letters and reminders may be sent now, and what is written down afterwards?

A claim locks the bot's gate first; that makes copies take turns, so that slots, chats' gates and leases fit
together. A reply to a person who waits needs no claim: whoever stores it may send it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

import sqlalchemy as sa

from bot import counts
from bot.delivery import (
    Again,
    Batch,
    BlockChat,
    Claim,
    Consequence,
    DeliveryLimits,
    GiveUp,
    Halt,
    HoldChat,
    Marked,
    MoveChat,
    is_counted,
)
from bot.letters import Lane, Letter
from bot.reminders import Due, ParseRule, Turn
from bot.store import gates, outbox, people, reminders
from bot.store.tables import mail
from bot.store.tables import reminders as reminder_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.letters import Draft, Sent
    from bot.store.database import Tx
    from bot.store.statement import Row

_MS = timedelta(milliseconds=1)


@dataclass(slots=True)
class _Slots:
    """Hands out send times within one claim."""

    limits: DeliveryLimits
    now: int
    bot: gates.Gate
    chats: dict[int, gates.Gate]
    moved: set[int] = field(default_factory=set)

    def take(self, chat_id: int) -> int:
        """The slot (ms) of one more letter to a chat."""
        rate = self.limits.of_chat(chat_id)
        at = self.bot.opens(self.limits.overall, self.now)
        self.bot = self.bot.passed(self.limits.overall, at)
        self.chats[chat_id] = self.chats[chat_id].passed(rate, at)
        self.moved.add(chat_id)
        return at

    def held_until(self, chat_id: int) -> int | None:
        """When the chat's own gate opens, if that is later than the bot's next slot."""
        opens = self.chats[chat_id].opens(self.limits.of_chat(chat_id), self.now)
        return opens if opens > self.bot.opens(self.limits.overall, self.now) else None

    def save(self, tx: Tx, last_bulk: int) -> None:
        """Writes every gate that moved, and when the last reminder goes."""
        moved = [self.chats[chat_id] for chat_id in sorted(self.moved)]
        bulk = [gates.Gate(gates.BULK, last_bulk)] if last_bulk else []
        if moved:
            gates.save(tx, [self.bot, *bulk, *moved])


def store(tx: Tx, drafts: Sequence[Draft], *, limits: DeliveryLimits | None, token: str) -> Claim | None:
    """Stores letters. The first one is leased to whoever stores it if it may be sent this very moment.

    A person waits for it, and the next claim would only find it again. Without `limits` it is left to the next claim.
    """
    if not drafts or limits is None or drafts[0].lane is not Lane.INTERACTIVE or _takes_turns(tx, limits):
        outbox.store(tx, drafts)
        return None
    letter = outbox.store(tx, drafts, until=tx.now + limits.lease // _MS, token=token)
    if letter is None:
        return None
    if is_counted(letter.method) and not gates.pass_chat(tx, letter.chat_id, limits.of_chat(letter.chat_id)):
        outbox.lease(tx, [letter.chat_id], letter.lane, until=tx.now, token=None)
        return None
    return Claim(what=letter, token=token, send_in=0.0, attempts=0, strikes=0)


def _takes_turns(tx: Tx, limits: DeliveryLimits) -> bool:
    return limits.overall.every_ms > 0 and gates.is_pace_common(tx)


def claim(tx: Tx, *, room: int, limits: DeliveryLimits, first: Turn, token: str, parse: ParseRule) -> Batch:
    """Leases up to `room` letters and reminders.

    `first` says which queue of reminders picks first this time.
    """
    bot = gates.lock_bot(tx)
    fits = gates.room(bot, limits, tx.now)
    if fits == 0:
        opens = bot.opens(limits.overall, tx.now)
        return Batch(claims=(), next_in=_seconds(opens - limits.horizon // _MS - tx.now))
    room = room if fits is None else min(room, fits)
    found = list(_waiting(tx, room, first, limits, parse))
    slots = _Slots(limits, tx.now, bot, gates.load(tx, {each.chat_id for each in found}))
    claims = [each for each in found if _has_slot(tx, each, slots)]
    _lease(tx, claims, until=tx.now + limits.lease // _MS, token=token)
    slots.save(tx, max((each.at for each in claims if each.is_bulk), default=0))
    result = [each.claim(token, _seconds(each.at - tx.now)) for each in claims]
    return Batch(claims=tuple(result), next_in=0.0 if len(found) >= room else _next_in(tx))


@dataclass(slots=True)
class _Found:
    """A row whose time has come, before it has its slot."""

    what: Letter | Due
    attempts: int
    strikes: int
    at: int = 0

    @property
    def chat_id(self) -> int:
        return self.what.chat_id if isinstance(self.what, Letter) else self.what.reminder.chat_id

    @property
    def is_bulk(self) -> bool:
        """Whether nobody is waiting for it this moment."""
        return not isinstance(self.what, Letter) or self.what.lane is not Lane.INTERACTIVE

    def claim(self, token: str, send_in: float) -> Claim:
        return Claim(what=self.what, token=token, send_in=send_in, attempts=self.attempts, strikes=self.strikes)


def _waiting(tx: Tx, room: int, first: Turn, limits: DeliveryLimits, parse: ParseRule) -> Iterator[_Found]:
    """Letters to people who wait.

    Then half of what is left for each queue of reminders; then other letters.
    """
    for lane in (Lane.INTERACTIVE, None, Lane.REMINDER):
        found = list(_due(tx, room, first, limits, parse) if lane is None else _letters(tx, lane, room))
        room -= len(found)
        yield from found
        if room <= 0:
            return


def _letters(tx: Tx, lane: Lane, limit: int) -> Iterator[_Found]:
    for row in outbox.waiting(tx, lane, limit):
        yield _Found(outbox.letter(row), row.attempts, row.strikes)


def _due(tx: Tx, room: int, first: Turn, limits: DeliveryLimits, parse: ParseRule) -> Iterator[_Found]:
    second = Turn.RECURRING if first is Turn.ONE_OFF else Turn.ONE_OFF
    ahead, behind = reminders.waiting(tx, first, room), reminders.waiting(tx, second, room)
    ahead = ahead[: room - min(len(behind), room // 2)]
    rows = ahead + behind[: room - len(ahead)]
    rows = _not_in_doubt(tx, rows, limits)
    known = people.load_many(tx, {row.person_id for row in rows})
    answered = reminders.answered(tx, rows)
    for row in rows:
        due = reminders.due_now(tx, row, parse, known.get(row.person_id), answered.get(row.id, set()))
        if due is not None:
            yield _Found(due, row.attempts, row.strikes)


def _not_in_doubt(tx: Tx, rows: list[Row], limits: DeliveryLimits) -> list[Row]:
    """Holds back what a copy that died may have sent already, until no copy has died for a while.

    Whoever crashes again and again would otherwise send the same reminder again and again.
    """
    doubtful = [row for row in rows if row.token is not None]
    if not doubtful:
        return rows
    if any(not reminders.is_in_doubt(row) for row in doubtful):
        gates.note_death(tx)
        counts.taken_over("reminders", sum(not reminders.is_in_doubt(row) for row in doubtful))
    calm = gates.last_death(tx) + limits.calm // _MS
    if calm <= tx.now:
        return rows
    for row in doubtful:
        reminders.hold_in_doubt(tx, row, calm)
    return [row for row in rows if row.token is None]


def _has_slot(tx: Tx, found: _Found, slots: _Slots) -> bool:
    """Gives a row its slot, or puts it off until its chat may be written to again."""
    if isinstance(found.what, Letter) and not is_counted(found.what.method):
        found.at = tx.now
    elif (held := slots.held_until(found.chat_id)) is not None:
        _lease(tx, [found], until=held, token=None)
        return False
    else:
        found.at = slots.take(found.chat_id)
    return True


def _lease(tx: Tx, found: list[_Found], *, until: int, token: str | None) -> None:
    """Leases rows until then, in few statements; without a token, merely puts them off."""
    for lane in Lane:
        letters = [each.what for each in found if isinstance(each.what, Letter)]
        chats = [letter.chat_id for letter in letters if letter.lane is lane]
        outbox.lease(tx, chats, lane, until=until, token=token)
    due = [each.what.reminder.id for each in found if isinstance(each.what, Due)]
    reminders.lease(tx, due, until=until, token=token)


def _seconds(ms: int) -> float:
    return max(0, ms) / 1000


def _next_in(tx: Tx) -> float | None:
    """Seconds until something wants to be touched; None when nothing waits."""
    row = tx.one(_NEXT_WAKE)
    return None if row is None or row[0] is None else _seconds(row[0] - tx.now)


def _first(table: sa.Table, lane: int) -> sa.Select[tuple[int]]:
    return sa.select(sa.func.min(table.c.wake_at).label("wake_at")).where(table.c.lane == lane)


_EACH_QUEUE = sa.union_all(
    *(_first(mail, int(lane)) for lane in Lane), *(_first(reminder_table, int(turn)) for turn in Turn)
).subquery()
_NEXT_WAKE = sa.select(sa.func.min(_EACH_QUEUE.c.wake_at))


def complete(tx: Tx, claim: Claim, sent: Sent, parse: ParseRule) -> Marked:
    """Marks a claim as sent, if the lease is still ours."""
    if isinstance(claim.what, Due):
        ours = reminders.complete(tx, claim.what, claim.token, parse, sent.message_id)
        return Marked.DONE if ours else Marked.LOST
    letter = claim.what
    marked = outbox.remove(tx, letter, claim.token)
    if marked is Marked.LOST:
        return marked
    if letter.reply_key is not None and sent.message_id is not None:
        outbox.remember_reply(tx, letter, sent.message_id)
    return marked


def settle_failure(tx: Tx, claim: Claim, what: Consequence, limits: DeliveryLimits, parse: ParseRule) -> None:
    """Writes down what follows from a failure; rows whose lease is lost stay as they are."""
    match what:
        case Again(seconds=seconds, strike=strike):
            _put_off(tx, claim, seconds, tried=True, strike=strike)
        case HoldChat(seconds=seconds):
            gates.refuse(tx, claim.chat_id, round(seconds * 1000))
            _put_off(tx, claim, seconds, tried=False, strike=False)
        case GiveUp(reason=reason):
            _give_up(tx, claim, reason, parse)
        case BlockChat():
            people.block_chat(tx, claim.chat_id)
        case MoveChat(new_id=new_id):
            if claim.strikes + 1 >= limits.strikes:
                _give_up(tx, claim, "ChatMigrated", parse)
            else:
                _put_off(tx, claim, 0, tried=True, strike=True)
            people.move_chat(tx, claim.chat_id, new_id)
        case Halt():
            _put_off(tx, claim, 0, tried=False, strike=False)
        case _:
            assert_never(what)


def give_back(tx: Tx, claim: Claim) -> None:
    """Lets a claim go untried."""
    _put_off(tx, claim, 0, tried=False, strike=False)


def _put_off(tx: Tx, claim: Claim, seconds: float, *, tried: bool, strike: bool) -> None:
    wait_ms = round(seconds * 1000)
    if isinstance(claim.what, Due):
        reminders.put_off(tx, claim.what, claim.token, wait_ms=wait_ms, tried=tried, strike=strike)
    else:
        outbox.put_off(tx, claim.what, claim, wait_ms=wait_ms, tried=tried, strike=strike)


def _give_up(tx: Tx, claim: Claim, reason: str, parse: ParseRule) -> None:
    if isinstance(claim.what, Due):
        done = reminders.give_up(tx, claim.what, claim.token, parse)
    else:
        done = outbox.remove(tx, claim.what, claim.token) is not Marked.LOST
    if done:
        kind = "reminder" if isinstance(claim.what, Due) else "letter"
        outbox.record_aside(tx, claim.number, kind, reason)
