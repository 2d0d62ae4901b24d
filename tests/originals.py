"""Where do the originals lie, for tests that need them? Beside the checkout, or beside the folder of worktrees."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_PLACES: Final = (ROOT.parent / "shared" / "sources", ROOT.parent.parent / "shared" / "sources")


def originals_folder() -> Path | None:
    """The folder of the originals; None when they are not at hand."""
    return next((place for place in _PLACES if place.is_dir()), None)
