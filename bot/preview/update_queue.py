"""Which updates wait for the bot, and which has it confirmed?"""

import dataclasses
from collections.abc import Iterable

from bot.preview.refusal import Json

KEPT_SECONDS = 24 * 3600
MOST_AT_ONCE = 100
ONLY_IF_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PendingUpdate:
    """One update; `lane` is the chat or person inside which order is kept, `made_at` Unix seconds."""

    id: int
    kind: str
    body: Json
    lane: int
    made_at: float

    def as_json(self) -> Json:
        """Write it as the Bot API's Update."""
        return {"update_id": self.id, self.kind: self.body}


class UpdateQueue:
    """Updates in order; kept a day, forgotten once confirmed by a later offset."""

    def __init__(self, first_id: int = 100_001) -> None:
        self.next_id = first_id
        self.allowed: tuple[str, ...] = ()
        self._waiting: list[PendingUpdate] = []

    def allows(self, kind: str) -> bool:
        """Say whether updates of this kind are made at all; some kinds come only if asked for."""
        return kind in self.allowed if self.allowed else kind not in ONLY_IF_ASKED

    def add(self, kind: str, body: Json, *, lane: int, now: float) -> PendingUpdate | None:
        """Put an update at the end; None when the bot did not ask for its kind."""
        if not self.allows(kind):
            return None
        update = PendingUpdate(id=self.next_id, kind=kind, body=body, lane=lane, made_at=now)
        self.next_id += 1
        self._waiting.append(update)
        return update

    def take(self, *, offset: int, limit: int, now: float) -> list[PendingUpdate]:
        """Forget what the offset confirms and give the next updates, oldest first.

        A negative offset keeps only the last ones. What was given stays until a later call confirms it.
        """
        self._drop_old(now)
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif offset > 0:
            self._waiting = [update for update in self._waiting if update.id >= offset]
        return self._waiting[:limit]

    def waiting(self, now: float) -> list[PendingUpdate]:
        """Give all that waits, oldest first."""
        self._drop_old(now)
        return list(self._waiting)

    def confirm(self, update_id: int) -> None:
        """Forget one update that a webhook has taken."""
        self._waiting = [update for update in self._waiting if update.id != update_id]

    def allow(self, kinds: Iterable[str]) -> None:
        """Remember which kinds to make from now on; none means the usual ones."""
        self.allowed = tuple(kinds)

    def clear(self) -> None:
        """Forget everything that waits."""
        self._waiting = []

    def _drop_old(self, now: float) -> None:
        self._waiting = [update for update in self._waiting if now - update.made_at < KEPT_SECONDS]
