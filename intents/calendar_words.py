"""How is a moment told to a person?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from intents.wording import Wording


def told(moment: datetime, zone: str, language: str, wording: Wording) -> str:
    """A moment in the person's zone: `Mon 24 Nov, 19:00`."""
    local = moment.astimezone(ZoneInfo(zone))
    weekday = wording.say(language, "weekdays").split()[local.weekday()]
    month = wording.say(language, "months").split()[local.month - 1]
    return f"{weekday} {local.day} {month}, {local:%H:%M}"
