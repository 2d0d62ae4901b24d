"""What is said to what a person did?

The same for every front door. Nothing here speaks, stores or reads a clock: an `Incoming` and what was remembered go
in, a `Turn` comes out. What is remembered holds no words of the person's: terms of the corpus, ids and settings only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, assert_never

from bot.answer import Answer, Answerer
from bot.guided_check import GuidedCheck
from bot.incoming import Change, Door, Incoming, Located, Pressed, Say, Sent, Turn, Typed
from bot.known import NOTHING_KNOWN, Known, Memory, Point
from bot.person_talk import PersonTalk
from bot.presses import Press
from bot.reminder_talk import ReminderTalk, Said
from bot.reminders import Due
from bot.reply import Choice, Reply
from corpus.library import Library
from corpus.passage import Passage
from corpus.words import language_of
from intents.reading import NO_TOPIC, Topic
from intents.recognise import When
from intents.request import AskAdvice, AskPassage, Remind
from intents.understood import AskBack, NotAReminder, Question
from intents.when import looks_like_reminder, understand
from intents.wording import SPOKEN

_COMMAND: Final = re.compile(r"/([a-zA-Z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
MOST_SHOWN: Final = 10
_PERSONAL: Final = frozenset(
    "remind reminders settings language timezone export delete privacy routines".split(),
)
"""Commands whose answers are a person's own business: answered in private only, and from what is stored."""
_PERSONAL_PRESSES: Final = frozenset({"rem", "me"})


