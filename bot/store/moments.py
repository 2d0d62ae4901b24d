"""How is a moment stored? As whole milliseconds of UTC since 1970."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Tells the wall-clock time as an aware moment."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """The stored form of an aware moment, rounded down."""
    return (moment - _EPOCH) // _MS


def from_ms(stored: int) -> datetime:
    """The aware moment, in UTC, of its stored form."""
    return _EPOCH + stored * _MS


def maybe_ms(moment: datetime | None) -> int | None:
    """`to_ms`, or None for None."""
    return None if moment is None else to_ms(moment)


def maybe_moment(stored: int | None) -> datetime | None:
    """`from_ms`, or None for None."""
    return None if stored is None else from_ms(stored)


def wall_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)
