"""What is said about reminders: setting, listing, changing, answering one, and the check before a session?

Pure: what is known and what was remembered come as arguments; changes to what is stored go out as data. Nothing is
stored before the person has agreed to it and tapped *Save*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from bot.answer import Answerer
from bot.changes import (
    AddReminder,
    Change,
    DeleteReminder,
    EditReminder,
    PauseReminder,
    ResumeReminder,
    SavePerson,
    Settle,
    Snooze,
    StopReminder,
)
from bot.known import Known, Memory, Point
from bot.people import Person
from bot.presses import Press
from bot.reminders import Due, Occurrence, OccurrenceId, OccurrenceState, Reminder, ReminderState, streak
from bot.reply import Choice, Reply
from corpus.passage import Citation
from intents.calendar_words import told
from intents.check_steps import Checklist
from intents.routines import Routine
from intents.rulebook import Rulebook
from intents.schedule import Schedule
from intents.understood import AskBack, Command, CommandKind, Impossible, SetReminder, Understood
from intents.when import understand
from intents.wording import Wording

_MOMENTS_SHOWN: Final = 3
_LONGEST_TEXT: Final = 300
_MOST_LISTED: Final = 12
_SNOOZES: Final = {"15": timedelta(minutes=15), "60": timedelta(hours=1), "day": timedelta(days=1)}
_LATE_FROM: Final = timedelta(minutes=5)
_MARKS: Final = {
    OccurrenceState.DONE: "●",
    OccurrenceState.SKIPPED: "○",
    OccurrenceState.EXCUSED: "◐",
    OccurrenceState.SENT: "·",
    OccurrenceState.SNOOZED: "·",
    OccurrenceState.FAILED: "×",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A reply about reminders, what to remember, and what to change in what is stored."""

    reply: Reply
    memory: Memory
    effects: tuple[Change, ...] = ()
    in_place: bool = False
    """Whether it takes the place of the message whose button was pressed."""


