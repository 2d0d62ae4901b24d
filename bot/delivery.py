"""How does a letter or a due reminder reach Telegram, once if at all possible, and never faster than allowed?

Claim, send, complete. A claim leases rows and takes their places in the shared gates in one transaction; a
copy that dies between Telegram's yes and `complete` leaves one letter that is sent once more. That window
cannot be closed (sendMessage has no number of its own), so it is kept small: at most `sending` letters are
under way at once. A reply to somebody who waits is leased in the transaction that stores it, and sent by whoever
handled the update, without any claim, as long as reminders and Telegram leave room.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from time import monotonic
from typing import TYPE_CHECKING, Protocol, assert_never

from bot import counts
from bot.letters import Draft, Lane, Letter, Sent
from bot.reminders import Due
from bot.store.errors import StatementRefused, StoreError

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)
LATE = timedelta(minutes=5)
"""From here on a reminder counts as late."""


class SendingError(Exception):
    """Telegram did not take a letter."""


class PermanentRefusal(SendingError):
    """Telegram will never take this letter."""


class ChatGone(SendingError):
    """The person has blocked or left the chat."""


class ChatMigrated(SendingError):
    """The chat goes on under another id."""

    def __init__(self, new_id: int) -> None:
        super().__init__("The chat has moved")
        self.new_id = new_id


class RetryLater(SendingError):
    """Telegram asks to wait (429); the letter was not taken."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Telegram asks to wait {seconds:g} s")
        self.seconds = seconds


class Unreachable(SendingError):
    """Telegram surely did not get the letter.

    No connection, a full pool, an error page before the request was read.
    """


class Ambiguous(SendingError):
    """Nobody knows whether Telegram took the letter: the answer was lost."""


