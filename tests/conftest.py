"""What holds for all tests: nothing that they print may show a token."""

from __future__ import annotations

from bot.logs import hold_libraries


def pytest_configure() -> None:
    """Tests speak to the local Bot API through stock clients too, which log the address with the token in it."""
    hold_libraries()
