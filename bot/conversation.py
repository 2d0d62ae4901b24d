"""What is said to what a person did?

The same for every front door. Nothing here speaks, stores or reads a clock: an `Incoming` and what was remembered go
in, a `Turn` comes out. What is remembered holds terms of the corpus, ids and settings, and of the person's own words
only those of a reminder that is being set, until it is saved or dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, assert_never

from bot.answer import Answerer
from bot.browse_talk import BrowseTalk, link_to
from bot.changes import SavePerson
from bot.follow_up import FollowUp, follow_up
from bot.guided_check import GuidedCheck
from bot.incoming import Change, Door, Incoming, Located, Pressed, Say, Sent, Ticked, Turn, Typed
from bot.inline_talk import InlineTalk, Offers
from bot.known import NOTHING_KNOWN, Known, Memory, Point, Said
from bot.people import Person
from bot.person_talk import PersonTalk
from bot.presses import Press
from bot.question_talk import QuestionTalk
from bot.reminder_talk import ReminderTalk
from bot.reminders import Due
from bot.reply import Choice, Reply
from bot.report_talk import REPORT, VOTE, ReportTalk
from bot.routine_talk import RoutineTalk
from corpus.words import language_of
from intents.understood import AskBack, NotAReminder, Question
from intents.when import looks_like_reminder, understand
from intents.wording import SPOKEN, Wording

_COMMAND: Final = re.compile(r"/([a-zA-Z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_LETTER: Final = re.compile(r"[^\W\d_]")
_PRIVATE: Final = frozenset(
    "check session remind reminders settings language timezone export delete privacy routines report".split(),
)
"""Commands whose answers are a person's own business: answered in private only."""
_KNOWING: Final = _PRIVATE - {"check", "report"} | {"start"}
"""Commands that are answered from what is stored of the person."""
_KNOWING_PRESSES: Final = frozenset({"rem", "me", "rou", "ses", "check", "menu"})
_LINKED: Final = frozenset({"check", "session", "remind", "reminders", "routines", "settings", "privacy", "report"})
"""Commands that a link from a group may open in private: `start=check`."""
_KIND_LINE_EVERY: Final = 60
"""Seconds between two lines about messages without words."""
_KEPT_ON_CANCEL: Final = frozenset({"language", "zone", "odd"})


