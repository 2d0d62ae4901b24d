"""How does a person who would rather tap than write go through the contraindications?

A pure state machine: emergency signs, region, kind of massage, then one checklist after another, each with "none of
these"; the end is the same verdict that a typed question gets, or at an emergency sign the fixed text and no verdict at
all. Its state is JSON-ready and belongs to one person in one chat: a button of an older or of somebody else's check
finds no state and does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.answer import Answerer
from bot.presses import Press
from bot.reply import Choice, Reply
from intents.check_steps import Checklist, Steps
from intents.decide import Active, Verdict, decide
from intents.reading import Reader
from intents.red_flags import RED_FLAG_KINDS, AlarmKind, RedFlags
from intents.request import AskAdvice
from intents.routines import Routine
from intents.rule import Circumstances
from intents.rulebook import Rulebook
from intents.wording import Wording

_PER_ROW: Final = 2
_DONE: Final = "done"
_NONE: Final = "none"
_BACK: Final = "back"
_CANCEL: Final = "cancel"
_YES: Final = "yes"
_SIGNS, _REGION, _TECHNIQUE, _FIRST_LIST = range(4)
TODAY: Final = "today"
"""The checklist that is asked before each session."""


State = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Where a check stands after a press: what is shown, its state, and its verdict when it is over."""

    reply: Reply
    state: State
    verdict: Verdict | None = None


