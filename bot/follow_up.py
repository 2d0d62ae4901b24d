"""Is a message a short word about the answer before: "more", "why?", "in Russian please"?"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from intents.wording import SPOKEN, Wording

_NO_WORD: Final = re.compile(r"[^\w\s]+")


class FollowUp(Enum):
    """What is wanted of the answer before; the value is the name of its phrases in the wording files."""

    MORE = "words_for_more"
    WHY = "words_for_why"
    IN_ENGLISH = "words_for_english"
    IN_RUSSIAN = "words_for_russian"


def follow_up(text: str, wording: Wording) -> FollowUp | None:
    """Which one it is; only a message that says nothing else counts. Both languages are understood."""
    said = " ".join(_NO_WORD.sub(" ", text.casefold()).split())
    for kind in FollowUp:
        if any(said in wording.words(language, kind.value) for language in SPOKEN):
            return kind
    return None