class Conversation:
    """One conversation for all: who it talks to and what was said before come as arguments."""

    def __init__(
        self,
        *,
        answerer: Answerer,
        wording: Wording,
        questions: QuestionTalk,
        guided: GuidedCheck,
        reminders: ReminderTalk,
        routines: RoutineTalk,
        browse: BrowseTalk,
        person: PersonTalk,
        inline: InlineTalk,
        reports: ReportTalk,
        default_language: str = "en",
    ) -> None:
        self._answerer = answerer
        self._wording = wording
        self._questions = questions
        self._guided = guided
        self._reminders = reminders
        self._routines = routines
        self._browse = browse
        self._person = person
        self._reports = reports
        self._inline = inline
        self._default_language = default_language
        self._commands: Mapping[str, Callable[[str, Point], Said]] = {
            "start": self._start,
            "help": self._help,
            "about": self._about,
            "ask": self._ask,
            "browse": lambda _rest, at: browse.documents(at),
            "check": self._check,
            "cancel": self._cancel,
            "remind": self._remind,
            "reminders": lambda _rest, at: reminders.listing(at),
            "routines": lambda _rest, at: routines.listing(at),
            "session": routines.session,
            "settings": lambda _rest, at: person.settings(at),
            "language": person.language,
            "timezone": lambda rest, at: self._with_draft(person.timezone(rest, at), at),
            "privacy": lambda _rest, at: person.privacy(at),
            "export": lambda _rest, at: person.export(at),
            "delete": lambda _rest, at: person.delete(at),
            "report": reports.report,
        }
        self._presses: Mapping[str, Callable[[str, Point], Said | None]] = {
            "more": lambda _rest, at: questions.more(at),
            "show": browse.passage,
            "next": browse.turned_to,
            "back": browse.turned_to,
            "around": browse.around,
            "menu": self._menu,
            "ask": self._example,
            "doc": browse.sections,
            "sec": browse.section,
            "check": self._checked,
            "rem": reminders.press,
            "rou": routines.press,
            "ses": routines.session_press,
            "me": person.press,
            REPORT: reports.press,
        }

    @property
    def commands(self) -> frozenset[str]:
        """Every command that is understood."""
        return frozenset(self._commands)

    def wants_known(self, incoming: Incoming) -> bool:
        """Whether the answer needs the person's reminders; looked up only then, and never for a group."""
        if incoming.door is Door.GROUP:
            return False
        match incoming.act:
            case Typed(text=text):
                command = _COMMAND.fullmatch(text.strip())
                return command[1].lower() in _KNOWING if command is not None else looks_like_reminder(text)
            case Pressed(press=pressed):
                press = Press.parse(pressed)
                return press is not None and press.act in _KNOWING_PRESSES
            case Located() | Ticked():
                return True
            case Sent():
                return False
        assert_never(incoming.act)

    @staticmethod
    def wants_export(incoming: Incoming) -> bool:
        """Whether everything stored of the person is to be shown."""
        match incoming.act:
            case Typed(text=text):
                command = _COMMAND.fullmatch(text.strip())
                return command is not None and command[1].lower() == "export"
            case Pressed(press=press):
                return Press.parse(press) == Press(act="me", argument="export.")
            case _:
                return False

    def answer(self, incoming: Incoming, memory: Memory, known: Known = NOTHING_KNOWN) -> Turn:
        """What to say, what to remember, and what to change in what is stored."""
        at = Point(incoming=incoming, language=self._language(incoming, memory, known), memory=memory, known=known)
        match incoming.act:
            case Typed(text=text):
                return self._turn(at, self._typed(text, at))
            case Pressed(press=pressed, shown=shown):
                press = Press.parse(pressed)
                if press is not None and press.act == "ses" and self._routines.changes_nothing(press.argument, at):
                    return Turn(said=(), memory=None)
                voted = self._reports.voted(press, shown, at) if press is not None and press.act == VOTE else None
                if voted is not None:
                    return self._clocked(voted, at)
                return self._turn(at, self._pressed(press, at))
            case Located(latitude=latitude, longitude=longitude):
                if incoming.door is Door.GROUP:
                    return self._turn(at, self._in_private("settings", at))
                return self._turn(at, self._with_draft(self._person.located(latitude, longitude, at), at))
            case Sent():
                return self._words_only(at)
            case Ticked():
                return self._ticked(at)
        assert_never(incoming.act)

    def ticking(self, memory: Memory) -> int | str | None:
        """The message of the session whose clock is looked at: its number, or the key it was sent under."""
        return self._routines.message_of(memory)

    def toast(self, incoming: Incoming) -> str:
        """What a press shows for a moment; empty for none."""
        press = Press.parse(incoming.act.press) if isinstance(incoming.act, Pressed) else None
        return self._reports.toast(press) if press is not None else ""

    def inline(self, query: str, *, language_code: str | None, bot: str) -> Offers:
        """What is offered to somebody who types after our name in any chat."""
        return self._inline.offers(query, language_code=language_code, bot=bot)

    def reminder(self, due: Due) -> Reply:
        """What a reminder that is due says."""
        return self._reminders.due(due)

    def failure(self, language: str, number: str) -> Reply:
        """What a person gets when something went wrong on our side."""
        lead = self._answerer.say(self._spoken(language), "error", number=number)
        return self._answerer.note("error", self._spoken(language), lead=lead)

    def _spoken(self, language: str | None) -> str:
        short = (language or "")[:2]
        return short if short in SPOKEN else self._default_language

    def _language(self, incoming: Incoming, memory: Memory, known: Known) -> str:
        """As chosen; else as written; else as last spoken; else as the app says."""
        chosen = memory.get("language") or (known.person.language if known.person else None)
        if chosen in SPOKEN:
            return str(chosen)
        written = incoming.act.text if isinstance(incoming.act, Typed) else ""
        if _LETTER.search(written) and not written.startswith("/"):
            return language_of(written)
        last = memory.get("last_language")
        return str(last) if last in SPOKEN else self._spoken(incoming.language_code)

    def _turn(self, at: Point, said: Said) -> Turn:
        memory = {**said.memory, "last_language": said.reply.language}
        pressed = isinstance(at.incoming.act, Pressed)
        if said.in_place and pressed:
            saying: Say | Change = Change(reply=said.reply, message=at.incoming.message)
        else:
            group = at.incoming.door is Door.GROUP
            saying = Say(reply=said.reply, to=at.incoming.message if group and not pressed else None, key=said.key)
        also = tuple(Say(reply=each) for each in said.also)
        turn = Turn(said=(saying, *also), memory=memory, effects=said.effects)
        press = Press.parse(at.incoming.act.press) if isinstance(at.incoming.act, Pressed) else None
        of_session = said.key is not None or (press is not None and press.act == "ses")
        return self._clocked(turn, at, shown_now=of_session)

    def _clocked(self, turn: Turn, at: Point, *, shown_now: bool = False) -> Turn:
        """With the moment at which a running session's message changes next; in a group none runs."""
        if turn.memory is None or at.incoming.door is not Door.PRIVATE:
            return turn
        return replace(
            turn,
            wake=self._routines.next_tick(at, turn.memory, shown_now=shown_now),
            busy_until=self._routines.busy_until(at, turn.memory),
        )

    # What was typed

    def _typed(self, text: str, at: Point) -> Said:
        command = _COMMAND.fullmatch(text.strip())
        if command is None:
            return self._in_words(text, at)
        name, rest = command[1].lower(), (command[2] or "").strip()
        if name in _PRIVATE and at.incoming.door is Door.GROUP:
            return self._in_private(name, at)
        return self._commands.get(name, self._help)(rest, at)

    def _in_private(self, command: str, at: Point) -> Said:
        lead = self._answerer.say(at.language, "private_only")
        link = link_to(command if command in _LINKED else "start", at)
        rows = ((Choice(label=self._answerer.say(at.language, "button_in_private"), link=link),),) if link else ()
        reply = self._answerer.note("privacy", at.language, lead=lead, choices=rows)
        return Said(reply=reply, memory=at.memory)

    def _in_words(self, text: str, at: Point) -> Said:
        """An answer to what we asked, a word about the answer before, or a question."""
        private = at.incoming.door is not Door.GROUP
        if private and (said := self._reminders.finished(text, at)) is not None:
            return said
        if private and at.memory.get("asked") == "zone" and (zoned := self._person.named_zone(text, at)) is not None:
            return self._with_draft(zoned, at)
        wanted = follow_up(text, self._wording)
        said = self._followed(wanted, at) if wanted is not None else None
        if said is not None:
            return said
        return self._question(text, replace(at, memory=_without(at.memory, {"unfinished", "asked"})))

    def _followed(self, wanted: FollowUp, at: Point) -> Said | None:
        match wanted:
            case FollowUp.MORE:
                return self._questions.more(at) if at.memory.get("hits") else None
            case FollowUp.WHY:
                return self._questions.again(at)
            case FollowUp.IN_ENGLISH | FollowUp.IN_RUSSIAN:
                language = "en" if wanted is FollowUp.IN_ENGLISH else "ru"
                there = replace(at, language=language, memory={**at.memory, "language": language})
                return self._questions.again(there) or self._person.language(language, at)
        assert_never(wanted)

    def _question(self, text: str, at: Point) -> Said:
        said = self._questions.answer(text, at)
        if isinstance(said, Said):
            return said
        if at.incoming.door is Door.GROUP:
            return self._in_private("remind", at)
        return self._reminders.understood(said.understood, text, at)

    # Commands

    def _start(self, rest: str, at: Point) -> Said:
        """What the bot is for, what would be stored, and what there is to tap."""
        if rest and (linked := self._linked(rest, at)) is not None:
            return linked
        lines = [self._answerer.say(at.language, "start")]
        rows = self._browse.menu(at.language)
        if at.incoming.door is Door.PRIVATE and not at.known.agreed:
            lines.append(self._answerer.say(at.language, "start_consent"))
            agree = Choice(
                label=self._answerer.say(at.language, "button_agree_start"),
                press=str(Press(act="rem", argument="agree.")),
            )
            rows = (*rows, (agree,))
        reply = self._answerer.note("start", at.language, lead="\n".join(lines), choices=rows)
        return Said(reply=reply, memory=at.memory)

    def _linked(self, rest: str, at: Point) -> Said | None:
        """A deep link: `p_<passage id>` opens a passage, the name of a command its first screen."""
        if rest.startswith("p_"):
            return self._browse.passage(rest.removeprefix("p_"), at)
        return self._commands[rest]("", at) if rest in _LINKED and at.incoming.door is not Door.GROUP else None

    def _help(self, _rest: str, at: Point) -> Said:
        return Said(reply=self._answerer.note("help", at.language), memory=at.memory)

    def _about(self, _rest: str, at: Point) -> Said:
        return Said(reply=self._answerer.note("about", at.language), memory=at.memory)

    def _ask(self, rest: str, at: Point) -> Said:
        return self._question(rest, self._as_written(rest, at)) if rest else self._browse.examples(at)

    @staticmethod
    def _as_written(text: str, at: Point) -> Point:
        chosen = at.memory.get("language") or (at.known.person.language if at.known.person else None)
        return at if chosen or not _LETTER.search(text) else replace(at, language=language_of(text))

    def _check(self, rest: str, at: Point) -> Said:
        if rest:
            return self._question(rest, self._as_written(rest, at))
        screen = self._guided.begin(at.language, previous=at.memory.get("check"))
        return Said(reply=screen.reply, memory={**at.memory, "check": screen.state})

    def _remind(self, rest: str, at: Point) -> Said:
        there = self._as_written(rest, at)
        if not rest:
            return self._reminders.listing(there)
        meant = understand(rest, now=at.incoming.at, zone=self._reminders.zone(at.known, at.memory))
        if isinstance(meant, NotAReminder):
            meant = AskBack(question=Question.WHEN, what=rest)
        sentence = rest if looks_like_reminder(rest) else f"{self._answerer.say(there.language, 'remind_me')} {rest}"
        return self._reminders.understood(meant, sentence, there)

    def _with_draft(self, said: Said, at: Point) -> Said:
        """A new zone counts at once for the reminder that is just being set."""
        there = replace(at, memory=said.memory, known=replace(at.known, person=_changed(said, at.known)))
        again = self._reminders.again(there) if said.memory.get("zone") != at.memory.get("zone") else None
        if again is None:
            return said
        lead = f"{said.reply.lead}\n{again.reply.lead}"
        return replace(said, reply=replace(again.reply, lead=lead), memory=again.memory)

    def _cancel(self, _rest: str, at: Point) -> Said:
        lead = self._answerer.say(at.language, "cancelled")
        kept = {name: value for name, value in at.memory.items() if name in _KEPT_ON_CANCEL}
        for name in ("check", "session"):
            state = at.memory.get(name)
            if isinstance(state, Mapping):
                kept[name] = {"number": state.get("number", 0)}
        return Said(reply=self._answerer.note("cancelled", at.language, lead=lead), memory=kept)

    def _words_only(self, at: Point) -> Turn:
        """One kind line, at most once a minute."""
        now, last = int(at.incoming.at.timestamp()), at.memory.get("odd")
        if isinstance(last, int) and 0 <= now - last < _KIND_LINE_EVERY:
            return Turn(said=(), memory=None)
        reply = self._answerer.note("words-only", at.language, lead=self._answerer.say(at.language, "words_only"))
        return self._turn(at, Said(reply=reply, memory={**at.memory, "odd": now}))

    def _ticked(self, at: Point) -> Turn:
        """The session's message as it is to be now; what is remembered does not change by itself."""
        said = self._routines.ticked(at)
        if said is None:
            return Turn(said=(), memory=None)
        wake = self._routines.next_tick(at, at.memory, shown_now=True)
        return Turn(said=(Change(reply=said.reply, message=at.incoming.message),), memory=None, wake=wake)

    # Buttons

    def _pressed(self, press: Press | None, at: Point) -> Said:
        run = self._presses.get(press.act) if press is not None else None
        said = run(press.argument, at) if press is not None and run is not None else None
        return said if said is not None else self._stale(at)

    def _stale(self, at: Point) -> Said:
        lead = self._answerer.say(at.language, "stale")
        reply = self._answerer.note("help", at.language, lead=lead, choices=self._browse.menu(at.language))
        return Said(reply=reply, memory=at.memory)

    def _menu(self, name: str, at: Point) -> Said | None:
        if at.incoming.door is Door.GROUP and name in _PRIVATE:
            return self._in_private(name, at)
        match name:
            case "ask":
                return self._browse.examples(at)
            case "check":
                return self._check("", at)
            case "routines":
                return self._routines.listing(at)
            case "browse":
                return self._browse.documents(at)
            case _:
                return None

    def _example(self, number: str, at: Point) -> Said | None:
        question = self._browse.example(number, at.language)
        return self._question(question, at) if question is not None else None

    def _checked(self, argument: str, at: Point) -> Said | None:
        state = at.memory.get("check")
        screen = self._guided.press(argument, state, at.language)
        if screen is None:
            return None
        routine = state.get("routine") if isinstance(state, Mapping) else None
        if screen.verdict is not None and isinstance(routine, str):
            return self._routines.checked(routine, screen, at)
        return Said(reply=screen.reply, memory={**at.memory, "check": screen.state}, in_place=True)


def _without(memory: Memory, names: set[str]) -> Memory:
    return {name: value for name, value in memory.items() if name not in names}


def _changed(said: Said, known: Known) -> Person | None:
    """The person as they are once what was said is stored."""
    saved = [effect.person for effect in said.effects if isinstance(effect, SavePerson)]
    return saved[-1] if saved else known.person
