"""What is said about the routines of the articles: what they are, planning one, going through a session?

Planning runs the contraindication check once; only its outcome is kept, and only with the reminder that is saved. A
session goes step by step by its own clock (`bot.session_clock`), each step with its passage; its message is changed
every few seconds by whoever looks at `next_tick`, and what is remembered is enough to go on after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.answer import Answerer
from bot.guided_check import GuidedCheck, Screen
from bot.known import Memory, Point, Said
from bot.presses import Press
from bot.reminder_data import data_of, press, running
from bot.reminder_talk import ReminderTalk
from bot.reply import Attachment, Choice, Reply
from bot.session_clock import SOONEST, Session, View, ends, moved_on, next_look, paused, resumed, view
from intents.routines import Routine
from intents.rule import Severity
from intents.understood import SetReminder
from intents.when import understand
from intents.wording import Wording

_YEAR: Final = timedelta(days=365)
_LONGEST_LIST: Final = 450
"""Characters for the steps in a picture's caption."""
_LATELY: Final = timedelta(hours=24)
Rows = tuple[tuple[Choice, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    """A session that somebody goes through, and what is remembered of it beside its clock."""

    routine: Routine
    session: Session
    state: Mapping[str, Any]

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(step.seconds for step in self.routine.steps)

    def view(self, at: Point) -> View:
        return view(self.session, self.lengths, _stamp(at))

    def pressed(self, at: Point, session: Session) -> _Going:
        """After a press on its message, whose number is known from then on."""
        return replace(self, session=session, state={**self.state, "message": at.incoming.message})

    def remembered(self) -> dict[str, Any]:
        return {**self.state, **self.session.to_json()}


class RoutineTalk:
    """Talks about routines."""

    def __init__(
        self,
        *,
        answerer: Answerer,
        wording: Wording,
        routines: Mapping[str, Routine],
        reminders: ReminderTalk,
        guided: GuidedCheck,
    ) -> None:
        self._answerer = answerer
        self._wording = wording
        self._routines = routines
        self._reminders = reminders
        self._guided = guided
        self._acts: Mapping[str, Callable[[str, Point], Said | None]] = {
            "show": self._shown,
            "plan": self._planned,
            "picture": self._pictured,
        }
        self._steps: Mapping[str, Callable[[Point, _Going], Said]] = {
            "next": self._next,
            "pause": self._pause,
            "go": self._go_on,
            "stop": self._stop,
        }

    # Which there are, and planning one

    def listing(self, at: Point) -> Said:
        """All routines."""
        rows = tuple(
            (Choice(label=each.called(at.language), press=_press("show", name)),)
            for name, each in self._routines.items()
        )
        return Said(reply=self._note(at.language, self._say(at.language, "routines_list"), rows), memory=at.memory)

    def press(self, argument: str, at: Point) -> Said | None:
        """The answer to a button about a routine; None when there is none such."""
        act, _, name = argument.partition(".")
        run = self._acts.get(act)
        return run(name, at) if run is not None else None

    def _shown(self, name: str, at: Point) -> Said | None:
        """A routine with its figures and their places."""
        routine = self._routines.get(name)
        if routine is None:
            return None
        row = [Choice(label=self._say(at.language, "button_plan"), press=_press("plan", name))]
        if routine.steps:
            row.append(Choice(label=self._say(at.language, "button_session"), press=_session("begin", name)))
        lead = "\n".join([routine.called(at.language), *self._figures(routine, at.language)])
        citations = [*routine.about, *(place for _, place in routine.minutes)]
        rows = (tuple(row), *self._picture_button(routine, at.language))
        reply = self._answerer.from_places(citations, at.language, lead=lead, choices=rows)
        return Said(reply=reply, memory=at.memory)

    def _picture_button(self, routine: Routine, language: str) -> Rows:
        if not routine.steps:
            return ()
        return ((Choice(label=self._say(language, "button_picture"), press=_press("picture", routine.name)),),)

    def _pictured(self, name: str, at: Point) -> Said | None:
        """The order of a routine's strokes as a picture; its caption tells the same in words."""
        routine = self._routines.get(name)
        if routine is None or not routine.steps:
            return None
        said = [f"{number}. {step.what.said(at.language)}" for number, step in enumerate(routine.steps, 1)]
        places = [f" ({step.what.citation.place})" for step in routine.steps]
        over = sum(map(len, (*said, *places))) > _LONGEST_LIST
        room = _LONGEST_LIST // len(said) if over else _LONGEST_LIST
        lines = [_told_shortly(text, room, place) for text, place in zip(said, places, strict=True)]
        lead = "\n".join([self._say(at.language, "strokes_picture", routine=routine.called(at.language)), *lines])
        begin = Choice(label=self._say(at.language, "button_session"), press=_session("begin", name))
        first = routine.steps[0].what.citation
        reply = self._answerer.from_places([first], at.language, lead=lead, choices=((begin,),))
        quotes = tuple(replace(quoted, summary="") for quoted in reply.quotes)  # the steps above say it already
        from bot.stroke_picture import strokes_in_order  # noqa: PLC0415  a drawing library that few people need

        picture = Attachment(kind="photo", name=f"{name}.png", content=strokes_in_order(routine.steps))
        return Said(reply=replace(reply, quotes=quotes, attachment=picture), memory=at.memory)

    def _figures(self, routine: Routine, language: str) -> list[str]:
        lines = []
        if routine.minutes:
            minutes = ", ".join(f"{minutes} ({place.place})" for minutes, place in routine.minutes)
            name = "routine_minutes_differ" if len(routine.minutes) > 1 else "routine_minutes"
            lines.append(self._say(language, name, minutes=minutes))
        lines += [f"• {each.said(language)} ({each.citation.place})" for each in routine.course]
        if routine.meal_before_minutes:
            hours = routine.meal_before_minutes // 60
            lines.append(self._wording.counted(language, "routine_meal", hours))
        return lines

    def _planned(self, name: str, at: Point) -> Said | None:
        """Planning begins with the check."""
        routine = self._routines.get(name)
        if routine is None:
            return None
        screen = self._guided.begin_for(routine, at.language, previous=at.memory.get("check"))
        lead = self._say(at.language, "check_before_routine") + "\n" + screen.reply.lead
        return Said(reply=replace(screen.reply, lead=lead), memory={**at.memory, "check": screen.state})

    def checked(self, name: str, screen: Screen, at: Point) -> Said:
        """What follows from the check before a routine: the verdict, and its times unless the verdict is against it."""
        routine = self._routines.get(name)
        memory = {**at.memory, "check": screen.state}
        if routine is None or screen.verdict is None:
            return Said(reply=screen.reply, memory=memory, in_place=True)
        severity = screen.verdict.severity
        if severity.rank <= Severity.RELATIVE_OR_TEMPORARY.rank:
            lead = self._say(at.language, "routine_not_now") + "\n" + screen.reply.lead
            return Said(reply=replace(screen.reply, lead=lead), memory=memory, in_place=True)
        zone = self._reminders.zone(at.known, at.memory)
        meant = understand(routine.suggest[at.language], now=at.incoming.at, zone=zone)
        if not isinstance(meant, SetReminder):
            raise TypeError(f"the suggested times of routine {name} set no reminder")
        there = replace(at, memory=memory)
        said = self._reminders.proposed(
            meant.schedule, routine.called(at.language), there, routine=name, checked=severity.value
        )
        lines = [screen.reply.lead, "", *self._courses_so_far(routine, at), said.reply.lead]
        lines.append(self._say(at.language, "routine_change_times"))
        reply = replace(screen.reply, lead="\n".join(lines), choices=said.reply.choices)
        return replace(said, reply=reply, in_place=True)

    def _courses_so_far(self, routine: Routine, at: Point) -> list[str]:
        """A word when the articles' number of courses a year is reached."""
        since = at.incoming.at - _YEAR
        begun = [
            each
            for each in at.known.reminders
            if data_of(each).get("routine") == routine.name and (each.created or at.incoming.at) >= since
        ]
        if routine.most_a_year is None or len(begun) < routine.most_a_year:
            return []
        return [self._wording.counted(at.language, "routine_often", len(begun), most=routine.most_a_year)]

    # A session

    def session(self, rest: str, at: Point) -> Said:
        """Begins the routine that is named, or offers those that have steps."""
        guided = {name: each for name, each in self._routines.items() if each.steps}
        if rest in guided:
            return self._begun(guided[rest], at)
        rows = tuple(
            (
                Choice(label=each.called(at.language), press=_session("begin", name)),
                Choice(label=self._say(at.language, "button_picture"), press=_press("picture", name)),
            )
            for name, each in guided.items()
        )
        lead = self._say(at.language, "session_which")
        return Said(reply=self._note(at.language, lead, rows), memory=at.memory)

    def session_press(self, argument: str, at: Point) -> Said | None:
        """The answer to a session's button; None when it belongs to no running session of this person."""
        act, _, rest = argument.partition(".")
        if act == "begin":
            routine = self._routines.get(rest)
            return self._begun(routine, at) if routine is not None and routine.steps else None
        going = self._going(at)
        if going is None or rest != str(going.state.get("number")):
            return None
        run = self._steps.get(act)
        return run(at, going) if run is not None else None

    def changes_nothing(self, argument: str, at: Point) -> bool:
        """Whether a press asks for what is so already, as a second tap on *Pause* does."""
        act, _, rest = argument.partition(".")
        going = self._going(at)
        if going is None or act == "begin" or rest != str(going.state.get("number")):
            return False
        shown = going.view(at)
        return (act == "pause" and shown.paused) or (act == "go" and not shown.paused and not shown.over)

    def ticked(self, at: Point) -> Said | None:
        """What the message of a running session shows now; None when none is running."""
        going = self._going(at)
        if going is None:
            return None
        shown = going.view(at)
        if shown.paused:
            return None
        return self._over(at, going) if shown.over else self._step_shown(at, going)

    def next_tick(self, at: Point, memory: Memory, *, shown_now: bool) -> datetime | None:
        """When a session's message is to change by itself; None when there is none, or nothing runs."""
        going = self._going(replace(at, memory=memory))
        look = next_look(going.view(at)) if going is not None else None
        if look is None:
            return None
        return at.incoming.at.replace(microsecond=0) + timedelta(seconds=look if shown_now else SOONEST)

    def busy_until(self, at: Point, memory: Memory) -> datetime | None:
        """When the session that runs or is held will be over at the earliest; None when there is none."""
        going = self._going(replace(at, memory=memory))
        if going is None or going.view(at).over:
            return None
        return datetime.fromtimestamp(ends(going.session, going.lengths, _stamp(at)), UTC)

    @staticmethod
    def message_of(memory: Memory) -> int | str | None:
        """The number of a session's message, or the key under which it can be found; None without a session."""
        state = memory.get("session")
        if not isinstance(state, Mapping):
            return None
        number, key = state.get("message"), state.get("key")
        return number if isinstance(number, int) else key if isinstance(key, str) else None

    def _going(self, at: Point) -> _Going | None:
        state = at.memory.get("session")
        if not isinstance(state, Mapping):
            return None
        session, routine = Session.from_json(state), self._routines.get(str(state.get("routine")))
        if session is None or routine is None or not routine.steps:
            return None
        return _Going(routine=routine, session=session, state=state)

    def _begun(self, routine: Routine, at: Point) -> Said:
        before = at.memory.get("session")
        number = int(before.get("number", 0)) + 1 if isinstance(before, Mapping) else 1
        key = f"ses:{number}:{_stamp(at)}"
        going = _Going(
            routine=routine,
            session=Session(began=_stamp(at)),
            state={"number": number, "routine": routine.name, "key": key},
        )
        return replace(self._step_shown(at, going), in_place=False, key=key)

    def _step_shown(self, at: Point, going: _Going) -> Said:
        shown = going.view(at)
        step = going.routine.steps[shown.step]
        lines = [
            self._say(at.language, "session_step", number=shown.step + 1, of=len(going.routine.steps)),
            step.what.said(at.language) + ".",
            self._say(at.language, "session_paused" if shown.paused else "session_left", left=_minutes(shown.left)),
        ]
        reply = self._answerer.from_places(
            [step.what.citation], at.language, lead="\n".join(lines), choices=self._buttons(going, shown, at.language)
        )
        return Said(reply=reply, memory={**at.memory, "session": going.remembered()}, in_place=True)

    def _buttons(self, going: _Going, shown: View, language: str) -> Rows:
        number = str(going.state["number"])
        last = shown.step + 1 >= len(going.routine.steps)
        turn = ("go", "button_go_on") if shown.paused else ("pause", "button_pause")
        pairs = (
            (("next", "button_session_end" if last else "next"),),
            (turn, ("stop", "button_session_stop")),
        )
        return tuple(
            tuple(Choice(label=self._say(language, name), press=_session(act, number)) for act, name in row)
            for row in pairs
        )

    def _next(self, at: Point, going: _Going) -> Said:
        there = going.pressed(at, moved_on(going.session, going.lengths, _stamp(at)))
        return self._over(at, there) if there.view(at).over else self._step_shown(at, there)

    def _over(self, at: Point, going: _Going) -> Said:
        lead = self._say(at.language, "session_over", routine=going.routine.called(at.language))
        last = [going.routine.steps[-1].what.citation]
        reply = self._answerer.from_places(last, at.language, lead=lead, choices=self._done_button(going.routine, at))
        return Said(reply=reply, memory=_without_session(at, going.state), in_place=True)

    def _done_button(self, routine: Routine, at: Point) -> Rows:
        """*Done* for the reminder of this routine that came lately."""
        lately = at.incoming.at - _LATELY
        for reminder in at.known.reminders:
            history = at.known.history.get(reminder.id, ())
            came = [each for each in history if each.sent is not None and each.sent >= lately]
            if came and data_of(reminder).get("routine") == routine.name:
                label = self._say(at.language, "button_done")
                return ((Choice(label=label, press=press("done", came[-1].id.number)),),)
        if any(data_of(each).get("routine") == routine.name for each in running(at.known)):
            return ()
        return ((Choice(label=self._say(at.language, "button_plan"), press=_press("plan", routine.name)),),)

    def _pause(self, at: Point, going: _Going) -> Said:
        if going.view(at).over:
            return self._over(at, going)
        return self._step_shown(at, going.pressed(at, paused(going.session, _stamp(at))))

    def _go_on(self, at: Point, going: _Going) -> Said:
        if going.view(at).over:
            return self._over(at, going)
        return self._step_shown(at, going.pressed(at, resumed(going.session, _stamp(at))))

    def _stop(self, at: Point, going: _Going) -> Said:
        lead = self._say(at.language, "session_stopped", routine=going.routine.called(at.language))
        reply = self._answerer.note("cancelled", at.language, lead=lead)
        return Said(reply=reply, memory=_without_session(at, going.state), in_place=True)

    def _say(self, language: str, name: str, **filled: object) -> str:
        return self._wording.say(language, name, **filled)

    def _note(self, language: str, lead: str, rows: Rows) -> Reply:
        return self._answerer.note("reminders", language, lead=lead, choices=rows)


def _told_shortly(text: str, room: int, place: str) -> str:
    """A line of a caption, which has room for a thousand characters in all; a cut is shown, the place never cut."""
    room -= len(place)
    return (text if len(text) <= room else text[: room - 1].rsplit(" ", 1)[0] + "…") + place


def _press(act: str, name: str) -> str:
    return str(Press(act="rou", argument=f"{act}.{name}"))


def _session(act: str, rest: str) -> str:
    return str(Press(act="ses", argument=f"{act}.{rest}"))


def _stamp(at: Point) -> int:
    """Now, in whole seconds since 1970."""
    return int(at.incoming.at.timestamp())


def _minutes(seconds: int) -> str:
    """`2:30`."""
    return f"{seconds // 60}:{seconds % 60:02}"


def _without_session(at: Point, state: Mapping[str, Any]) -> dict[str, Any]:
    """The number stays, so that buttons of this session do nothing in the next one."""
    return {**at.memory, "session": {"number": state["number"]}}
