"""What did a look at the set-up find?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. `todo` says what to do about it and is empty when all is well. No secrets."""

    what: str
    todo: str = ""

    @property
    def is_problem(self) -> bool:
        """Whether something has to be done."""
        return bool(self.todo)

    def __str__(self) -> str:
        return f"problem: {self.what}. {self.todo}" if self.todo else f"ok: {self.what}"