class GuidedCheck:
    """Leads through the screens."""

    def __init__(
        self,
        *,
        steps: Steps,
        red_flags: RedFlags,
        rulebook: Rulebook,
        answerer: Answerer,
        reader: Reader,
        wording: Wording,
    ) -> None:
        self._steps = steps
        self._red_flags = red_flags
        self._rulebook = rulebook
        self._answerer = answerer
        self._reader = reader
        self._wording = wording

    def begin(self, language: str, *, previous: object = None) -> Screen:
        """The first screen; buttons of a previous check of this person stop working."""
        state = {
            "number": _number(previous),
            "first": _REGION,
            "step": _SIGNS,
            "region": "",
            "technique": "",
            "chosen": [],
        }
        return Screen(reply=self._screen(state, language), state=state)

    def begin_for(self, routine: Routine, language: str, *, previous: object = None) -> Screen:
        """The check before a routine is planned: its own region and kind; of today only the emergency signs."""
        today = [number for number, each in enumerate(self._steps.checklists) if each.name == TODAY]
        first = _FIRST_LIST + (today[0] + 1 if today else 0)
        state = {
            "number": _number(previous),
            "first": first,
            "step": _SIGNS,
            "region": routine.region,
            "technique": routine.technique,
            "chosen": list(routine.checks),
            "routine": routine.name,
        }
        return Screen(reply=self._screen(state, language), state=state)

    def press(self, argument: str, state: object, language: str) -> Screen | None:
        """The screen after a press; None when the button belongs to no running check of this person."""
        number, _, choice = argument.partition(".")
        if not isinstance(state, Mapping) or number != str(state.get("number")) or "step" not in state:
            return None
        over = {"number": state["number"]}
        if choice == _CANCEL:
            lead = self._wording.say(language, "cancelled")
            return Screen(reply=self._answerer.note("cancelled", language, lead=lead), state=over)
        kind = self._alarm(choice) if state["step"] == _SIGNS else None
        if kind is not None:
            return Screen(reply=self._answerer.alarm(kind, language), state=over)
        after = self._after(choice, dict(state))
        if after is None:
            return None
        if after["step"] < self._length():
            return Screen(reply=self._screen(after, language), state=after)
        request = self._result(after)
        return Screen(reply=self._answerer.advise(request, language), state=over, verdict=request.verdict)

    def _length(self) -> int:
        return _FIRST_LIST + len(self._steps.checklists)

    def _kinds(self) -> tuple[AlarmKind, ...]:
        """The kinds of alarm there are; each has a button of its own, because each has a text of its own."""
        return tuple(kind for kind in RED_FLAG_KINDS if any(flag.kind == kind for flag in self._red_flags.flags))

    def _alarm(self, choice: str) -> AlarmKind | None:
        return next((kind for kind in self._kinds() if choice == f"{_YES}-{kind}"), None)

    def _after(self, choice: str, state: dict[str, Any]) -> dict[str, Any] | None:
        step = int(state["step"])
        if choice == _BACK:
            return {**state, "step": step - 1 if step > int(state["first"]) else _SIGNS}
        if step == _SIGNS:
            return {**state, "step": state["first"]} if choice == _NONE else None
        if step == _REGION:
            return {**state, "region": choice, "step": _TECHNIQUE} if choice in self._steps.regions else None
        if step == _TECHNIQUE:
            return {**state, "technique": choice, "step": _FIRST_LIST} if choice in self._steps.techniques else None
        listed = self._steps.checklists[step - _FIRST_LIST].conditions
        chosen = [name for name in state["chosen"] if isinstance(name, str)]
        if choice == _NONE:
            return {**state, "chosen": [name for name in chosen if name not in listed], "step": step + 1}
        if choice == _DONE:
            return {**state, "step": step + 1}
        if not choice.isdigit() or int(choice) >= len(listed):
            return None
        name = listed[int(choice)]
        chosen = [other for other in chosen if other != name] if name in chosen else [*chosen, name]
        return {**state, "chosen": chosen}

    def _screen(self, state: State, language: str) -> Reply:
        step = int(state["step"])
        if step == _SIGNS:
            lead = "\n".join([self._wording.say(language, "check_signs"), *self._signs(language)])
            rows = self._alarms(state, language)
        elif step == _REGION:
            lead = self._wording.say(language, "check_region")
            rows = self._options(self._steps.regions, state, language)
        elif step == _TECHNIQUE:
            lead = self._wording.say(language, "check_technique")
            rows = self._options(self._steps.techniques, state, language)
        else:
            checklist = self._steps.checklists[step - _FIRST_LIST]
            lead = self._wording.say(
                language,
                "check_list",
                family=checklist.names.get(language) or checklist.names["en"],
                number=step - _TECHNIQUE,
                of=len(self._steps.checklists),
            )
            rows = self._boxes(checklist, state, language)
        rows.append(self._navigation(state, language))
        return self._answerer.note("check", language, lead=lead, choices=tuple(rows))

    def _signs(self, language: str) -> list[str]:
        return [f"• {flag.in_check.get(language) or flag.in_check['en']}" for flag in self._red_flags.flags]

    def _alarms(self, state: State, language: str) -> list[tuple[Choice, ...]]:
        kinds = [
            self._choice(self._wording.say(language, f"check_{kind}"), f"{_YES}-{kind}", state)
            for kind in self._kinds()
        ]
        none = self._choice(self._wording.say(language, "check_none"), _NONE, state)
        return [(each,) for each in (*kinds, none)]

    def _options(
        self, options: Mapping[str, Mapping[str, str]], state: State, language: str
    ) -> list[tuple[Choice, ...]]:
        choices = [self._choice(names.get(language) or names["en"], name, state) for name, names in options.items()]
        return _rows(choices)

    def _boxes(self, checklist: Checklist, state: State, language: str) -> list[tuple[Choice, ...]]:
        chosen = set(state["chosen"])
        boxes = [
            self._choice(
                f"{'☑' if name in chosen else '☐'} {self._rulebook.conditions[name].called(language)}",
                str(number),
                state,
            )
            for number, name in enumerate(checklist.conditions)
        ]
        rows: list[tuple[Choice, ...]] = [(box,) for box in boxes]
        any_here = bool(chosen & set(checklist.conditions))
        label, act = ("check_done", _DONE) if any_here else ("check_none", _NONE)
        rows.append((self._choice(self._wording.say(language, label), act, state),))
        return rows

    def _navigation(self, state: State, language: str) -> tuple[Choice, ...]:
        cancel = self._choice(self._wording.say(language, "check_cancel"), _CANCEL, state)
        if state["step"] == _SIGNS:
            return (cancel,)
        return (self._choice(self._wording.say(language, "check_back"), _BACK, state), cancel)

    @staticmethod
    def _choice(label: str, choice: str, state: State) -> Choice:
        return Choice(label=label, press=str(Press(act="check", argument=f"{state['number']}.{choice}")))

    def _result(self, state: State) -> AskAdvice:
        """What would have been asked, had the same been typed."""
        techniques = frozenset({str(state["technique"])} & self._rulebook.conditions.keys())
        names = frozenset(state["chosen"])
        regions = frozenset({str(state["region"])})
        asked = [name for name in [*state["chosen"], *sorted(techniques)] if name in self._rulebook.conditions]
        case = Circumstances(
            techniques=techniques,
            regions=regions,
            scopes=frozenset({"massage", "self_massage"} if state["technique"].startswith("self") else {"massage"}),
        )
        active = [
            Active(condition=self._rulebook.conditions[name], case=replace(case, also=names - {name})) for name in asked
        ]
        verdict = decide(active, conflicts=self._rulebook.conflicts)
        return AskAdvice(reading=self._reader.read(""), verdict=verdict)


def _number(previous: object) -> int:
    return int(previous.get("number", 0)) + 1 if isinstance(previous, Mapping) else 1


def _rows(choices: Sequence[Choice]) -> list[tuple[Choice, ...]]:
    return [tuple(choices[start : start + _PER_ROW]) for start in range(0, len(choices), _PER_ROW)]
