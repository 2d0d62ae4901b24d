"""Stand-ins for the outside world.

A clock that is set by hand, a rule of ten lines, a Telegram that obeys.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.changes import AddReminder
from bot.letters import Draft, Letter, Sent
from bot.reminders import Reminder

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.reminders import Due

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PERSON = 500
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class HandClock:
    """A clock that stands still until somebody moves it; sleeping moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)  # whoever was started before this sleep starts before the clock moves
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Every:
    """A rule: each `step` from `start` on, up to and with `last`."""

    start: datetime
    step: timedelta
    last: datetime | None = None

    def after(self, moment: datetime) -> datetime | None:
        steps = max(0, (moment - self.start) // self.step + 1)
        found = self.start + steps * self.step
        return None if self.last is not None and found > self.last else found

    def text(self) -> str:
        last = None if self.last is None else self.last.isoformat()
        return json.dumps([self.start.isoformat(), self.step.total_seconds(), last])


def parse(text: str) -> Every:
    start, step, last = json.loads(text)
    return Every(
        datetime.fromisoformat(start),
        timedelta(seconds=step),
        None if last is None else datetime.fromisoformat(last),
    )


async def compose(due: Due) -> Draft:
    words = {"text": due.reminder.text, "late": due.late_by.total_seconds(), "skipped": due.skipped}
    words["last"] = due.last
    return Draft(chat_id=due.reminder.chat_id, method="sendMessage", body=json.dumps(words))


@dataclass
class FakeTelegram:
    """Takes letters and remembers them with their moment.

    `trouble` says what to raise instead, letter by letter.
    """

    clock: Callable[[], datetime]
    trouble: list[Exception | None] = field(default_factory=list)
    taken: list[tuple[datetime, Letter]] = field(default_factory=list)
    on_letter: Callable[[Letter], None] = lambda _letter: None

    async def send(self, letter: Letter) -> Sent:
        self.on_letter(letter)
        problem = self.trouble.pop(0) if self.trouble else None
        if problem is not None:
            raise problem
        self.taken.append((self.clock(), letter))
        return Sent(message_id=1000 + len(self.taken))

    @property
    def letters(self) -> list[Letter]:
        return [letter for _, letter in self.taken]

    @property
    def bodies(self) -> list[str]:
        return [letter.body for letter in self.letters]

    @property
    def words(self) -> list[dict[str, object]]:
        return [json.loads(letter.body) for letter in self.letters]


def letter_to(chat_id: int, body: str = "{}", reply_key: str | None = None) -> Draft:
    return Draft(chat_id=chat_id, method="sendMessage", body=body, reply_key=reply_key)


def once(name: str, due: datetime, *, person: int = PERSON) -> Reminder:
    return Reminder(id=name, person_id=person, chat_id=person, text=name, rule=None, due=due)


def daily(
    name: str,
    first: datetime,
    *,
    step: timedelta = DAY,
    last: datetime | None = None,
    person: int = PERSON,
    sessions_left: int | None = None,
) -> Reminder:
    return Reminder(
        id=name,
        person_id=person,
        chat_id=person,
        text=name,
        rule=Every(first, step, last).text(),
        due=first,
        sessions_left=sessions_left,
    )


def adding(*reminders: Reminder) -> tuple[AddReminder, ...]:
    return tuple(AddReminder(reminder=reminder) for reminder in reminders)
