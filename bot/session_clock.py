"""Where does a guided session stand at a moment?

Pure: when it began, how long it was paused, how much was skipped, and the moment decide what is shown. Steps follow one
another by themselves, because hands are busy; a restart therefore changes nothing. Times are whole seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

OFTEN: Final = 8
"""Seconds between two looks at a running clock, as long as the step goes on for a while."""
SOONEST: Final = 5
"""No two changes of the message come closer than this by themselves."""
LATEST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that was begun: `began` in seconds since 1970, `paused` so long in all, `ahead` by skipped steps."""

    began: int
    paused: int = 0
    ahead: int = 0
    held: int | None = None
    """Since when it is paused; None while it runs."""

    def to_json(self) -> dict[str, int | None]:
        """As remembered."""
        return {"began": self.began, "paused": self.paused, "ahead": self.ahead, "held": self.held}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Session | None:
        """A remembered session; None when it is none of ours."""
        began, paused, ahead, held = (stored.get(name) for name in ("began", "paused", "ahead", "held"))
        if isinstance(began, int) and isinstance(paused, int) and isinstance(ahead, int):
            return cls(began=began, paused=paused, ahead=ahead, held=held if isinstance(held, int) else None)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is shown: the step (from 0), its seconds left, whether it is paused. Past the last step it is over."""

    step: int
    left: int
    paused: bool
    over: bool = False


def view(session: Session, lengths: Sequence[int], now: int) -> View:
    """Where a session with steps of these lengths (each at least a second) stands."""
    gone = _gone(session, now)
    for step, length in enumerate(lengths):
        if gone < length:
            return View(step=step, left=length - gone, paused=session.held is not None)
        gone -= length
    return View(step=len(lengths), left=0, paused=False, over=True)


def paused(session: Session, now: int) -> Session:
    """The same, held from now on."""
    return session if session.held is not None else replace(session, held=max(now, session.began))


def resumed(session: Session, now: int) -> Session:
    """The same, going on from where it was held."""
    if session.held is None:
        return session
    return replace(session, paused=session.paused + max(0, now - session.held), held=None)


def moved_on(session: Session, lengths: Sequence[int], now: int) -> Session:
    """The same at the beginning of its next step; a paused one stays paused."""
    return replace(session, ahead=session.ahead + view(session, lengths, now).left)


def ends(session: Session, lengths: Sequence[int], now: int) -> int:
    """When it will be over if nobody touches it any more; a paused one as if it went on now."""
    return now + max(0, sum(lengths) - _gone(session, now))


def next_look(shown: View) -> int | None:
    """In how many seconds the message changes by itself: when the step ends, else every few seconds; None if never."""
    if shown.over or shown.paused:
        return None
    if shown.left <= LATEST:
        return max(SOONEST, shown.left)
    return min(OFTEN, max(SOONEST, shown.left - SOONEST))


def _gone(session: Session, now: int) -> int:
    until = now if session.held is None else session.held
    return max(0, until - session.began - session.paused) + session.ahead