class ReminderTalk:
    """Talks about reminders."""

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
        self._acts: dict[str, Callable[[str, Point], Said | None]] = {
            "save": self._save,
            "drop": self._drop,
            "agree": self._agree,
            "pick": self._pick,
            "routine": self._begin_routine,
            "done": self._done,
            "skip": self._skip,
            "snooze": self._snooze,
            "stop": self._stop,
            "none": self._nothing_today,
            "some": self._something_today,
            "today": self._today_is,
            "pause": self._pause,
            "resume": self._resume,
            "delete": self._delete,
            "one": self._one,
        }

    def zone(self, known: Known, memory: Memory) -> str:
        """The person's time zone; the host's default where they gave none."""
        remembered = memory.get("zone")
        return (
            (known.person.zone if known.person else None)
            or (remembered if isinstance(remembered, str) else None)
            or self._default_zone
        )

    # What was written

    def understood(self, meant: Understood, at: Point) -> Said:
        """The reply to a sentence that sets or steers reminders."""
        match meant:
            case SetReminder(schedule=schedule, what=what):
                return self._proposed(schedule, what, at)
            case AskBack(question=question, what=what, candidates=candidates):
                lead = self._say(at.language, f"ask_{question.name.lower()}")
                kept = {
                    **at.memory,
                    "unclear": [_schedule_text(each) for each in candidates],
                    "what": what[:_LONGEST_TEXT],
                }
                rows = self._candidates(candidates, at)
                return Said(reply=self._note(at.language, lead, rows), memory=kept)
            case Impossible(reason=reason, detail=detail):
                lead = self._say(at.language, f"refuse_{reason.name.lower()}", detail=detail)
                return Said(reply=self._note(at.language, lead), memory=at.memory)
            case Command():
                return self._command(meant, at)
            case _:
                return self.listing(at)

    def _proposed(self, schedule: Schedule, what: str, at: Point, *, routine: str = "") -> Said:
        """What was understood, with the next moments and the zone; it is saved by a tap."""
        text = what.strip()[:_LONGEST_TEXT] or self._say(at.language, "reminder_unnamed")
        lead = self._say(
            at.language,
            "reminder_proposed",
            what=text,
            moments="; ".join(
                told(each, schedule.zone, at.language, self._wording)
                for each in schedule.moments(at.incoming.at, _MOMENTS_SHOWN)
            ),
            zone=schedule.zone,
        )
        ends = schedule.ends
        if ends is not None and schedule.repeats:
            last = told(ends.last, schedule.zone, at.language, self._wording)
            lead += "\n" + self._say(at.language, "reminder_ends", count=ends.count, last=last)
        kept = {**at.memory, "draft": {"schedule": _schedule_text(schedule), "what": text, "routine": routine}}
        kept.pop("unclear", None)
        row = (self._choice(at.language, "save", "save"), self._choice(at.language, "drop", "drop"))
        return Said(reply=self._note(at.language, lead, (row,)), memory=kept)

    def _candidates(self, candidates: Sequence[Schedule], at: Point) -> tuple[tuple[Choice, ...], ...]:
        rows = []
        for number, each in enumerate(candidates):
            moment = each.after(at.incoming.at)
            if moment is not None:
                label = told(moment, self.zone(at.known, at.memory), at.language, self._wording)
                rows.append((Choice(label=label, press=_press("pick", str(number))),))
        return tuple(rows)

    def _command(self, meant: Command, at: Point) -> Said:
        if meant.kind is CommandKind.LIST:
            return self.listing(at)
        found = self._aimed_at(meant.target, at.known)
        if len(found) != 1:
            return self.listing(at, lead="reminders_which" if found else "reminders_none_such")
        reminder = found[0]
        match meant.kind:
            case CommandKind.CANCEL:
                return self._changed(at, "reminder_deleted", reminder, DeleteReminder)
            case CommandKind.STOP:
                return self._changed(at, "reminder_stopped", reminder, StopReminder)
            case CommandKind.PAUSE:
                return self._changed(at, "reminder_paused", reminder, PauseReminder)
            case CommandKind.RESUME:
                return self._changed(at, "reminder_resumed", reminder, ResumeReminder)
            case CommandKind.EDIT:
                return self._edited(meant, reminder, at)
            case CommandKind.SNOOZE | CommandKind.DONE | CommandKind.SKIP:
                return self._answered_in_words(meant, reminder, at)

    def _edited(self, meant: Command, reminder: Reminder, at: Point) -> Said:
        due = meant.schedule.after(at.incoming.at) if meant.schedule is not None else None
        if meant.schedule is None or due is None:
            return Said(reply=self._note(at.language, self._say(at.language, "ask_when")), memory=at.memory)
        rule = _schedule_text(meant.schedule) if meant.schedule.repeats else None
        change = EditReminder(
            person_id=at.incoming.person, reminder_id=reminder.id, text=reminder.text, rule=rule, due=due
        )
        moment = told(due, self.zone(at.known, at.memory), at.language, self._wording)
        lead = self._say(at.language, "reminder_edited", what=reminder.text, moment=moment)
        return Said(reply=self._note(at.language, lead), memory=at.memory, effects=(change,))

    def _answered_in_words(self, meant: Command, reminder: Reminder, at: Point) -> Said:
        occurrence = self._latest(reminder, at.known)
        if occurrence is None:
            return self.listing(at, lead="reminders_which")
        if meant.kind is CommandKind.SNOOZE:
            until = meant.moment or at.incoming.at + _SNOOZES["15"]
            return self._snoozed(occurrence, until, at)
        answer = OccurrenceState.DONE if meant.kind is CommandKind.DONE else OccurrenceState.SKIPPED
        return self._settled(occurrence, answer, at)

    @staticmethod
    def _latest(reminder: Reminder, known: Known) -> OccurrenceId | None:
        history = known.history.get(reminder.id, ())
        if history:
            return history[-1].id
        return OccurrenceId(reminder_id=reminder.id, due=reminder.due) if reminder.due is not None else None

    @staticmethod
    def _aimed_at(target: str, known: Known) -> list[Reminder]:
        """The reminders a person's words name; all running ones when they name none."""
        running = [each for each in known.reminders if each.state in _RUNNING and each.parent is None]
        words = [word for word in target.casefold().split() if len(word) > 2]
        if not words:
            return running
        return [each for each in running if any(word[:5] in each.text.casefold() for word in words)]

    def _changed(self, at: Point, name: str, reminder: Reminder, change: type[_Steers]) -> Said:
        effect = change(person_id=reminder.person_id, reminder_id=reminder.id)
        lead = self._say(at.language, name, what=reminder.text)
        return Said(reply=self._note(at.language, lead), memory=at.memory, effects=(effect,), in_place=True)

    def listing(self, at: Point, *, lead: str = "reminders_list") -> Said:
        """All running reminders, each with its next moment, and the routines that can be started."""
        running = [each for each in at.known.reminders if each.state in _RUNNING and each.parent is None][:_MOST_LISTED]
        text = self._say(at.language, lead if running else "reminders_empty")
        rows = [(Choice(label=self._line(each, at)[:60], press=_press("one", each.id)),) for each in running]
        rows += [
            (Choice(label="＋ " + routine.called(at.language), press=_press("routine", name)),)
            for name, routine in self._routines.items()
        ]
        return Said(reply=self._note(at.language, text, tuple(rows)), memory=at.memory)

    def _line(self, reminder: Reminder, at: Point) -> str:
        if reminder.state is not ReminderState.ACTIVE or reminder.due is None:
            return f"⏸ {reminder.text}"
        moment = told(reminder.due, self.zone(at.known, at.memory), at.language, self._wording)
        return f"{moment} · {reminder.text}"

    # What was pressed

    def press(self, argument: str, at: Point) -> Said | None:
        """The answer to a button of ours; None when it belongs to nothing that is there."""
        act, _, rest = argument.partition(".")
        run = self._acts.get(act)
        return run(rest, at) if run is not None else None

    def _save(self, _rest: str, at: Point) -> Said | None:
        draft = at.memory.get("draft")
        if not isinstance(draft, Mapping):
            return None
        if not at.known.agreed:
            row = (self._choice(at.language, "agree", "agree"), self._choice(at.language, "drop", "drop"))
            lead = self._say(at.language, "consent_asked")
            reply = self._answerer.note("privacy", at.language, lead=lead, choices=(row,))
            return Said(reply=reply, memory=at.memory, in_place=True)
        return self._stored(draft, at, ())

    def _agree(self, _rest: str, at: Point) -> Said | None:
        person = at.known.person or Person(person_id=at.incoming.person, zone=None, language=None)
        agreed = SavePerson(person=replace(person, consent=at.incoming.at))
        draft = at.memory.get("draft")
        if not isinstance(draft, Mapping):
            reply = self._note(at.language, self._say(at.language, "consent_given"))
            return Said(reply=reply, memory=at.memory, effects=(agreed,), in_place=True)
        return self._stored(draft, at, (agreed,))

    def _stored(self, draft: Mapping[str, Any], at: Point, before: tuple[Change, ...]) -> Said | None:
        schedule = Schedule.from_json(orjson.loads(str(draft["schedule"])))
        due = schedule.after(at.incoming.at)
        kept = {name: value for name, value in at.memory.items() if name not in {"draft", "unclear", "what"}}
        if due is None:
            lead = self._say(at.language, "refuse_past", detail="")
            return Said(reply=self._note(at.language, lead), memory=kept, effects=before, in_place=True)
        reminder = Reminder(
            id=f"r{at.incoming.chat}-{at.incoming.message}",
            person_id=at.incoming.person,
            chat_id=at.incoming.chat,
            text=str(draft["what"]),
            rule=_schedule_text(schedule) if schedule.repeats else None,
            due=due,
            data=orjson.dumps({"routine": draft.get("routine") or None, "language": at.language}).decode(),
        )
        moment = told(due, schedule.zone, at.language, self._wording)
        lead = self._say(at.language, "reminder_saved", what=reminder.text, moment=moment)
        return Said(
            reply=self._note(at.language, lead),
            memory=kept,
            effects=(*before, AddReminder(reminder=reminder)),
            in_place=True,
        )

    def _drop(self, _rest: str, at: Point) -> Said:
        kept = {name: value for name, value in at.memory.items() if name not in {"draft", "unclear", "what"}}
        lead = self._say(at.language, "cancelled")
        return Said(reply=self._answerer.note("cancelled", at.language, lead=lead), memory=kept, in_place=True)

    def _pick(self, rest: str, at: Point) -> Said | None:
        offered = at.memory.get("unclear")
        if not isinstance(offered, list) or not rest.isdigit() or int(rest) >= len(offered):
            return None
        schedule = Schedule.from_json(orjson.loads(offered[int(rest)]))
        said = self._proposed(schedule, str(at.memory.get("what", "")), at)
        return replace(said, in_place=True)

    def _begin_routine(self, rest: str, at: Point) -> Said | None:
        """A routine with its figures and their places; what the rules say about it comes along once."""
        routine = self._routines.get(rest)
        if routine is None:
            return None
        meant = understand(routine.suggest[at.language], now=at.incoming.at, zone=self.zone(at.known, at.memory))
        if not isinstance(meant, SetReminder):
            raise TypeError(f"the suggested times of routine {routine.name} set no reminder")
        said = self._proposed(meant.schedule, routine.called(at.language), at, routine=routine.name)
        lead = "\n".join([*self._figures(routine, at.language), said.reply.lead])
        citations = [*routine.about, *(place for _, place in routine.minutes)]
        reply = self._answerer.from_places(citations, at.language, lead=lead, choices=said.reply.choices)
        return replace(said, reply=reply)

    def _figures(self, routine: Routine, language: str) -> list[str]:
        lines = []
        if routine.minutes:
            told_minutes = ", ".join(f"{minutes} ({place.place})" for minutes, place in routine.minutes)
            name = "routine_minutes_differ" if len(routine.minutes) > 1 else "routine_minutes"
            lines.append(self._say(language, name, minutes=told_minutes))
        lines += [f"• {each.said(language)} ({each.citation.place})" for each in routine.course]
        return lines

    # A reminder that has come

    def due(self, due: Due) -> Reply:
        """What a due reminder says; late ones say when they were due, and what was passed over."""
        language = _language_of(due)
        routine = self._routine_of(due.reminder)
        zone = (due.person.zone if due.person else None) or self._default_zone
        lines = ["⏰ " + due.reminder.text]
        if due.late_by >= _LATE_FROM:
            moment = told(due.occurrence.due, zone, language, self._wording)
            lines.append(self._say(language, "reminder_late", moment=moment))
        if due.skipped:
            lines.append(self._say(language, "reminder_passed_over", count=due.skipped))
        if due.last and due.reminder.rule is not None:
            lines.append(self._say(language, "reminder_last"))
        number = due.occurrence.number
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

    def _routine_of(self, reminder: Reminder) -> Routine | None:
        return self._routines.get(str(_data(reminder).get("routine")))

    def _today_names(self, language: str) -> str:
        return ", ".join(self._rulebook.conditions[name].called(language) for name in self._today.conditions)

    def _answers(self, language: str, number: str) -> tuple[tuple[Choice, ...], ...]:
        return ((self._choice(language, "done", "done", number),), *self._put_off(language, number))

    def _put_off(self, language: str, number: str) -> tuple[tuple[Choice, ...], ...]:
        return (
            tuple(self._choice(language, f"snooze_{each}", f"snooze.{each}", number) for each in _SNOOZES),
            (self._choice(language, "skip", "skip", number), self._choice(language, "stop", "stop", number)),
        )

    def _done(self, rest: str, at: Point) -> Said | None:
        return self._answered(rest, OccurrenceState.DONE, at)

    def _skip(self, rest: str, at: Point) -> Said | None:
        return self._answered(rest, OccurrenceState.SKIPPED, at)

    def _answered(self, number: str, answer: OccurrenceState, at: Point) -> Said | None:
        occurrence = _occurrence(number, at.known)
        return self._settled(occurrence, answer, at) if occurrence else None

    def _settled(self, occurrence: OccurrenceId, answer: OccurrenceState, at: Point) -> Said:
        if answer is OccurrenceState.DONE:
            change = Settle(person_id=at.incoming.person, occurrence=occurrence, answer=OccurrenceState.DONE)
        elif answer is OccurrenceState.SKIPPED:
            change = Settle(person_id=at.incoming.person, occurrence=occurrence, answer=OccurrenceState.SKIPPED)
        else:
            change = Settle(person_id=at.incoming.person, occurrence=occurrence, answer=OccurrenceState.EXCUSED)
        reminder = at.known.reminder(occurrence.reminder_id)
        history = _with(at.known.history.get(occurrence.reminder_id, ()), occurrence, answer)
        row = streak(history)
        lines = [self._say(at.language, f"answered_{answer.value}", what=reminder.text if reminder else "")]
        if reminder is not None and reminder.rule is not None:
            lines.append(self._say(at.language, "streak", current=row.current, best=row.best))
            if reminder.due is None or reminder.state is ReminderState.FINISHED:
                marks = "".join(_MARKS[each.state] for each in history)
                kept = sum(each.state is OccurrenceState.DONE for each in history)
                lines.append(self._say(at.language, "course_over", done=kept, of=len(history), marks=marks))
        return Said(reply=self._note(at.language, "\n".join(lines)), memory=at.memory, effects=(change,), in_place=True)

    def _snooze(self, rest: str, at: Point) -> Said | None:
        length, _, number = rest.partition(".")
        occurrence = _occurrence(number, at.known)
        if occurrence is None or length not in _SNOOZES:
            return None
        until = at.incoming.at + _SNOOZES[length]
        if length == "day":
            until = self._tomorrow(occurrence.due, at)
        return self._snoozed(occurrence, until, at)

    def _tomorrow(self, due: datetime, at: Point) -> datetime:
        """Tomorrow at the wall time the occurrence had."""
        zone = ZoneInfo(self.zone(at.known, at.memory))
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
        moment = told(until, self.zone(at.known, at.memory), at.language, self._wording)
        lead = self._say(at.language, "snoozed_until", moment=moment)
        return Said(reply=self._note(at.language, lead), memory=at.memory, effects=(change,), in_place=True)

    def _stop(self, rest: str, at: Point) -> Said | None:
        occurrence = _occurrence(rest, at.known)
        reminder = at.known.reminder(occurrence.reminder_id) if occurrence else None
        if reminder is None:
            return None
        return self._changed(at, "reminder_stopped", reminder, StopReminder)

    # The check before a session

    def _nothing_today(self, rest: str, at: Point) -> Said | None:
        if _occurrence(rest, at.known) is None:
            return None
        lead = self._say(at.language, "today_nothing")
        return Said(
            reply=self._note(at.language, lead, self._answers(at.language, rest)), memory=at.memory, in_place=True
        )

    def _something_today(self, rest: str, at: Point) -> Said | None:
        if _occurrence(rest, at.known) is None:
            return None
        rows = tuple(
            (
                Choice(
                    label=self._rulebook.conditions[name].called(at.language), press=_press("today", f"{place}.{rest}")
                ),
            )
            for place, name in enumerate(self._today.conditions)
        )
        reply = self._note(at.language, self._say(at.language, "today_which"), rows)
        return Said(reply=reply, memory=at.memory, in_place=True)

    def _today_is(self, rest: str, at: Point) -> Said | None:
        """A yes pauses this occurrence, quotes why, and keeps the streak."""
        place, _, number = rest.partition(".")
        occurrence = _occurrence(number, at.known)
        if occurrence is None or not place.isdigit() or int(place) >= len(self._today.conditions):
            return None
        condition = self._rulebook.conditions[self._today.conditions[int(place)]]
        settled = self._settled(occurrence, OccurrenceState.EXCUSED, at)
        lead = "\n".join(
            [self._say(at.language, "today_not", condition=condition.called(at.language)), settled.reply.lead]
        )
        citations: list[Citation] = [rule.citation for rule in condition.rules]
        reply = self._answerer.from_places(citations, at.language, lead=lead)
        return replace(settled, reply=reply)

    # One reminder of the list

    def _one(self, rest: str, at: Point) -> Said | None:
        reminder = at.known.reminder(rest)
        if reminder is None:
            return None
        running = reminder.state is ReminderState.ACTIVE
        row = (
            self._choice(at.language, "pause" if running else "resume", "pause" if running else "resume", rest),
            self._choice(at.language, "delete", "delete", rest),
        )
        lead = self._line(reminder, at)
        return Said(reply=self._note(at.language, lead, (row,)), memory=at.memory, in_place=True)

    def _pause(self, rest: str, at: Point) -> Said | None:
        return self._on_one(rest, at, "reminder_paused", PauseReminder)

    def _resume(self, rest: str, at: Point) -> Said | None:
        return self._on_one(rest, at, "reminder_resumed", ResumeReminder)

    def _delete(self, rest: str, at: Point) -> Said | None:
        return self._on_one(rest, at, "reminder_deleted", DeleteReminder)

    def _on_one(self, reminder_id: str, at: Point, name: str, change: type[_Steers]) -> Said | None:
        reminder = at.known.reminder(reminder_id)
        return self._changed(at, name, reminder, change) if reminder is not None else None

    # Wording

    def _say(self, language: str, name: str, **filled: object) -> str:
        return self._wording.say(language, name, **filled)

    def _note(self, language: str, lead: str, rows: tuple[tuple[Choice, ...], ...] = ()) -> Reply:
        return self._answerer.note("reminders", language, lead=lead, choices=rows)

    def _choice(self, language: str, name: str, act: str, argument: str = "") -> Choice:
        return Choice(label=self._say(language, f"button_{name}"), press=_press(act, argument))


