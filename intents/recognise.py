"""What was asked?

Red flags come first, then the rules, then search. A question of fact about a condition is a question; whether somebody
may be massaged, or a bare statement of an illness, is a matter for the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from corpus.vocabulary import Vocabulary
from intents.decide import Active, Uncovered, decide
from intents.reading import NO_TOPIC, Mention, Reader, Reading, Topic
from intents.red_flags import RedFlags
from intents.request import AskAdvice, AskPassage, Courtesy, Nothing, RedFlag, Remind, Request, SmallTalk
from intents.rule import Circumstances, Condition, Severity
from intents.rulebook import Rulebook
from intents.when import NotAReminder, understand

_SERIOUS: Final = frozenset({Severity.ABSOLUTE, Severity.CONTRAINDICATED, Severity.RELATIVE_OR_TEMPORARY})
_FOLLOWS_UP: Final = 4
"""A message of at most so many telling words may lean on the turn before."""
_SHORTEST_PART: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The moment a message was written (aware), and the IANA zone its writer lives in."""

    now: datetime
    zone: str


class Recogniser:
    """Turns messages into requests."""

    def __init__(
        self,
        *,
        reader: Reader,
        rulebook: Rulebook,
        red_flags: RedFlags,
        courtesies: Mapping[Courtesy, Vocabulary],
        stop_words: frozenset[str],
    ) -> None:
        self._reader = reader
        self._rulebook = rulebook
        self._red_flags = red_flags
        self._courtesies = courtesies
        self._stop_words = stop_words

    def recognise(
        self, text: str, *, before: Topic = NO_TOPIC, when: When | None = None, turns: Sequence[str] = ()
    ) -> Request:
        """What a message asks.

        Args:
            text: the message.
            before: what the turn before was about.
            when: the moment and zone in which a reminder is meant; without it, reminders are not understood.
            turns: earlier turns, oldest first: a bare "in an hour" after a reminder puts it off.
        """
        reading = self._reader.read(text)
        if before != NO_TOPIC and self.follows_up(reading):
            reading = self._reader.read(text, before=before)
        if not reading.words:
            return Nothing()
        alarm = self._red_flags.find(reading)
        if alarm is not None:
            return RedFlag(kind=alarm.kind, flag=alarm.id, reading=reading)
        if when is not None:
            meant = understand(text, now=when.now, zone=when.zone, context=turns)
            if not isinstance(meant, NotAReminder):
                return Remind(reading=reading, understood=meant)
        courtesy = self._courtesy(reading)
        if courtesy is not None:
            return SmallTalk(kind=courtesy)
        if self._asks_advice(reading):
            return self.advise(reading)
        return AskPassage(reading=reading, parts=_parts(text))

    def condition(self, name: str) -> Condition | None:
        """The condition with this canonical name."""
        return self._rulebook.conditions.get(name)

    def follows_up(self, reading: Reading) -> bool:
        """Whether a message needs the turn before to be understood."""
        telling = [word for word in reading.words if word.form not in self._stop_words]
        first = reading.words[0].form if reading.words else ""
        return (
            len(telling) <= _FOLLOWS_UP
            or first in {"and", "а", "и", "но", "but", "what", "und", "y"}
            or any(word.form in _PRONOUNS for word in reading.words)
        )

    def _courtesy(self, reading: Reading) -> Courtesy | None:
        """A message that is nothing but courtesy."""
        telling = {index for index, word in enumerate(reading.words) if word.form not in self._stop_words}
        for kind, spellings in self._courtesies.items():
            said = {index for match in spellings.find(reading.words) for index in match.words}
            if said and telling <= said:
                return kind
        return None

    def _asks_permission(self, reading: Reading) -> bool:
        """Whether the wording asks if something may be done; a bare question does, of a technique that has limits."""
        if "permission" in reading.asks:
            return True
        named = [self._rulebook.conditions[mention.name] for mention in reading.conditions]
        return "bare" in reading.asks and any(_warns(condition) for condition in named if condition.kind == "technique")

    def _asks_advice(self, reading: Reading) -> bool:
        permission = self._asks_permission(reading)
        factual = "factual" in reading.asks and not permission
        if "reassurance" in reading.asks and not factual:
            return True
        mentioned = [(mention, self._rulebook.conditions[mention.name]) for mention in reading.conditions]
        spoken = [(mention, condition) for mention, condition in mentioned if condition.kind == "condition"]
        if spoken and all(mention.effect for mention, _ in spoken) and not reading.gaps:
            return False
        if permission and reading.products and reading.case.age is not None:
            return True
        if factual and all(mention.carried for mention, _ in spoken) and not reading.gaps and not reading.unknown:
            return False
        if any(_is_serious(condition) for _, condition in spoken):
            return True
        if any(gap.counts or not factual for gap in (*reading.gaps, *reading.unknown)):
            return permission or not factual
        if not permission and factual:
            return False
        if any(not mention.counts for mention, _ in spoken):
            return True
        if any(_warns(condition) for _, condition in spoken):
            return True
        return permission and "factual" not in reading.asks and bool(mentioned)

    def advise(self, reading: Reading) -> AskAdvice:
        """What the rules say to a reading, whatever it asks."""
        active = [mention for mention in reading.conditions if mention.counts]
        names = frozenset(mention.name for mention in active)
        permission = self._asks_permission(reading)
        speaking = [
            self._active(mention, reading.case, names)
            for mention in active
            if permission or self._rulebook.conditions[mention.name].kind == "condition"
        ]
        conditions = {item.condition.name for item in speaking}
        verdict = decide(
            list({item.condition.name: item for item in speaking}.values()),
            gaps=[self._rulebook.gaps[gap.name] for gap in reading.gaps if gap.counts],
            unknown=[self._uncovered(mention) for mention in reading.unknown if mention.counts],
            denied=[
                mention.name
                for mention in (*reading.conditions, *reading.gaps, *reading.unknown)
                if not mention.counts and mention.name not in conditions
            ],
            conflicts=self._rulebook.conflicts,
        )
        return AskAdvice(reading=reading, verdict=verdict)

    def _uncovered(self, mention: Mention) -> Uncovered:
        relative = self._rulebook.conditions.get(mention.near or "")
        nearest = tuple(rule.citation for rule in relative.rules) if relative else ()
        return Uncovered(name=mention.name, called={"en": mention.name}, nearest=tuple(dict.fromkeys(nearest)))

    def _active(self, mention: Mention, case: Circumstances, names: frozenset[str]) -> Active:
        unsure = mention.polarity.value == "unsure" or mention.implied
        own = Circumstances(
            scopes=case.scopes,
            techniques=case.techniques,
            regions=case.regions,
            performer=case.performer,
            phase=case.phase,
            pain=case.pain,
            grade=case.grade,
            age=case.age,
            unsure=unsure,
            implied=mention.implied,
            also=names - {mention.name},
            said=case.said,
        )
        condition = self._rulebook.conditions[mention.name]
        if condition.counts_as is not None and not any(rule.in_scope(own) for rule in condition.rules):
            condition = self._rulebook.conditions.get(condition.counts_as, condition)
        return Active(condition=condition, case=own)


_PRONOUNS: Final = frozenset(
    (
        "it that this they them those these he she him her one ones "
        "он она оно они его её ее их это этот эта этого там туда"
    ).split()
)


def _is_serious(condition: Condition) -> bool:
    return any(rule.severity in _SERIOUS for rule in condition.rules)


def _warns(condition: Condition) -> bool:
    return any(rule.severity.warns for rule in condition.rules)


def _parts(text: str) -> tuple[str, ...]:
    """The questions of a message that asks several; the whole message when it asks one."""
    asked = [f"{part}?".strip() for part in text.split("?")[:-1]]
    parts = [part for part in asked if len(part.split()) >= _SHORTEST_PART]
    return tuple(parts) if len(parts) > 1 else (text,)
