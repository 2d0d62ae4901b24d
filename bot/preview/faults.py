"""Which call goes wrong, and how?"""

import dataclasses
import enum
import random
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

EVERY_METHOD = "*"


class FaultKind(enum.Enum):
    """A way in which Telegram fails."""

    SERVER_ERROR = "500 with a JSON body; nothing was done"
    BAD_GATEWAY = "502 with an HTML page; nothing was done"
    FLOOD = "429 with retry_after; nothing was done"
    DROPPED_BEFORE = "the connection breaks; nothing was done"
    DROPPED_AFTER = "the connection breaks; the call was carried out"
    SLOW = "the call is carried out, the answer comes late"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One failure; `seconds` is the pause asked for by FLOOD and the delay of SLOW."""

    kind: FaultKind
    seconds: float = 1.0


class FaultPlan(Protocol):
    """Decides before each call whether it goes wrong."""

    def next_fault(self, method: str) -> Fault | None:
        """Give the fault for the next call of this method (lower case), or None."""


class PlannedFaults:
    """A fixed list per method: its first call meets the first entry, and so on; None stands for no fault."""

    def __init__(self, plan: Mapping[str, Iterable[Fault | FaultKind | None]]) -> None:
        self._left = {method.lower(): deque(map(_as_fault, faults)) for method, faults in plan.items()}

    def next_fault(self, method: str) -> Fault | None:
        """Give the next entry of the method's list, else of the list for every method ("*")."""
        for name in (method.lower(), EVERY_METHOD):
            if self._left.get(name):
                return self._left[name].popleft()
        return None


class RandomFaults:
    """Faults by chance, the same ones for the same seed and the same order of calls."""

    def __init__(
        self,
        seed: int,
        shares: Mapping[str, float],
        kinds: Sequence[Fault | FaultKind] = (
            FaultKind.SERVER_ERROR,
            FaultKind.BAD_GATEWAY,
            FaultKind.FLOOD,
            FaultKind.DROPPED_BEFORE,
            FaultKind.DROPPED_AFTER,
        ),
    ) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it must repeat, not surprise
        self._shares = {method.lower(): share for method, share in shares.items()}
        self._kinds = [fault for kind in kinds if (fault := _as_fault(kind)) is not None]

    def next_fault(self, method: str) -> Fault | None:
        """Draw for a method; its share is its own, else that of every method ("*"), else none."""
        share = self._shares.get(method.lower(), self._shares.get(EVERY_METHOD, 0.0))
        if self._random.random() >= share:
            return None
        return self._random.choice(self._kinds)


def _as_fault(given: Fault | FaultKind | None) -> Fault | None:
    return Fault(kind=given) if isinstance(given, FaultKind) else given
