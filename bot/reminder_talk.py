"""What is said about reminders: setting one, listing them, changing one?

Pure: what is known and what was remembered come as arguments; changes to what is stored go out as data. Nothing is
stored before the person has agreed to it and tapped *Save*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from bot import reminder_data
from bot.answer import Answerer
from bot.changes import (
    AddReminder,
    Change,
    DeleteReminder,
    EditReminder,
    PauseReminder,
    ResumeReminder,
    SavePerson,
    StopReminder,
)
from bot.due_talk import DueTalk
from bot.known import Known, Memory, Point, Said
from bot.people import Person
from bot.presses import Press
from bot.reminder_data import LONGEST_TEXT, press, running, zone_of, zone_told
from bot.reminders import Due, Reminder, ReminderState
from bot.reply import Choice, Reply
from intents.calendar_words import told
from intents.routines import Routine
from intents.schedule import Schedule
from intents.understood import (
    AskBack,
    Command,
    CommandKind,
    Impossible,
    NotAReminder,
    Question,
    SetReminder,
    Understood,
)
from intents.when import understand
from intents.wording import Wording

_MOMENTS_SHOWN: Final = 3
_MOST_LISTED: Final = 12
_LONGEST_LABEL: Final = 60
_WORDS_OF_AN_ANSWER: Final = 6
_DRAFT: Final = frozenset({"draft", "unclear", "what", "unfinished"})
"""What is remembered while a reminder is being set."""
_Steers = DeleteReminder | StopReminder | PauseReminder | ResumeReminder
_STEERS: Final[Mapping[str, tuple[str, type[_Steers]]]] = {
    "delete": ("reminder_deleted", DeleteReminder),
    "end": ("reminder_stopped", StopReminder),
    "pause": ("reminder_paused", PauseReminder),
    "resume": ("reminder_resumed", ResumeReminder),
}
_BY_KIND: Final = {
    CommandKind.CANCEL: "delete",
    CommandKind.STOP: "end",
    CommandKind.PAUSE: "pause",
    CommandKind.RESUME: "resume",
}


class ReminderTalk:
    """Talks about reminders."""

    def __init__(
        self,
        *,
        answerer: Answerer,
        wording: Wording,
        routines: Mapping[str, Routine],
        due: DueTalk,
        default_zone: str,
    ) -> None:
        self._answerer = answerer
        self._wording = wording
        self._routines = routines
        self._due = due
        self._default_zone = default_zone
        self._acts: Mapping[str, Callable[[str, Point], Said | None]] = {
            **due.acts,
            "save": self._save,
            "drop": self._drop,
            "agree": self._agree,
            "pick": self._pick,
            "list": lambda _rest, at: replace(self.listing(at), in_place=True),
            "one": self._one,
            **{act: self._steering(act) for act in _STEERS},
        }

    def zone(self, known: Known, memory: Memory) -> str:
        """The person's time zone; the host's default where they gave none."""
        return zone_of(known, memory, self._default_zone)

    def due(self, due: Due) -> Reply:
        """What a due reminder says."""
        return self._due.due(due)

    # What was written

    def understood(self, meant: Understood, text: str, at: Point) -> Said:
        """The reply to a sentence that sets or steers reminders; `text` is the sentence."""
        match meant:
            case SetReminder(schedule=schedule, what=what):
                return self.proposed(schedule, what, at)
            case AskBack():
                return self._asked_back(meant, text, at)
            case Impossible(reason=reason, detail=detail):
                lead = self._say(at.language, f"refuse_{reason.name.lower()}", detail=detail).strip()
                return Said(reply=self._note(at.language, lead), memory=at.memory)
            case Command():
                return self._command(meant, text, at)
            case NotAReminder():
                return self.listing(at)

    def finished(self, text: str, at: Point) -> Said | None:
        """What an answer to "at what time?" makes of the sentence it was asked about; None when it is none."""
        begun = at.memory.get("unfinished")
        if not isinstance(begun, str) or len(text.split()) > _WORDS_OF_AN_ANSWER:
            return None
        whole = f"{begun} {text.strip()}"
        meant = understand(whole, now=at.incoming.at, zone=self.zone(at.known, at.memory))
        if isinstance(meant, SetReminder):
            return self.proposed(meant.schedule, meant.what, at)
        progress = isinstance(meant, AskBack) and meant.question.name.lower() != at.memory.get("asked")
        return self._asked_back(meant, whole, at) if progress and isinstance(meant, AskBack) else None

    def _asked_back(self, meant: AskBack, text: str, at: Point) -> Said:
        asked = meant.question.name.lower()
        kept = {
            **at.memory,
            "unclear": [reminder_data.written(each) for each in meant.candidates],
            "what": meant.what[:LONGEST_TEXT],
            "unfinished": text[:LONGEST_TEXT],
            "asked": asked,
        }
        rows = self._candidates(meant.candidates, at)
        return Said(reply=self._note(at.language, self._say(at.language, f"ask_{asked}"), rows), memory=kept)

    def proposed(self, schedule: Schedule, what: str, at: Point, *, routine: str = "", checked: str = "") -> Said:
        """What was understood, with the next moments and the zone; it is saved by a tap."""
        text = what.strip()[:LONGEST_TEXT] or self._say(at.language, "reminder_unnamed")
        moments = schedule.moments(at.incoming.at, _MOMENTS_SHOWN)
        lines = [
            self._say(
                at.language,
                "reminder_proposed",
                what=text,
                moments="; ".join(self._told(each, schedule.zone, at) for each in moments),
                zone=schedule.zone,
            )
        ]
        if (ends := schedule.ends) is not None and schedule.repeats:
            last = self._told(ends.last, schedule.zone, at)
            lines.append(self._wording.counted(at.language, "reminder_ends", ends.count, last=last))
        if zone_told(at.known, at.memory) is None:
            lines.append(self._say(at.language, "zone_hint", zone=schedule.zone))
        draft = {
            "schedule": reminder_data.written(schedule),
            "what": text,
            "routine": routine,
            "checked": checked,
        }
        row = (self._choice(at.language, "save", "save"), self._choice(at.language, "drop", "drop"))
        kept = {**_without_draft(at.memory), "draft": draft}
        return Said(reply=self._note(at.language, "\n".join(lines), (row,)), memory=kept)

    def again(self, at: Point) -> Said | None:
        """The reminder that is being set, in the zone the person has given meanwhile; None when there is none."""
        draft = at.memory.get("draft")
        if not isinstance(draft, Mapping):
            return None
        schedule = replace(reminder_data.read(draft["schedule"]), zone=self.zone(at.known, at.memory))
        routine, checked = str(draft.get("routine", "")), str(draft.get("checked", ""))
        return self.proposed(schedule, str(draft["what"]), at, routine=routine, checked=checked)

    def _candidates(self, candidates: Sequence[Schedule], at: Point) -> tuple[tuple[Choice, ...], ...]:
        rows = []
        for number, each in enumerate(candidates):
            moment = each.after(at.incoming.at)
            if moment is not None:
                rows.append((Choice(label=self._told(moment, each.zone, at), press=press("pick", str(number))),))
        return tuple(rows)

    # Commands in words

    def _command(self, meant: Command, text: str, at: Point) -> Said:
        if meant.kind is CommandKind.LIST:
            return self.listing(at)
        if meant.kind in {CommandKind.SNOOZE, CommandKind.DONE, CommandKind.SKIP}:
            said = self._due.answered_in_words(meant, lambda each: self._is_meant(each, meant.target, text, at), at)
            return said or self.listing(at, lead="reminders_none_such")
        if meant.kind is CommandKind.PAUSE and meant.question is not None:
            days = {Question.WHICH_DAY, Question.DAY_OR_MONTH}
            asked = f"ask_{meant.question.name.lower()}" if meant.question in days else "ask_pause_until"
            return Said(reply=self._note(at.language, self._say(at.language, asked)), memory=at.memory)
        found = [each for each in running(at.known) if self._is_meant(each, meant.target, text, at)]
        if not found:
            return self.listing(at, lead="reminders_none_such")
        if len(found) > 1 and not self._means_all(text, at):
            return self._which(meant.kind, found, at)
        if meant.kind is CommandKind.EDIT:
            return self._edited(meant, found[0], text, at) if len(found) == 1 else self._which(meant.kind, found, at)
        if meant.kind is CommandKind.PAUSE and meant.moment is not None:
            return self._paused_until(found, meant.moment, at)
        name, change = _STEERS[_BY_KIND[meant.kind]]
        return self._steered(found, name, change, at)

    def _is_meant(self, reminder: Reminder, target: str, text: str, at: Point) -> bool:
        """Whether a person's words name a reminder, by what it is about or by its time; without any, all are meant."""
        words = [word for word in target.casefold().split() if len(word) > 2]
        if words:
            return any(word[:5] in reminder.text.casefold() for word in words)
        listed = [each for each in running(at.known) if self._time_of(each, at) in text]
        return reminder in listed if listed else True

    def _time_of(self, reminder: Reminder, at: Point) -> str:
        zone = ZoneInfo(self.zone(at.known, at.memory))
        return f"{reminder.due.astimezone(zone):%H:%M}" if reminder.due is not None else "-"

    def _means_all(self, text: str, at: Point) -> bool:
        return bool(set(text.casefold().split()) & set(self._wording.words(at.language, "words_for_all")))

    def _which(self, kind: CommandKind, found: Sequence[Reminder], at: Point) -> Said:
        """Several are meant: a tap on one does what was said."""
        act = _BY_KIND.get(kind, "one")
        rows = tuple((self._named(each, act, at),) for each in found[:_MOST_LISTED])
        return Said(reply=self._note(at.language, self._say(at.language, "reminders_which"), rows), memory=at.memory)

    def _edited(self, meant: Command, reminder: Reminder, text: str, at: Point) -> Said:
        """New times, joined to what the reminder had: "to 9:00" keeps its days."""
        schedule = meant.schedule
        if reminder.rule is not None:
            before = reminder_data.read(reminder.rule)
            again = understand(text, now=at.incoming.at, zone=before.zone, context=(str(before),))
            schedule = again.schedule if isinstance(again, Command) and again.schedule is not None else schedule
        due = schedule.after(at.incoming.at) if schedule is not None else None
        if schedule is None or due is None:
            return Said(reply=self._note(at.language, self._say(at.language, "ask_when")), memory=at.memory)
        change = EditReminder(
            person_id=at.incoming.person,
            reminder_id=reminder.id,
            text=reminder.text,
            rule=reminder_data.written(schedule) if schedule.repeats else None,
            due=due,
        )
        moments = [self._told(each, schedule.zone, at) for each in schedule.moments(at.incoming.at, _MOMENTS_SHOWN)]
        lead = self._say(at.language, "reminder_edited", what=reminder.text, moment="; ".join(moments))
        return Said(reply=self._note(at.language, lead), memory=at.memory, effects=(change,))

    def _paused_until(self, found: Sequence[Reminder], until: datetime, at: Point) -> Said:
        """The series goes on with its first moment from then on; nothing has to be resumed."""
        changes, lines = [], []
        for each in found:
            due = reminder_data.read(each.rule).after(until) if each.rule is not None else until
            if due is None:
                continue
            changes.append(
                EditReminder(person_id=each.person_id, reminder_id=each.id, text=each.text, rule=each.rule, due=due)
            )
            moment = self._told(due, self.zone(at.known, at.memory), at)
            lines.append(self._say(at.language, "reminder_paused_until", what=each.text, moment=moment))
        if not changes:
            return self._steered(found, "reminder_paused", PauseReminder, at)
        return Said(reply=self._note(at.language, "\n".join(lines)), memory=at.memory, effects=tuple(changes))

    def _steered(self, found: Sequence[Reminder], name: str, change: type[_Steers], at: Point) -> Said:
        effects = tuple(change(person_id=each.person_id, reminder_id=each.id) for each in found)
        lead = "\n".join(self._say(at.language, name, what=each.text) for each in found)
        return Said(reply=self._note(at.language, lead), memory=at.memory, effects=effects)

    # The list

    def listing(self, at: Point, *, lead: str = "reminders_list") -> Said:
        """All running reminders, each with its next moment, and the routines that can be started."""
        found = running(at.known)[:_MOST_LISTED]
        text = self._say(at.language, lead if found else "reminders_empty")
        rows = [(self._named(each, "one", at),) for each in found]
        rows += [
            (Choice(label="＋ " + routine.called(at.language), press=str(Press(act="rou", argument=f"show.{name}"))),)
            for name, routine in self._routines.items()
        ]
        return Said(reply=self._note(at.language, text, tuple(rows)), memory=at.memory)

    def _named(self, reminder: Reminder, act: str, at: Point) -> Choice:
        return Choice(label=self._line(reminder, at)[:_LONGEST_LABEL], press=press(act, reminder.id))

    def _line(self, reminder: Reminder, at: Point) -> str:
        if reminder.state is not ReminderState.ACTIVE or reminder.due is None:
            return f"⏸ {reminder.text}"
        return f"{self._told(reminder.due, self.zone(at.known, at.memory), at)} · {reminder.text}"

    def _one(self, rest: str, at: Point) -> Said | None:
        reminder = at.known.reminder(rest)
        if reminder is None or reminder not in running(at.known):
            return None
        act = "pause" if reminder.state is ReminderState.ACTIVE else "resume"
        row = (self._choice(at.language, act, act, rest), self._choice(at.language, "delete", "delete", rest))
        back = (self._choice(at.language, "all_reminders", "list"),)
        reply = self._note(at.language, self._line(reminder, at), (row, back))
        return Said(reply=reply, memory=at.memory, in_place=True)

    def _steering(self, act: str) -> Callable[[str, Point], Said | None]:
        name, change = _STEERS[act]

        def steer(reminder_id: str, at: Point) -> Said | None:
            reminder = at.known.reminder(reminder_id)
            if reminder is None:
                return None
            said = self._steered([reminder], name, change, at)
            back = ((self._choice(at.language, "all_reminders", "list"),),)
            return replace(said, reply=replace(said.reply, choices=back), in_place=True)

        return steer

    # Saving

    def press(self, argument: str, at: Point) -> Said | None:
        """The answer to a button of ours; None when it belongs to nothing that is there."""
        act, _, rest = argument.partition(".")
        run = self._acts.get(act)
        return run(rest, at) if run is not None else None

    def _save(self, _rest: str, at: Point) -> Said | None:
        draft = at.memory.get("draft")
        if not isinstance(draft, Mapping):
            return None
        if at.known.agreed:
            return self._stored(draft, at, ())
        row = (self._choice(at.language, "agree", "agree"), self._choice(at.language, "drop", "drop"))
        lead = self._say(at.language, "consent_asked")
        reply = self._answerer.note("privacy", at.language, lead=lead, choices=(row,))
        return Said(reply=reply, memory=at.memory, in_place=True)

    def _agree(self, _rest: str, at: Point) -> Said | None:
        """Consent; what was chosen in this conversation is stored with it."""
        person = at.known.person or Person(person_id=at.incoming.person)
        language = person.language or at.memory.get("language")
        zone = zone_told(at.known, at.memory)
        agreed = SavePerson(person=replace(person, consent=at.incoming.at, language=language, zone=zone))
        draft = at.memory.get("draft")
        if isinstance(draft, Mapping):
            return self._stored(draft, at, (agreed,))
        reply = self._note(at.language, self._say(at.language, "consent_given"))
        return Said(reply=reply, memory=at.memory, effects=(agreed,), in_place=True)

    def _stored(self, draft: Mapping[str, Any], at: Point, before: tuple[Change, ...]) -> Said:
        schedule = reminder_data.read(draft["schedule"])
        due = schedule.after(at.incoming.at)
        kept = _without_draft(at.memory)
        if due is None:
            lead = self._say(at.language, "refuse_past", detail="").strip()
            return Said(reply=self._note(at.language, lead), memory=kept, effects=before, in_place=True)
        noted = {name: draft[name] for name in ("routine", "checked") if draft.get(name)}
        reminder = Reminder(
            id=f"r{at.incoming.chat}-{at.incoming.message}",
            person_id=at.incoming.person,
            chat_id=at.incoming.chat,
            text=str(draft["what"]),
            rule=reminder_data.written(schedule) if schedule.repeats else None,
            due=due,
            data=orjson.dumps({**noted, "language": at.language}).decode(),
        )
        lead = self._say(at.language, "reminder_saved", what=reminder.text, moment=self._told(due, schedule.zone, at))
        back = ((self._choice(at.language, "all_reminders", "list"),),)
        return Said(
            reply=self._note(at.language, lead, back),
            memory=kept,
            effects=(*before, AddReminder(reminder=reminder)),
            in_place=True,
        )

    def _drop(self, _rest: str, at: Point) -> Said:
        lead = self._say(at.language, "cancelled")
        reply = self._answerer.note("cancelled", at.language, lead=lead)
        return Said(reply=reply, memory=_without_draft(at.memory), in_place=True)

    def _pick(self, rest: str, at: Point) -> Said | None:
        offered = at.memory.get("unclear")
        if not isinstance(offered, list) or not rest.isdigit() or int(rest) >= len(offered):
            return None
        schedule = reminder_data.read(offered[int(rest)])
        return replace(self.proposed(schedule, str(at.memory.get("what", "")), at), in_place=True)

    # Wording

    def _told(self, moment: datetime, zone: str, at: Point) -> str:
        return told(moment, zone, at.language, self._wording)

    def _say(self, language: str, name: str, **filled: object) -> str:
        return self._wording.say(language, name, **filled)

    def _note(self, language: str, lead: str, rows: tuple[tuple[Choice, ...], ...] = ()) -> Reply:
        return self._answerer.note("reminders", language, lead=lead, choices=rows)

    def _choice(self, language: str, name: str, act: str, argument: str = "") -> Choice:
        return Choice(label=self._say(language, f"button_{name}"), press=press(act, argument))


def _without_draft(memory: Memory) -> dict[str, Any]:
    return {name: value for name, value in memory.items() if name not in _DRAFT}
