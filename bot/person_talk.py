"""What is said about the person: language, time zone, what is stored, export and deletion?

Nothing is stored before consent, except what keeps this conversation going for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from bot.answer import Answerer
from bot.changes import Change, EditReminder, EndDialog, ErasePerson, SavePerson
from bot.known import Point, Said
from bot.people import Person
from bot.presses import Press
from bot.reminder_data import running, zone_of
from bot.reminders import Reminder, ReminderState
from bot.reply import Attachment, Choice, Reply
from intents.schedule import Schedule
from intents.wording import SPOKEN, Wording
from intents.zones import Zones, zone_at


class PersonTalk:
    """Talks about settings and data."""

    def __init__(self, *, answerer: Answerer, wording: Wording, zones: Zones, default_zone: str) -> None:
        self._answerer = answerer
        self._wording = wording
        self._zones = zones
        self._default_zone = default_zone
        self._acts: dict[str, Callable[[str, Point], Said | None]] = {
            "language": self._language_chosen,
            "erase": self._erased,
            "keep": self._kept,
            "local": self._keep_clock_times,
            "home": lambda _rest, at: self._in_place(at, "zone_kept"),
            "zone": lambda _rest, at: self.timezone("", at),
            "export": lambda _rest, at: self.export(at),
            "privacy": lambda _rest, at: self.privacy(at),
            "delete": lambda _rest, at: self.delete(at),
        }

    def press(self, argument: str, at: Point) -> Said | None:
        """The answer to a button of ours; None when it belongs to nothing that is there."""
        act, _, rest = argument.partition(".")
        run = self._acts.get(act)
        return run(rest, at) if run is not None else None

    def settings(self, at: Point) -> Said:
        """What is set, and how to change it."""
        person = at.known.person
        consent = person.consent if person else None
        lead = self._wording.counted(
            at.language,
            "settings",
            len(running(at.known)),
            spoken=self._say(at.language, "button_russian" if at.language == "ru" else "button_english"),
            zone=self._zone(at),
            consent=f"{consent:%Y-%m-%d}" if consent else self._say(at.language, "consent_none"),
        )
        row = tuple(
            Choice(label=self._say(at.language, f"button_{name}"), press=_press(act))
            for name, act in (("timezone", "zone"), ("privacy", "privacy"))
        )
        return Said(reply=self._privacy(at, lead, (self._languages(at), row)), memory=at.memory)

    def language(self, rest: str, at: Point) -> Said:
        """Sets the language named, or asks."""
        wanted = rest.strip().casefold()[:2]
        if wanted in SPOKEN:
            return self._speaking(wanted, at)
        lead = self._say(at.language, "language_asked")
        return Said(reply=self._privacy(at, lead, (self._languages(at),)), memory=at.memory)

    def timezone(self, rest: str, at: Point) -> Said:
        """Sets the zone named, or asks."""
        if not rest.strip():
            lead = self._say(at.language, "zone_asked", zone=self._zone(at))
            return Said(reply=self._privacy(at, lead), memory={**at.memory, "asked": "zone"})
        zone = self._zones.named(rest)
        if zone is None:
            lead = self._say(at.language, "zone_unknown", given=rest.strip()[:60])
            return Said(reply=self._privacy(at, lead), memory=at.memory)
        return self._in_zone(zone, at)

    def named_zone(self, text: str, at: Point) -> Said | None:
        """The answer to "which zone?"; None when the words name none."""
        zone = self._zones.named(text)
        return self._in_zone(zone, at) if zone is not None else None

    def located(self, latitude: float, longitude: float, at: Point) -> Said:
        """Sets the zone of a location pin; the location itself is not kept."""
        return self._in_zone(zone_at(latitude, longitude), at)

    def privacy(self, at: Point) -> Said:
        """What is stored, and how to see and delete it."""
        row = (
            Choice(label=self._say(at.language, "button_export"), press=_press("export")),
            Choice(label=self._say(at.language, "button_delete_all"), press=_press("delete")),
        )
        return Said(reply=self._privacy(at, "", (row,)), memory=at.memory)

    def export(self, at: Point) -> Said:
        """Everything stored about the person: a file for programs, and in short for people."""
        if not at.known.exported:
            return Said(reply=self._privacy(at, self._say(at.language, "exported_nothing")), memory=at.memory)
        found = running(at.known)
        lines = [self._say(at.language, "exported")]
        lines.append(self._wording.counted(at.language, "exported_reminders", len(found)))
        lines += [f"  {each.text[:_LONGEST_LINE]}" for each in found[:_MOST_LINES]]
        if len(found) > _MOST_LINES:
            lines.append(self._say(at.language, "exported_more"))
        file = Attachment(kind="document", name="massage-bot.json", content=at.known.exported.encode())
        return Said(reply=replace(self._privacy(at, "\n".join(lines)), attachment=file), memory=at.memory)

    def delete(self, at: Point) -> Said:
        """Asks once more: deletion takes two taps."""
        row = (
            Choice(label=self._say(at.language, "button_delete_all"), press=_press("erase")),
            Choice(label=self._say(at.language, "button_keep"), press=_press("keep")),
        )
        return Said(reply=self._privacy(at, self._say(at.language, "delete_asked"), (row,)), memory=at.memory)

    def _erased(self, _rest: str, at: Point) -> Said:
        effects: tuple[Change, ...] = (
            ErasePerson(person_id=at.incoming.person),
            EndDialog(chat_id=at.incoming.chat, person_id=at.incoming.person),
        )
        reply = self._privacy(at, self._say(at.language, "deleted"))
        return Said(reply=reply, memory={}, effects=effects, in_place=True)

    def _kept(self, _rest: str, at: Point) -> Said:
        lead = self._say(at.language, "cancelled")
        return Said(reply=self._answerer.note("cancelled", at.language, lead=lead), memory=at.memory, in_place=True)

    def _language_chosen(self, rest: str, at: Point) -> Said | None:
        return replace(self._speaking(rest, at), in_place=True) if rest in SPOKEN else None

    def _speaking(self, language: str, at: Point) -> Said:
        there = replace(at, language=language)
        reply = self._privacy(there, self._say(language, "language_set"))
        effects = self._saved(at, language=language)
        return Said(reply=reply, memory={**at.memory, "language": language}, effects=effects)

    def _in_zone(self, zone: str, at: Point) -> Said:
        now = at.incoming.at.astimezone(ZoneInfo(zone))
        lead = self._say(at.language, "zone_set", zone=zone, time=f"{now:%H:%M}")
        rows: tuple[tuple[Choice, ...], ...] = ()
        if zone != self._zone(at) and self._movable(at):
            lead += "\n" + self._say(at.language, "zone_moves")
            rows = (
                (
                    Choice(label=self._say(at.language, "button_local"), press=_press("local")),
                    Choice(label=self._say(at.language, "button_home"), press=_press("home")),
                ),
            )
        memory = {name: value for name, value in at.memory.items() if name != "asked"} | {"zone": zone}
        return Said(reply=self._privacy(at, lead, rows), memory=memory, effects=self._saved(at, zone=zone))

    def _movable(self, at: Point) -> list[Reminder]:
        states = {ReminderState.ACTIVE, ReminderState.PAUSED}
        return [each for each in at.known.reminders if each.rule is not None and each.state in states]

    def _keep_clock_times(self, _rest: str, at: Point) -> Said:
        """Moves every series to the person's present zone, at the wall times it had."""
        zone = self._zone(at)
        effects = tuple(
            change for each in self._movable(at) if (change := _moved(each, zone, at.incoming.at)) is not None
        )
        said = self._in_place(at, "zone_moved", zone=zone)
        return replace(said, effects=effects)

    def _in_place(self, at: Point, name: str, **filled: object) -> Said:
        return Said(reply=self._privacy(at, self._say(at.language, name, **filled)), memory=at.memory, in_place=True)

    def _saved(self, at: Point, *, language: str | None = None, zone: str | None = None) -> tuple[Change, ...]:
        """A setting is stored only for somebody who agreed; otherwise it lives in this conversation."""
        if not at.known.agreed:
            return ()
        person = at.known.person or Person(person_id=at.incoming.person)
        return (SavePerson(person=replace(person, language=language or person.language, zone=zone or person.zone)),)

    def _zone(self, at: Point) -> str:
        return zone_of(at.known, at.memory, self._default_zone)

    def _languages(self, at: Point) -> tuple[Choice, ...]:
        return (
            Choice(label=self._say(at.language, "button_english"), press=_press("language", "en")),
            Choice(label=self._say(at.language, "button_russian"), press=_press("language", "ru")),
        )

    def _privacy(self, at: Point, lead: str, rows: tuple[tuple[Choice, ...], ...] = ()) -> Reply:
        return self._answerer.note("privacy", at.language, lead=lead, choices=rows)

    def _say(self, language: str, name: str, **filled: object) -> str:
        return self._wording.say(language, name, **filled)


_MOST_LINES: Final = 5
_LONGEST_LINE: Final = 60
"""What an export shows beside its file, whose caption is short."""


def _press(act: str, argument: str = "") -> str:
    return str(Press(act="me", argument=f"{act}.{argument}"))


def _moved(reminder: Reminder, zone: str, now: datetime) -> EditReminder | None:
    """The same series in another zone; None when it has no moment left there."""
    schedule = Schedule.from_json(orjson.loads(reminder.rule or "{}"))
    there = replace(schedule, zone=zone)
    due = there.after(now)
    if due is None:
        return None
    rule = orjson.dumps(there.to_json()).decode()
    return EditReminder(person_id=reminder.person_id, reminder_id=reminder.id, text=reminder.text, rule=rule, due=due)
