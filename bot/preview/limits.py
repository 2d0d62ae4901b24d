"""Does this message come too soon after the others?"""

import dataclasses
import math
from collections import deque


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How many messages Telegram takes: in one chat, in all, and in one group within a minute."""

    per_chat_second: int = 1
    chat_burst: int = 3
    overall_second: int = 30
    per_group_minute: int = 20


class FloodGate:
    """Counts messages that were let through; whoever comes too soon waits before the next call counts."""

    def __init__(self, rates: Rates | None = None) -> None:
        self.rates = rates or Rates()
        self._sent: deque[float] = deque()
        self._tokens: dict[int, tuple[float, float]] = {}
        self._in_group: dict[int, deque[float]] = {}
        self._closed_until: dict[int, float] = {}

    def pause_before(self, chat_id: int, *, is_group: bool, now: float) -> int:
        """Give the whole seconds to wait before this message, 0 to let it through; `now` in Unix seconds."""
        until = max(
            self._closed_until.get(chat_id, 0.0),
            self._overall_until(now),
            self._group_until(chat_id, now) if is_group else 0.0,
            self._chat_until(chat_id, now),
        )
        if until > now:
            self._closed_until[chat_id] = until
            return math.ceil(until - now)
        self._count(chat_id, is_group=is_group, now=now)
        return 0

    def _overall_until(self, now: float) -> float:
        while self._sent and now - self._sent[0] >= 1:
            self._sent.popleft()
        return self._sent[0] + 1 if len(self._sent) >= self.rates.overall_second else 0.0

    def _group_until(self, chat_id: int, now: float) -> float:
        sent = self._in_group.setdefault(chat_id, deque())
        while sent and now - sent[0] >= 60:
            sent.popleft()
        return sent[0] + 60 if len(sent) >= self.rates.per_group_minute else 0.0

    def _left(self, chat_id: int, now: float) -> float:
        left, since = self._tokens.get(chat_id, (float(self.rates.chat_burst), now))
        return min(self.rates.chat_burst, left + (now - since) * self.rates.per_chat_second)

    def _chat_until(self, chat_id: int, now: float) -> float:
        left = self._left(chat_id, now)
        return 0.0 if left >= 1 else now + (1 - left) / self.rates.per_chat_second

    def _count(self, chat_id: int, *, is_group: bool, now: float) -> None:
        self._sent.append(now)
        self._tokens[chat_id] = (self._left(chat_id, now) - 1, now)
        if is_group:
            self._in_group.setdefault(chat_id, deque()).append(now)
