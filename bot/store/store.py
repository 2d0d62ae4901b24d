"""What may the rest of the bot ask of the database? Everything here is one transaction per call."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from bot import counts
from bot.changes import AddReport, CountVote, ErasePerson
from bot.intake import Finished, Stored
from bot.reminders import Turn
from bot.store import inbox, outbox, owners, people, post, reminders, reports, upkeep
from bot.store.apply import apply
from bot.store.database import NO_WAIT, Database, connect, sqlite_path
from bot.store.moments import Clock, maybe_moment, maybe_ms
from bot.store.owners import Owner, Presence
from bot.store.schema import prepare
from bot.store.write_ahead import empty_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.changes import Change, Handled
    from bot.delivery import Batch, Claim, Consequence, DeliveryLimits, Marked
    from bot.intake import InboxItem, PutAside, RawUpdate
    from bot.letters import Draft, Sent
    from bot.people import Dialog, Person, Remembered
    from bot.reminders import Occurrence, ParseRule, Reminder
    from bot.reports import Report, Voted
    from bot.store.database import Tx

log = logging.getLogger(__name__)
_MS = timedelta(milliseconds=1)
CLOCK_STEP_MS = 30_000


async def open_store(
    url: str, *, parse: ParseRule, clock: Clock | None = None, group_commit: timedelta = NO_WAIT
) -> Store:
    """Opens the database of a `DATABASE_URL`, making its tables when it is empty.

    Args:
        url: `sqlite:///data/massage-bot.db`, `sqlite://` (in memory) or `postgresql://user@host/name`.
        parse: reads a stored rule (`intents.schedule`).
        clock: tells the time; by default this machine's for SQLite and the server's for PostgreSQL.
        group_commit: on SQLite, how long a commit waits for company.

    Raises:
        StoreError: it cannot be reached, is damaged, another program's, or of another version; see its kinds.
    """
    database = connect(url, clock=clock, group_commit=group_commit)
    path = sqlite_path(database.url) if database.url.get_backend_name() == "sqlite" else None
    presence: Presence | None = None
    try:
        await prepare(database, path)
        presence = Presence(path) if path is not None else None
        freed = await _free_the_deads(database, presence)
    except BaseException:
        if presence is not None:
            presence.end()
        await database.close()
        raise
    counts.taken_over("start", freed)
    if freed:
        log.info("%s leases of copies that died are free again", freed)
    return Store(database, parse, presence)


async def _free_the_deads(database: Database, presence: Presence | None) -> int:
    """Takes back at once what copies that died had leased; how many rows."""
    if presence is None:
        return await database.write(lambda tx: owners.free(tx, owners.owner_is_dead))
    freed = 0
    if presence.is_alone:
        freed = await database.write(lambda tx: owners.free(tx, lambda _token: True))
    await asyncio.to_thread(presence.share)
    return freed


class Store:
    """The database behind intake, delivery and conversation. Every failure comes out as a `StoreError`."""

    def __init__(self, database: Database, parse: ParseRule, presence: Presence | None = None) -> None:
        self.database = database
        self._presence = presence
        self._parse = parse
        self._turn = Turn.ONE_OFF
        self._ahead: int | None = None

    async def close(self) -> None:
        """Ends all connections."""
        await self.database.close()
        if self._presence is not None:
            self._presence.end()
            self._presence = None

    # What bot.intake asks for

    async def store_updates(
        self, updates: Sequence[RawUpdate], *, room: int = 0, lease: timedelta = timedelta(0)
    ) -> Stored:
        """Stores the updates not seen before, in order, and leases up to `room` chats for which nothing waited."""
        token, lease_ms = _token(), lease // _MS
        return await self.database.write(lambda tx: inbox.store(tx, updates, room=room, lease_ms=lease_ms, token=token))

    async def claim_updates(self, *, limit: int, lease: timedelta) -> list[InboxItem]:
        """Leases up to `limit` chats' lanes and returns the next update of each."""
        token = _token()

        def claim(tx: Tx) -> list[InboxItem]:
            self._notice_clock(tx)
            return inbox.claim(tx, limit=limit, lease_ms=lease // _MS, token=token)

        return await self.database.write(claim)

    async def finish_update(
        self,
        item: InboxItem,
        handled: Handled,
        *,
        keep: timedelta | None = None,
        at_once: DeliveryLimits | None = None,
    ) -> Finished:
        """Applies changes, stores letters and removes the update, in one transaction.

        With `at_once`, the first letter may come back leased, to be sent right away.

        Raises:
            LeaseLost: another copy has the chat; nothing was written.
        """
        token, keep_ms = _token(), 0 if keep is None else keep // _MS

        def finish(tx: Tx) -> Finished:
            inbox.hold(tx, item)
            for change in handled.changes:
                apply(tx, change, self._parse)
            claim = post.store(tx, handled.letters, limits=at_once, token=token)
            inbox.remove(tx, item)
            return Finished(following=inbox.move_on(tx, item, keep_ms=keep_ms), claim=claim)

        finished = await self.database.write(finish)
        for change in handled.changes:
            match change:
                case AddReport(report=report):
                    counts.reported(report.reason)
                case CountVote(helped=helped):
                    counts.voted(helped=helped)
        if any(isinstance(change, ErasePerson) for change in handled.changes):
            await empty_log(self.database.url)
        return finished

    async def give_up_update(self, item: InboxItem, note: PutAside, letter: Draft | None) -> None:
        """Removes an update that cannot be handled, keeping its number and the kind of error only."""

        def give_up(tx: Tx) -> None:
            inbox.hold(tx, item)
            inbox.record_aside(tx, note)
            outbox.store(tx, () if letter is None else (letter,))
            inbox.remove(tx, item)
            inbox.move_on(tx, item, keep_ms=0)

        await self.database.write(give_up)

    async def release_update(self, item: InboxItem, *, wait: timedelta, failed: bool) -> None:
        """Lets a lane go with its update still in front, to be claimed after `wait`."""
        await self.database.write(lambda tx: inbox.release(tx, item, wait_ms=wait // _MS, failed=failed))

    async def seconds_to_next_update(self) -> float | None:
        """How long until a lane may be claimed; None when nothing waits."""

        def look(tx: Tx) -> float | None:
            wake = inbox.next_wake(tx)
            return None if wake is None else max(0, wake - tx.now) / 1000

        return await self.database.read(look)

    # What bot.delivery asks for

    async def claim_post(self, *, room: int, limits: DeliveryLimits) -> Batch:
        """Leases up to `room` letters and due reminders that may be sent within the horizon."""
        token, first = _token(), self._turn
        self._turn = Turn.RECURRING if first is Turn.ONE_OFF else Turn.ONE_OFF

        def claim(tx: Tx) -> Batch:
            self._notice_clock(tx)
            return post.claim(tx, room=room, limits=limits, first=first, token=token, parse=self._parse)

        return await self.database.write(claim)

    async def complete_post(self, claim: Claim, sent: Sent) -> Marked:
        """Marks a claim as sent and moves a series on, unless it was changed or taken over meanwhile."""
        return await self.database.write(lambda tx: post.complete(tx, claim, sent, self._parse), patient=True)

    async def settle_failure(self, claim: Claim, what: Consequence, limits: DeliveryLimits) -> None:
        """Writes down what follows from a failure to send."""
        await self.database.write(lambda tx: post.settle_failure(tx, claim, what, limits, self._parse))

    async def return_post(self, claim: Claim) -> None:
        """Lets a claim go untried."""
        await self.database.write(lambda tx: post.give_back(tx, claim))

    def _notice_clock(self, tx: Tx) -> None:
        """At the first claim, and whenever the clock was set back, wakes what would wait for the old time."""
        ahead = tx.now - round(monotonic() * 1000)
        if self._ahead is None or ahead < self._ahead - CLOCK_STEP_MS:
            upkeep.wake_stranded(tx)
        self._ahead = ahead

    # What the conversation asks for

    async def change(self, *changes: Change, letters: Sequence[Draft] = ()) -> None:
        """Applies changes and stores letters in one transaction, outside of any update."""

        def write(tx: Tx) -> None:
            for each in changes:
                apply(tx, each, self._parse)
            outbox.store(tx, letters)

        await self.database.write(write)

    async def person(self, person_id: int) -> Person | None:
        """What is known of a person."""
        return await self.database.read(lambda tx: people.load(tx, person_id))

    async def dialog(self, chat_id: int, person_id: int) -> Dialog | None:
        """Where a conversation stands; None when nowhere or when that has expired."""
        return await self.database.read(lambda tx: people.load_dialog(tx, chat_id, person_id))

    async def claim_dialogs(self, *, limit: int, lease: timedelta) -> list[Dialog]:
        """Conversations that are to go on by themselves now, leased to us."""
        return await self.database.write(lambda tx: people.claim_dialogs(tx, limit=limit, lease_ms=lease // _MS))

    async def go_on(self, dialog: Dialog, letter: Draft | None, wake: datetime | None, *, again: timedelta) -> None:
        """Stores what a claimed conversation says by itself and when it goes on next, unless it changed meanwhile."""
        at = maybe_ms(wake)
        await self.database.write(lambda tx: people.go_on(tx, dialog, letter, at, again_ms=again // _MS))

    async def seconds_to_next_dialog(self) -> float | None:
        """How long until a conversation goes on by itself; None when none does."""

        def look(tx: Tx) -> float | None:
            wake = people.next_wake(tx)
            return None if wake is None else max(0, wake - tx.now) / 1000

        return await self.database.read(look)

    async def remembered(self, chat_id: int, person_id: int) -> Remembered:
        """What every message needs to know, read together."""
        return await self.database.read(lambda tx: people.remembered(tx, chat_id, person_id))

    async def reminders(self, person_id: int) -> list[Reminder]:
        """A person's reminders in every state, oldest first."""
        return await self.database.read(lambda tx: reminders.of_person(tx, person_id))

    async def reminder(self, person_id: int, reminder_id: str) -> Reminder | None:
        """A reminder (or the one-off of a snooze), if it is this person's."""
        return await self.database.read(lambda tx: reminders.find(tx, person_id, reminder_id))

    async def occurrences(self, reminder_id: str) -> list[Occurrence]:
        """What became of a reminder's occurrences, oldest first."""
        return await self.database.read(lambda tx: reminders.history(tx, reminder_id))

    async def add_reminders(self, new: Iterable[Reminder]) -> None:
        """Stores many new reminders at once."""
        rows = list(new)
        await self.database.write(lambda tx: reminders.add_many(tx, rows))

    async def reply(self, chat_id: int, reply_key: str) -> int | None:
        """The id of the message that a letter with this reply key became, for some days."""
        return await self.database.read(lambda tx: outbox.find_reply(tx, chat_id, reply_key))

    async def blocked_since(self, chat_id: int) -> datetime | None:
        """When a chat was found blocked; None while it can be written to."""
        return maybe_moment(await self.database.read(lambda tx: people.blocked_since(tx, chat_id)))

    # What the host asks for

    async def export(self, person_id: int) -> dict[str, list[dict[str, Any]]]:
        """Everything stored about a person, table by table, in the stored form."""
        return await self.database.read(lambda tx: people.export(tx, person_id))

    async def erase(self, person_id: int) -> None:
        """Forgets a person."""
        await self.database.write(lambda tx: people.erase(tx, person_id))

    async def reports(self) -> list[Report]:
        """What people reported about answers, newest first."""
        return await self.database.read(reports.listed)

    async def votes(self) -> list[Voted]:
        """How often answers helped, by the passage they rest on first."""
        return await self.database.read(reports.counted)

    async def backlog(self) -> upkeep.Backlog:
        """What waits and for how long."""
        return await self.database.read(upkeep.backlog)

    async def sweep(self, keep: upkeep.Retention | None = None) -> int:
        """Removes what is past its time; to be called about once an hour. How many rows went."""
        gone = await self.database.write(lambda tx: upkeep.sweep(tx, keep or upkeep.Retention()))
        await empty_log(self.database.url)
        return gone


def _token() -> str:
    return Owner.this_process().token()
