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

    async def heard(self, seconds: float) -> bool:
        """Wait for the next ring; False when none came within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                return await self._event.wait()
        except TimeoutError:
            return False