class Unauthorised(SendingError):
    """The token is not accepted any more; nothing can be sent until the host has changed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One letter per `every`, and up to `burst` at once after a rest.

    No waiting at all when `every` is zero.
    """

    every: timedelta
    burst: int = 1

    @property
    def every_ms(self) -> int:
        """The interval in ms, rounded up so that the limit holds."""
        return -(-self.every // timedelta(microseconds=1) // 1000)


def first_slot(rate: Rate, tat: int, now: int) -> int:
    """The earliest moment (ms) at which one more letter keeps to the rate.

    `tat` is the gate's theoretical arrival time: when the next letter would be due at perfectly even spacing.
    """
    return max(now, tat - (rate.burst - 1) * rate.every_ms)


def after_slot(rate: Rate, tat: int, at: int) -> int:
    """The gate's `tat` once a letter has taken the slot at `at`."""
    return max(tat, at) + rate.every_ms


def is_counted(method: str) -> bool:
    """Whether Telegram counts a call towards the limits; answers to a button or an inline query are free."""
    return not method.startswith("answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLimits:
    """How fast, how many at once, how long a lease holds, when a letter is given up.

    `sending` is for what is claimed, `replies` for replies that are sent as soon as they are stored; a copy that is
    killed may leave as many to be sent once more. A reminder that may have been sent by a copy that died is held back
    until no copy has died for `calm`. Slots are taken no further ahead than `horizon`, one letter of the bot's own:
    whoever is answered meanwhile comes next.
    """

    overall: Rate = Rate(every=timedelta(seconds=1) / 28)
    per_chat: Rate = Rate(every=timedelta(seconds=1), burst=3)
    per_group: Rate = Rate(every=timedelta(minutes=1) / 18, burst=2)
    sending: int = 8
    replies: int = 64
    horizon: timedelta = timedelta(milliseconds=36)
    lease: timedelta = timedelta(seconds=60)
    margin: timedelta = timedelta(seconds=10)
    strikes: int = 8
    calm: timedelta = timedelta(seconds=3)
    patience: timedelta = timedelta(seconds=1)
    poll: timedelta = timedelta(seconds=1)

    def of_chat(self, chat_id: int) -> Rate:
        """The rate of one chat; groups have negative ids."""
        return self.per_group if chat_id < 0 else self.per_chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Something to send that is leased to us, and how long to wait for its slot.

    `attempts` counts failed tries of any kind, `strikes` those that count towards giving up.
    """

    what: Letter | Due
    token: str
    send_in: float
    attempts: int
    strikes: int

    @property
    def chat_id(self) -> int:
        """Where it goes."""
        return self.what.chat_id if isinstance(self.what, Letter) else self.what.reminder.chat_id

    @property
    def number(self) -> str:
        """What it is called in logs; the same in every copy."""
        return self.what.id if isinstance(self.what, Letter) else self.what.occurrence.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a claim brought, in the order of the slots, and after how many seconds to ask again; None: not known."""

    claims: tuple[Claim, ...]
    next_in: float | None


class Marked(Enum):
    """What became of marking something as sent."""

    DONE = "done"
    MORE = "done, and the chat's next letter waits"
    LOST = "it was edited, erased or taken over meanwhile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Send it again after `seconds`; `strike` counts towards giving up."""

    seconds: float
    strike: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldChat:
    """Telegram asked this chat to wait."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Never send it again."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockChat:
    """Send nothing to this chat until it comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveChat:
    """Send it, and all else, to the chat's new id."""

    new_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Stop sending altogether; nothing is lost."""


Consequence = Again | HoldChat | GiveUp | BlockChat | MoveChat | Halt


def consequence(error: Exception, claim: Claim, limits: DeliveryLimits) -> Consequence:
    """The one table of failures: what follows when sending `claim` ended in `error`.

    An unknown exception is our own fault and may pass; it counts as a strike, as a lost answer does.
    """
    match error:
        case ChatGone():
            return BlockChat()
        case ChatMigrated(new_id=new_id):
            return MoveChat(new_id=new_id)
        case RetryLater(seconds=seconds):
            return HoldChat(seconds=max(0.0, seconds))
        case Unauthorised():
            return Halt()
        case PermanentRefusal():
            return GiveUp(reason=type(error).__name__)
        case Unreachable():
            seconds = limits.patience.total_seconds() * 2.0 ** min(claim.attempts, 6)
            return Again(seconds=min(60.0, seconds), strike=False)
        case _:
            if claim.strikes + 1 >= limits.strikes:
                return GiveUp(reason=type(error).__name__)
            return Again(seconds=_patience(claim, limits), strike=True)


def _patience(claim: Claim, limits: DeliveryLimits) -> float:
    """Seconds after the n-th strike.

    A waiting person's chat is not held up for hours; a reminder may outlast an outage.
    """
    at_most = 60.0 if isinstance(claim.what, Letter) else 3600.0
    return min(at_most, limits.patience.total_seconds() * 5.0 * 4.0**claim.strikes)


class PostOffice(Protocol):
    """Where letters and due reminders wait.

    `bot.store.Store` is one. Raises `bot.store.errors.StoreError`.
    """

    async def claim_post(self, *, room: int, limits: DeliveryLimits) -> Batch:
        """Leases up to `room` letters and due reminders that may be sent within the horizon."""
        ...

    async def complete_post(self, claim: Claim, sent: Sent) -> Marked:
        """Marks it sent and moves a series on, unless it was edited, erased or taken over meanwhile."""
        ...

    async def settle_failure(self, claim: Claim, what: Consequence, limits: DeliveryLimits) -> None:
        """Writes down what follows from a failure; does nothing when the lease is no longer ours."""
        ...

    async def return_post(self, claim: Claim) -> None:
        """Lets a claim go untried."""
        ...


Send = Callable[[Letter], Awaitable[Sent]]
Compose = Callable[[Due], Awaitable[Draft]]


class Delivery:
    """Sends what is due, paced by the gates.

    Args:
        post: where letters wait.
        send: hands one letter to Telegram, or raises a `SendingError`.
        compose: the words of a due reminder; asked right before sending, so that lateness is told truly.
        limits: see `DeliveryLimits`.
        sleep: waits so many seconds; tests give one that moves their clock.
        jitter: a number from 0 to 1 that spreads retries.
    """

    def __init__(
        self,
        *,
        post: PostOffice,
        send: Send,
        compose: Compose,
        limits: DeliveryLimits | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._post = post
        self._send = send
        self._compose = compose
        self._limits = limits or DeliveryLimits()
        self._sleep = sleep
        self._jitter = jitter
        self._busy: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(self._limits.replies)
        self._wake = asyncio.Event()
        self._halted: Unauthorised | None = None

    @property
    def limits(self) -> DeliveryLimits:
        """How fast letters go."""
        return self._limits

    async def deliver(self, claim: Claim) -> None:
        """Sends a reply that was leased when it was stored; whatever fails is tried again by a later claim."""
        leased_at = monotonic()
        async with self._places:
            await self._deliver(claim, leased_at)

    def wake(self) -> None:
        """Says that there is a new letter, so that it need not wait for the next look."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Delivers until `stop` is set, then finishes what is under way.

        Raises:
            Unauthorised: the token is no longer accepted.
        """
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _done: self._wake.set())
        try:
            while not stop.is_set():
                await self._rest(await self.round())
        finally:
            stopping.cancel()
            await self.finish()

    async def round(self) -> float:
        """One claim, its letters started each at its slot; the seconds after which to look again.

        Raises:
            Unauthorised: the token is no longer accepted.
        """
        if self._halted is not None:
            raise self._halted
        self._wake.clear()
        while (room := self._limits.sending - len(self._busy)) <= 0:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
        poll = self._limits.poll.total_seconds()
        claimed_at = monotonic()
        try:
            batch = await self._post.claim_post(room=room, limits=self._limits)
        except StoreError as error:
            log.warning("outbox not reachable: %s", type(error).__name__)
            return poll
        await self._start_all(batch, claimed_at)
        return poll if batch.next_in is None else max(0.0, min(batch.next_in, poll))

    async def finish(self) -> None:
        """Waits for what is under way."""
        while self._busy:
            await asyncio.wait(self._busy)

    async def drain(self) -> None:
        """Sends everything that may be sent now, at its pace; for tools and tests."""
        while True:
            await self.round()
            if not self._busy:
                return
            await self.finish()

    async def _rest(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _start_all(self, batch: Batch, claimed_at: float) -> None:
        waited = 0.0
        for claim in batch.claims:
            if claim.send_in > waited:
                await self._sleep(claim.send_in - waited)
                waited = claim.send_in
            task = asyncio.create_task(self._deliver(claim, claimed_at))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _deliver(self, claim: Claim, claimed_at: float) -> None:
        """Sends one claim and writes down what came of it.

        Whatever fails here leaves the lease to run out.
        """
        try:
            if self._too_late(claimed_at) or self._halted:
                await self._post.return_post(claim)
                return
            outcome = await self._attempt(claim)
            if isinstance(outcome, Sent):
                await self._completed(claim, outcome)
            else:
                await self._post.settle_failure(claim, self._spread(outcome), self._limits)
                self._wake.set()
        except StoreError as error:
            log.warning("%s not marked, its lease runs out: %s", claim.number, type(error).__name__)

    def _too_late(self, claimed_at: float) -> bool:
        """Whether so little of the lease is left that another copy may take the letter while we send it."""
        return monotonic() - claimed_at > (self._limits.lease - self._limits.margin).total_seconds()

    async def _attempt(self, claim: Claim) -> Sent | Consequence:
        try:
            return await self._send(await self._letter(claim.what))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  the table knows every kind
            what = consequence(error, claim, self._limits)
            counts.refused(type(error).__name__)
            if isinstance(error, Unauthorised):
                self._halted = error
            log.warning("%s not sent: %s", claim.number, type(error).__name__)
            return what

    async def _letter(self, what: Letter | Due) -> Letter:
        match what:
            case Letter():
                return what
            case Due():
                draft = await self._compose(what)
                return reminder_letter(what, draft)
            case _:
                assert_never(what)

    async def _completed(self, claim: Claim, sent: Sent) -> None:
        """Marks it sent. The database may be away just now: a second try may spare the person a copy."""
        due = claim.what if isinstance(claim.what, Due) else None
        counts.sent("reminder" if due else "letter", late=due is not None and due.late_by > LATE)
        for left in (2, 1, 0):
            try:
                marked = await self._post.complete_post(claim, sent)
            except StatementRefused:
                raise
            except StoreError:
                if left == 0:
                    raise
                await self._sleep(1.0)
            else:
                if marked is Marked.LOST:
                    log.info("%s was sent, but changed or taken over meanwhile", claim.number)
                if marked is Marked.MORE:
                    self._wake.set()
                return

    def _spread(self, what: Consequence) -> Consequence:
        """Retries a little apart, so that a crowd does not come back all at once."""
        if isinstance(what, Again):
            return Again(seconds=what.seconds * (1 + 0.25 * self._jitter()), strike=what.strike)
        if isinstance(what, HoldChat):
            return HoldChat(seconds=what.seconds + 0.25 * self._jitter())
        return what


def reminder_letter(due: Due, draft: Draft) -> Letter:
    """A due reminder in its words; it goes to the reminder's own chat, whatever the draft says."""
    return Letter(
        id=due.occurrence.number,
        chat_id=due.reminder.chat_id,
        lane=Lane.REMINDER,
        method=draft.method,
        body=draft.body,
        created=_created(due),
        occurrence=due.occurrence,
        reply_key=draft.reply_key,
    )


def _created(due: Due) -> datetime:
    return due.occurrence.due + due.late_by
