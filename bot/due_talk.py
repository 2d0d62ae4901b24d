"""What does a reminder that has come say, and what follows from its buttons?

Done, snooze, skip, stop, and before a session of a routine the question what is the matter today. Answers count for the
occurrence of the series, also when a snooze brought it back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bot.answer import Answerer
from bot.changes import Settle, Snooze, StopReminder
from bot.known import Known, Point, Said
from bot.presses import Press
from bot.reminder_data import data_of, occurrence_named, press, running, zone_of
from bot.reminders import Due, Occurrence, OccurrenceId, OccurrenceState, Reminder, ReminderState, streak
from bot.reply import Attachment, Choice, Reply
from intents.calendar_words import told
from intents.check_steps import Checklist
from intents.routines import Routine
from intents.rulebook import Rulebook
from intents.understood import Command, CommandKind
from intents.wording import Wording

Answer = Literal[OccurrenceState.DONE, OccurrenceState.SKIPPED, OccurrenceState.EXCUSED]
Rows = tuple[tuple[Choice, ...], ...]

_SNOOZES: Final = {"15": timedelta(minutes=15), "60": timedelta(hours=1), "day": timedelta(days=1)}
_LATE_FROM: Final = timedelta(minutes=5)
_AT_HAND: Final = timedelta(hours=24)
"""How long a reminder that came is what "done" or "snooze" without a name means."""
_MARKS: Final = {
    OccurrenceState.DONE: "●",
    OccurrenceState.SKIPPED: "○",
    OccurrenceState.EXCUSED: "◐",
    OccurrenceState.SENT: "·",
    OccurrenceState.SNOOZED: "·",
    OccurrenceState.FAILED: "×",
}


class DueTalk:
    """Talks about reminders that have come."""

    def __init__(
        self,
        *,
        answerer: Answerer,
        wording: Wording,
        routines: Mapping[str, Routine],
        today: Checklist,
        rulebook: Rulebook,
        default_zone: str,
    ) -> None:
        self._answerer = answerer
        self._wording = wording
        self._routines = routines
        self._today = today
        self._rulebook = rulebook
        self._default_zone = default_zone
        self.acts: Mapping[str, Callable[[str, Point], Said | None]] = {
            "done": lambda rest, at: self._answered(rest, OccurrenceState.DONE, at),
            "skip": lambda rest, at: self._answered(rest, OccurrenceState.SKIPPED, at),
            "snooze": self._snooze,
            "stop": self._stop,
            "none": self._nothing_today,
            "some": self._something_today,
            "today": self._today_is,
        }

    def due(self, due: Due) -> Reply:
        """What a due reminder says; late ones say when they were due, and what was passed over."""
        language = _language_of(due)
        number = (due.reminder.parent or due.occurrence).number
        routine = self._routines.get(str(data_of(due.reminder).get("routine")))
        zone = (due.person.zone if due.person else None) or self._default_zone
        lines = ["⏰ " + due.reminder.text]
        if due.late_by >= _LATE_FROM:
            moment = told(due.occurrence.due, zone, language, self._wording)
            lines.append(self._say(language, "reminder_late", moment=moment))
        if due.skipped:
            lines.append(self._wording.counted(language, "reminder_passed_over", due.skipped))
        if due.last and due.reminder.rule is not None:
            lines.append(self._say(language, "reminder_last"))
        if routine is None:
            return self._note(language, "\n".join(lines), self._answers(language, number))
        lines.append(self._say(language, "today_asked", names=self._today_names(language)))
        rows = (
            (
                self._choice(language, "today_none", "none", number),
                self._choice(language, "today_some", "some", number),
            ),
            *self._put_off(language, number),
        )
        return self._answerer.from_places(routine.about, language, lead="\n".join(lines), choices=rows)

    def answered_in_words(self, meant: Command, wanted: Callable[[Reminder], bool], at: Point) -> Said | None:
        """The answer to "done", "skip" or "snooze 10 minutes": the latest one that came, else the next one due."""
        occurrence = self._at_hand(wanted, at)
        if occurrence is None:
            return None
        if meant.kind is CommandKind.SNOOZE:
            said = self._snoozed(occurrence, meant.moment or at.incoming.at + _SNOOZES["15"], at)
        else:
            done = meant.kind is CommandKind.DONE
            said = self._settled(occurrence, OccurrenceState.DONE if done else OccurrenceState.SKIPPED, at)
        return replace(said, in_place=False)

    def _at_hand(self, wanted: Callable[[Reminder], bool], at: Point) -> OccurrenceId | None:
        since = at.incoming.at - _AT_HAND
        came = [
            (each.sent, each.id)
            for reminder in at.known.reminders
            if wanted(reminder)
            for each in at.known.history.get(reminder.id, ())
            if each.sent is not None and each.sent >= since
        ]
        if came:
            return max(came, key=lambda one: one[0])[1]
        coming = [(each.due, each.id) for each in running(at.known) if each.due is not None and wanted(each)]
        if not coming:
            return None
        due, reminder_id = min(coming)
        return OccurrenceId(reminder_id=reminder_id, due=due)

    # Buttons

    def _today_names(self, language: str) -> str:
        return ", ".join(self._rulebook.conditions[name].called(language) for name in self._today.conditions)

    def _answers(self, language: str, number: str) -> Rows:
        return ((self._choice(language, "done", "done", number),), *self._put_off(language, number))

    def _put_off(self, language: str, number: str) -> Rows:
        return (
            tuple(self._choice(language, f"snooze_{each}", f"snooze.{each}", number) for each in _SNOOZES),
            (self._choice(language, "skip", "skip", number), self._choice(language, "stop", "stop", number)),
        )

    def _answered(self, number: str, answer: Answer, at: Point) -> Said | None:
        occurrence = occurrence_named(number, at.known)
        return self._settled(occurrence, answer, at) if occurrence else None

    def _settled(self, occurrence: OccurrenceId, answer: Answer, at: Point) -> Said:
        reminder = at.known.reminder(occurrence.reminder_id)
        history = _with(at.known.history.get(occurrence.reminder_id, ()), occurrence, answer)
        lines = [self._say(at.language, f"answered_{answer.value}", what=reminder.text if reminder else "")]
        also: tuple[Reply, ...] = ()
        if reminder is not None and reminder.rule is not None:
            lines.append(self._in_a_row(history, at.language))
            if reminder.state is ReminderState.FINISHED:
                lines.append(self._course_over(history, at.language))
                also = (self._calendar(reminder, history, at),)
        change = Settle(person_id=at.incoming.person, occurrence=occurrence, answer=answer)
        reply = self._note(at.language, "\n".join(lines))
        return Said(reply=reply, memory=at.memory, effects=(change,), in_place=True, also=also)

    def _calendar(self, reminder: Reminder, history: Sequence[Occurrence], at: Point) -> Reply:
        """The course as a picture; its words say the same for whoever does not see it."""
        zone = ZoneInfo(self._zone(at))
        days = {each.id.due.astimezone(zone).date(): each.state for each in history}
        counts = Counter(days.values())
        lead = self._say(
            at.language,
            "course_picture",
            what=reminder.text,
            first=f"{min(days):%d.%m.%Y}",
            last=f"{max(days):%d.%m.%Y}",
            done=counts[OccurrenceState.DONE],
            skipped=counts[OccurrenceState.SKIPPED],
            excused=counts[OccurrenceState.EXCUSED],
        )
        from bot.calendar_picture import course_calendar  # noqa: PLC0415  a drawing library that few people need

        picture = Attachment(kind="photo", name="course.png", content=course_calendar(days))
        return replace(self._note(at.language, lead), attachment=picture)

    def _in_a_row(self, history: Sequence[Occurrence], language: str) -> str:
        row = streak(history)
        return self._wording.counted(language, "streak", row.current, best=row.best)

    def _course_over(self, history: Sequence[Occurrence], language: str) -> str:
        done = sum(each.state is OccurrenceState.DONE for each in history)
        marks = "".join(_MARKS[each.state] for each in history)
        lines = [self._wording.counted(language, "course_over", len(history), done=done), marks]
        return "\n".join([*lines, self._say(language, "course_marks")])

    def _snooze(self, rest: str, at: Point) -> Said | None:
        length, _, number = rest.partition(".")
        occurrence = occurrence_named(number, at.known)
        if occurrence is None or length not in _SNOOZES:
            return None
        until = self._tomorrow(occurrence.due, at) if length == "day" else at.incoming.at + _SNOOZES[length]
        return self._snoozed(occurrence, until, at)

    def _tomorrow(self, due: datetime, at: Point) -> datetime:
        """Tomorrow at the wall time the occurrence had."""
        zone = ZoneInfo(self._zone(at))
        wall = due.astimezone(zone).time()
        day = at.incoming.at.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(day, wall, tzinfo=zone)

    def _snoozed(self, occurrence: OccurrenceId, until: datetime, at: Point) -> Said:
        change = Snooze(
            person_id=at.incoming.person,
            occurrence=occurrence,
            until=until,
            new_id=f"s{at.incoming.chat}-{at.incoming.message}",
        )
        moment = told(until, self._zone(at), at.language, self._wording)
        lead = self._say(at.language, "snoozed_until", moment=moment)
        return Said(reply=self._note(at.language, lead), memory=at.memory, effects=(change,), in_place=True)

    def _stop(self, rest: str, at: Point) -> Said | None:
        occurrence = occurrence_named(rest, at.known)
        reminder = at.known.reminder(occurrence.reminder_id) if occurrence else None
        if reminder is None:
            return None
        effect = StopReminder(person_id=reminder.person_id, reminder_id=reminder.id)
        lead = self._say(at.language, "reminder_stopped", what=reminder.text)
        return Said(reply=self._note(at.language, lead), memory=at.memory, effects=(effect,), in_place=True)

    # The check before a session

    def _nothing_today(self, rest: str, at: Point) -> Said | None:
        reminder = self._owner(rest, at.known)
        if reminder is None:
            return None
        rows = self._answers(at.language, rest)
        routine = self._routines.get(str(data_of(reminder).get("routine")))
        if routine is not None and routine.steps:
            label = self._say(at.language, "button_session")
            rows = ((Choice(label=label, press=str(Press(act="ses", argument=f"begin.{routine.name}"))),), *rows)
        reply = self._note(at.language, self._say(at.language, "today_nothing"), rows)
        return Said(reply=reply, memory=at.memory, in_place=True)

    def _something_today(self, rest: str, at: Point) -> Said | None:
        if self._owner(rest, at.known) is None:
            return None
        rows = tuple(
            (
                Choice(
                    label=self._rulebook.conditions[name].called(at.language), press=press("today", f"{place}.{rest}")
                ),
            )
            for place, name in enumerate(self._today.conditions)
        )
        none = (self._choice(at.language, "today_none", "none", rest),)
        reply = self._note(at.language, self._say(at.language, "today_which"), (*rows, none))
        return Said(reply=reply, memory=at.memory, in_place=True)

    def _today_is(self, rest: str, at: Point) -> Said | None:
        """A yes leaves this occurrence out, quotes why, and keeps the streak."""
        place, _, number = rest.partition(".")
        occurrence = occurrence_named(number, at.known)
        if occurrence is None or not place.isdigit() or int(place) >= len(self._today.conditions):
            return None
        condition = self._rulebook.conditions[self._today.conditions[int(place)]]
        settled = self._settled(occurrence, OccurrenceState.EXCUSED, at)
        lead = self._say(at.language, "today_not", condition=condition.called(at.language))
        citations = [rule.citation for rule in condition.rules]
        reply = self._answerer.from_places(citations, at.language, lead=f"{lead}\n{settled.reply.lead}")
        return replace(settled, reply=reply)

    # Small things

    def _owner(self, number: str, known: Known) -> Reminder | None:
        occurrence = occurrence_named(number, known)
        return known.reminder(occurrence.reminder_id) if occurrence else None

    def _zone(self, at: Point) -> str:
        return zone_of(at.known, at.memory, self._default_zone)

    def _say(self, language: str, name: str, **filled: object) -> str:
        return self._wording.say(language, name, **filled)

    def _note(self, language: str, lead: str, rows: Rows = ()) -> Reply:
        return self._answerer.note("reminders", language, lead=lead, choices=rows)

    def _choice(self, language: str, name: str, act: str, argument: str = "") -> Choice:
        return Choice(label=self._say(language, f"button_{name}"), press=press(act, argument))


def _language_of(due: Due) -> str:
    chosen = (due.person.language if due.person else None) or data_of(due.reminder).get("language")
    return "ru" if chosen == "ru" else "en"


def _with(history: Sequence[Occurrence], occurrence: OccurrenceId, answer: OccurrenceState) -> list[Occurrence]:
    """The history with one occurrence answered."""
    answered = [replace(each, state=answer) if each.id == occurrence else each for each in history]
    if all(each.id != occurrence for each in history):
        fresh = Occurrence(id=occurrence, state=answer, sent=None, message_id=None, late_by=timedelta(), skipped=0)
        answered.append(fresh)
    return answered
