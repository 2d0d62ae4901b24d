"""What time is it for a bot in the preview? This machine's, moved by as far as the preview's clock was."""

from __future__ import annotations

import asyncio
import logging
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)

CLOCK_URL: Final = "MASSAGE_BOT_CLOCK_URL"
"""Where the preview tells its child which clock to follow; no setting for hosts."""
_LOOK_EVERY: Final = 0.25
_PATIENCE: Final = 5.0


class MovedClock:
    """A clock that is moved by hand elsewhere.

    Args:
        address: answers GET with `{"offset": seconds}`.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """The moment, aware."""
        return datetime.now(UTC) + self._ahead

    async def follow(self) -> None:
        """Looks how far the clock was moved, again and again, until it is cancelled."""
        import aiohttp  # noqa: PLC0415  only in the preview

        limit = aiohttp.ClientTimeout(total=_PATIENCE)
        async with aiohttp.ClientSession(timeout=limit) as session:
            while True:
                await self._look(session)
                await asyncio.sleep(_LOOK_EVERY)

    async def _look(self, session: aiohttp.ClientSession) -> None:
        import aiohttp  # noqa: PLC0415  only in the preview

        try:
            async with session.get(self._address) as response:
                told = await response.json()
                self._ahead = timedelta(seconds=float(told["offset"]))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            log.debug("the preview's clock does not answer: %s", type(error).__name__)


def moved_clock() -> MovedClock | None:
    """The clock to follow, where the environment names one."""
    address = os.environ.get(CLOCK_URL)
    return MovedClock(address) if address else None