class Conversation:
    """One conversation for all: who it talks to and what was said before come as arguments."""

    def __init__(
        self,
        *,
        answerer: Answerer,
        library: Library,
        guided: GuidedCheck,
        reminders: ReminderTalk,
        person: PersonTalk,
        default_language: str = "en",
    ) -> None:
        self._answerer = answerer
        self._library = library
        self._guided = guided
        self._reminders = reminders
        self._person = person
        self._default_language = default_language
        self._commands: dict[str, Callable[[str, Point], Said]] = {
            "start": self._start,
            "help": self._help,
            "about": self._about,
            "ask": self._ask,
            "check": self._check,
            "cancel": self._cancel,
            "remind": self._remind,
            "reminders": lambda _rest, at: self._reminders.listing(at),
            "routines": lambda _rest, at: self._reminders.listing(at),
            "settings": lambda _rest, at: self._person.settings(at),
            "language": self._person.language,
            "timezone": self._person.timezone,
            "privacy": lambda _rest, at: self._person.privacy(at),
            "export": lambda _rest, at: self._person.export(at),
            "delete": lambda _rest, at: self._person.delete(at),
        }

    def wants_known(self, incoming: Incoming) -> bool:
        """Whether the answer needs what is stored of the person; looked up only then."""
        match incoming.act:
            case Typed(text=text):
                command = _COMMAND.fullmatch(text.strip())
                if command is not None:
                    return command[1].lower() in _PERSONAL
                return looks_like_reminder(text)
            case Pressed(press=text):
                press = Press.parse(text)
                return press is not None and press.act in _PERSONAL_PRESSES
            case Located():
                return True
            case Sent():
                return False
        assert_never(incoming.act)

    @staticmethod
    def wants_export(incoming: Incoming) -> bool:
        """Whether everything stored of the person is to be shown."""
        if not isinstance(incoming.act, Typed):
            return False
        command = _COMMAND.fullmatch(incoming.act.text.strip())
        return command is not None and command[1].lower() == "export"

    def answer(self, incoming: Incoming, memory: Memory, known: Known = NOTHING_KNOWN) -> Turn:
        """What to say, what to remember, and what to change in what is stored."""
        at = Point(incoming=incoming, language=self._language(incoming, memory, known), memory=memory, known=known)
        match incoming.act:
            case Typed(text=text):
                return self._turn(at, self._typed(text, at))
            case Pressed(press=press):
                return self._turn(at, self._pressed(press, at))
            case Located(latitude=latitude, longitude=longitude):
                return self._turn(at, self._person.located(latitude, longitude, at))
            case Sent():
                return self._turn(at, Said(reply=self._words_only(at.language), memory=at.memory))
        assert_never(incoming.act)

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
        if isinstance(incoming.act, Typed) and not incoming.act.text.startswith("/"):
            return language_of(incoming.act.text)
        last = memory.get("last_language")
        return str(last) if last in SPOKEN else self._spoken(incoming.language_code)

    @staticmethod
    def _turn(at: Point, said: Said) -> Turn:
        memory = {**said.memory, "last_language": said.reply.language}
        pressed = isinstance(at.incoming.act, Pressed)
        if said.in_place and pressed:
            saying: Say | Change = Change(reply=said.reply, message=at.incoming.message)
        else:
            group = at.incoming.door is Door.GROUP
            saying = Say(reply=said.reply, to=at.incoming.message if group and not pressed else None)
        return Turn(said=(saying,), memory=memory, effects=said.effects)

    # What was typed

    def _typed(self, text: str, at: Point) -> Said:
        command = _COMMAND.fullmatch(text.strip())
        if command is None:
            return self._question(text, at)
        name, rest = command[1].lower(), (command[2] or "").strip()
        if name in _PERSONAL and at.incoming.door is Door.GROUP:
            return self._in_private(at)
        run = self._commands.get(name, self._help)
        return run(rest, at)

    def _in_private(self, at: Point) -> Said:
        lead = self._answerer.say(at.language, "private_only")
        return Said(reply=self._answerer.note("privacy", at.language, lead=lead), memory=at.memory)

    def _question(self, text: str, at: Point) -> Said:
        when = When(now=at.incoming.at, zone=self._reminders.zone(at.known, at.memory))
        answer = self._answerer.answer(text, before=_topic(at.memory), language=at.language, when=when)
        if isinstance(answer.request, Remind):
            if at.incoming.door is Door.GROUP:
                return self._in_private(at)
            return self._reminders.understood(answer.request.understood, at)
        memory = {**at.memory, **self._remembered(answer)}
        return Said(reply=replace(answer.reply, choices=self._choices(answer, at.language)), memory=memory)

    def _remembered(self, answer: Answer) -> Memory:
        """The topic for a follow-up, and which passages there are to page through."""
        topic = NO_TOPIC
        if isinstance(answer.request, AskAdvice | AskPassage) and not answer.abstained:
            topic = self._answerer.topic_of(answer.request.reading)
        return {
            "topic": {
                "terms": sorted(topic.terms),
                "scopes": sorted(topic.scopes),
                "products": sorted(topic.products),
                "conditions": sorted(topic.conditions),
            },
            "hits": [ranked.citation.passage.id for ranked in answer.ranked[:MOST_SHOWN]],
            "shown": sum(1 for quoted in answer.reply.quotes if quoted.citation.passage.document.original_file),
        }

    def _choices(self, answer: Answer, language: str) -> tuple[tuple[Choice, ...], ...]:
        if answer.intent not in {"question", "contraindication"} or answer.abstained:
            return ()
        rows: list[tuple[Choice, ...]] = []
        shown = len(answer.reply.quotes)
        first = answer.reply.quotes[0].citation.passage
        row = []
        if len(answer.ranked) > shown:
            row.append(self._choice(language, "more", Press(act="more", argument=str(shown))))
        if first.document.original_file:
            row.append(self._choice(language, "around", Press(act="around", argument=first.id)))
        if row:
            rows.append(tuple(row))
        rows.extend(
            (Choice(label=citation.passage.title, press=str(Press(act="show", argument=citation.passage.id))),)
            for citation in answer.reply.see_also
        )
        return tuple(rows)

    def _choice(self, language: str, name: str, press: Press) -> Choice:
        return Choice(label=self._answerer.say(language, name), press=str(press))

    # Commands

    def _start(self, rest: str, at: Point) -> Said:
        if rest:
            return self._linked(rest, at)
        lead = self._answerer.say(at.language, "start")
        return Said(reply=self._answerer.note("start", at.language, lead=lead), memory=at.memory)

    def _linked(self, rest: str, at: Point) -> Said:
        """A deep link: `p_<passage id>` opens a passage."""
        passage = self._library.get(rest.removeprefix("p_")) if rest.startswith("p_") else None
        return self._passage_view(passage, at) if passage is not None else self._start("", at)

    def _help(self, _rest: str, at: Point) -> Said:
        return Said(reply=self._answerer.note("help", at.language), memory=at.memory)

    def _about(self, _rest: str, at: Point) -> Said:
        return Said(reply=self._answerer.note("about", at.language), memory=at.memory)

    def _ask(self, rest: str, at: Point) -> Said:
        if rest:
            return self._question(rest, self._as_written(rest, at))
        lead = self._answerer.say(at.language, "ask_usage")
        return Said(reply=self._answerer.note("help", at.language, lead=lead), memory=at.memory)

    @staticmethod
    def _as_written(text: str, at: Point) -> Point:
        return at if at.memory.get("language") else replace(at, language=language_of(text))

    def _check(self, rest: str, at: Point) -> Said:
        if rest:
            return self._question(rest, self._as_written(rest, at))
        reply, state = self._guided.begin(at.language, previous=at.memory.get("check"))
        return Said(reply=reply, memory={**at.memory, "check": state})

    def _remind(self, rest: str, at: Point) -> Said:
        if not rest:
            return self._reminders.listing(at)
        meant = understand(rest, now=at.incoming.at, zone=self._reminders.zone(at.known, at.memory))
        there = self._as_written(rest, at)
        if isinstance(meant, NotAReminder):
            meant = AskBack(question=Question.WHEN, what=rest)
        return self._reminders.understood(meant, there)

    def _cancel(self, _rest: str, at: Point) -> Said:
        lead = self._answerer.say(at.language, "cancelled")
        kept = {name: value for name, value in at.memory.items() if name in {"language", "zone"}}
        return Said(reply=self._answerer.note("cancelled", at.language, lead=lead), memory=kept)

    def _words_only(self, language: str) -> Reply:
        return self._answerer.note("words-only", language, lead=self._answerer.say(language, "words_only"))

    # Buttons

    def _pressed(self, text: str, at: Point) -> Said:
        press = Press.parse(text)
        said = self._on_press(press, at) if press is not None else None
        return said if said is not None else self._stale(at)

    def _on_press(self, press: Press, at: Point) -> Said | None:
        match press.act:
            case "more":
                return self._more(at)
            case "show":
                passage = self._library.get(press.argument)
                return self._passage_view(passage, at) if passage is not None else None
            case "next" | "back":
                passage = self._library.get(press.argument)
                return replace(self._passage_view(passage, at), in_place=True) if passage is not None else None
            case "around":
                return self._around(press.argument, at)
            case "check":
                return self._checked(press.argument, at)
            case "rem":
                return self._reminders.press(press.argument, at)
            case "me":
                return self._person.press(press.argument, at)
            case _:
                return None

    def _stale(self, at: Point) -> Said:
        lead = self._answerer.say(at.language, "stale")
        return Said(reply=self._answerer.note("help", at.language, lead=lead), memory=at.memory)

    def _more(self, at: Point) -> Said:
        hits = [str(hit) for hit in at.memory.get("hits", ())]
        shown = int(at.memory.get("shown", 0))
        passage = self._library.get(hits[shown]) if 0 < shown < len(hits) else None
        if passage is None:
            lead = self._answerer.say(at.language, "no_more")
            return Said(reply=self._answerer.note("not-covered", at.language, lead=lead), memory=at.memory)
        row = []
        if len(hits) > shown + 1:
            row.append(self._choice(at.language, "more", Press(act="more", argument=str(shown + 1))))
        row.append(self._choice(at.language, "around", Press(act="around", argument=passage.id)))
        reply = self._answerer.passage(passage, at.language, choices=(tuple(row),))
        return Said(reply=reply, memory={**at.memory, "shown": shown + 1})

    def _passage_view(self, passage: Passage, at: Point) -> Said:
        reply = self._answerer.passage(passage, at.language, choices=self._neighbours(passage, at.language))
        return Said(reply=reply, memory=at.memory)

    def _neighbours(self, passage: Passage, language: str) -> tuple[tuple[Choice, ...], ...]:
        before, after = self._library.around(passage)
        row = []
        if before is not None:
            row.append(self._choice(language, "previous", Press(act="back", argument=before.id)))
        if after is not None:
            row.append(self._choice(language, "next", Press(act="next", argument=after.id)))
        return (tuple(row),) if row else ()

    def _around(self, passage_id: str, at: Point) -> Said | None:
        passage = self._library.get(passage_id)
        if passage is None:
            return None
        before, after = self._library.around(passage)
        passages = [near for near in (before, passage, after) if near is not None]
        reply = self._answerer.passages(passages, at.language, choices=self._neighbours(passage, at.language))
        return Said(reply=reply, memory=at.memory)

    def _checked(self, argument: str, at: Point) -> Said | None:
        step = self._guided.press(argument, at.memory.get("check"), at.language)
        if step is None:
            return None
        reply, state = step
        return Said(reply=reply, memory={**at.memory, "check": state}, in_place=True)


def _topic(memory: Memory) -> Topic:
    """The remembered topic; whatever is not of our making is as if nothing were remembered."""
    kept = memory.get("topic")
    if not isinstance(kept, Mapping):
        return NO_TOPIC

    def strings(name: str) -> frozenset[str]:
        values = kept.get(name, ())
        return frozenset(map(str, values)) if isinstance(values, list | tuple) else frozenset()

    return Topic(
        terms=strings("terms"),
        scopes=strings("scopes"),
        products=strings("products"),
        conditions=strings("conditions"),
    )
