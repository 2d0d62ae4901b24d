"""Wakes those who wait for something to happen."""

import asyncio


class Bell:
    """Rung when anything changed; whoever waits looks again. For one event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake everyone who waits."""
        rung, self._event = self._event, asyncio.Event()
        rung.set()

    def next_ring(self) -> asyncio.Future[bool]:
        """Give something to wait for that is done at the first ring after this call."""
        return asyncio.ensure_future(self._event.wait())

    def mark(self) -> asyncio.Event:
        """Give a mark to pass to `heard`, so that a ring between looking and waiting is not missed."""
        return self._event

    async def heard(self, seconds: float, mark: asyncio.Event | None = None) -> bool:
        """Wait for the next ring (after `mark`); False when none came within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                return await (mark or self._event).wait()
        except TimeoutError:
            return False
