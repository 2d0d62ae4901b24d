"""A Bot API that answers what it is told to, by name of the method."""

from __future__ import annotations

import socket
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any

import orjson
import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class ScriptedApi:
    """Gives the next planned result of a method, or raises it; True when nothing is planned."""

    def __init__(self, **plan: Iterable[Any]) -> None:
        self.plan = defaultdict(deque, {name: deque(results) for name, results in plan.items()})
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def call(self, method: str, fields: Any = b"{}") -> Any:
        given = orjson.loads(fields) if isinstance(fields, bytes) else dict(fields)
        self.calls.append((method, given))
        result = self.plan[method].popleft() if self.plan[method] else True
        if isinstance(result, BaseException):
            raise result
        return result

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]


@pytest.fixture
def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