_Steers = DeleteReminder | StopReminder | PauseReminder | ResumeReminder
_RUNNING: Final = frozenset({ReminderState.ACTIVE, ReminderState.PAUSED, ReminderState.BLOCKED})


def _press(act: str, argument: str = "") -> str:
    return str(Press(act="rem", argument=f"{act}.{argument}"))


def _schedule_text(schedule: Schedule) -> str:
    return orjson.dumps(schedule.to_json()).decode()


def _data(reminder: Reminder) -> Mapping[str, Any]:
    data = orjson.loads(reminder.data or "{}")
    return data if isinstance(data, dict) else {}


def _language_of(due: Due) -> str:
    chosen = (due.person.language if due.person else None) or _data(due.reminder).get("language")
    return "ru" if chosen == "ru" else "en"


def _occurrence(number: str, known: Known) -> OccurrenceId | None:
    """The occurrence a button names, if its reminder is this person's."""
    reminder_id, _, moment = number.rpartition("@")
    reminder = known.reminder(reminder_id)
    if reminder is None or not moment.lstrip("-").isdigit():
        return None
    due = datetime.fromtimestamp(int(moment) / 1000, tz=ZoneInfo("UTC"))
    return reminder.parent or OccurrenceId(reminder_id=reminder_id, due=due)


def _with(history: Sequence[Occurrence], occurrence: OccurrenceId, answer: OccurrenceState) -> list[Occurrence]:
    """The history with one occurrence answered."""
    answered = [replace(each, state=answer) if each.id == occurrence else each for each in history]
    if all(each.id != occurrence for each in history):
        fresh = Occurrence(id=occurrence, state=answer, sent=None, message_id=None, late_by=timedelta(), skipped=0)
        answered.append(fresh)
    return answered
