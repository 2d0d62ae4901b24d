"""What was asked, as data?

A closed union: whoever handles a `Request` meets every kind by `match` and ends with `assert_never`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from intents.decide import Verdict
from intents.reading import Reading
from intents.understood import Understood

Alarm = Literal["emergency", "self_harm"]
Courtesy = Literal["greeting", "thanks", "about_you"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag:
    """Signs of an emergency, now: one fixed text comes before everything else."""

    kind: Alarm
    flag: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAdvice:
    """Whether a massage or product is for somebody: the rules have decided."""

    reading: Reading
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPassage:
    """What the articles say about something; several questions of one message come as several parts."""

    reading: Reading
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """A reminder is to be set or steered."""

    reading: Reading
    understood: Understood


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallTalk:
    """Courtesy that asks nothing of the articles."""

    kind: Courtesy


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No words to read."""


Request = RedFlag | Remind | AskAdvice | AskPassage | SmallTalk | Nothing
