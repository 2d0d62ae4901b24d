"""How much may one person ask within a while? Beyond it they are told once, kindly, and then not answered for a moment.

Counted by the moments at which messages were written, so that people who wrote during an outage are not blamed for it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from bot.delivery import Rate, after_slot, first_slot

PER_PERSON: Final = Rate(every=timedelta(seconds=2), burst=20)
KEPT: Final = 5_000
"""People whose pace is remembered; whoever wrote longest ago is forgotten first."""


class Passing(Enum):
    """What happens to a message: it is answered, answered by a notice, or passed over."""

    OPEN = auto()
    NOTICE = auto()
    SHUT = auto()


@dataclass(slots=True)
class _Pace:
    """A person's theoretical arrival time in ms, and whether they were told already."""

    tat: int
    told: bool


class Turnstile:
    """Counts people's messages, in this process; several copies each allow as much."""

    def __init__(self, rate: Rate = PER_PERSON, *, kept: int = KEPT) -> None:
        self._rate = rate
        self._kept = kept
        self._paces: OrderedDict[int, _Pace] = OrderedDict()

    def passing(self, person: int, at: datetime) -> Passing:
        """Whether a message that a person wrote at this moment is answered; counts it if so."""
        now = round(at.timestamp() * 1000)
        pace = self._paces.setdefault(person, _Pace(tat=0, told=False))
        self._paces.move_to_end(person)
        if len(self._paces) > self._kept:
            self._paces.popitem(last=False)
        if pace.tat > now + self._longest_ahead():  # written by a clock that ran ahead
            pace.tat = now
        if first_slot(self._rate, pace.tat, now) <= now:
            pace.tat, pace.told = after_slot(self._rate, pace.tat, now), False
            return Passing.OPEN
        told, pace.told = pace.told, True
        return Passing.SHUT if told else Passing.NOTICE

    def _longest_ahead(self) -> int:
        return 2 * self._rate.burst * self._rate.every_ms
