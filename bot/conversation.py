"""What is said to what a person did?

The same for every front door. Nothing here speaks, stores or reads a clock: an `Incoming` and what was remembered go
in, a `Turn` comes out. What is remembered holds no words of the person's: terms of the corpus, ids and settings only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, assert_never

from bot.answer import Answer, Answerer
from bot.guided_check import GuidedCheck
from bot.incoming import Change, Door, Incoming, Located, Pressed, Say, Sent, Turn, Typed
from bot.presses import Press
from bot.reply import Choice, Reply
from corpus.library import Library
from corpus.words import language_of
from intents.reading import NO_TOPIC, Topic
from intents.request import AskAdvice, AskPassage
from intents.wording import SPOKEN

_COMMAND: Final = re.compile(r"/([a-zA-Z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
MOST_SHOWN: Final = 10
Memory = Mapping[str, Any]


class Conversation:
    """One conversation for all: who it talks to and what was said before come as arguments."""

    def __init__(
        self, answerer: Answerer, library: Library, guided: GuidedCheck, *, default_language: str = "en"
    ) -> None:
        self._answerer = answerer
        self._library = library
        self._guided = guided
        self._default_language = default_language
        self._commands: dict[str, Callable[[str, str, Memory], tuple[Reply, Memory]]] = {
            "start": self._start,
            "help": self._help,
            "about": self._about,
            "ask": self._ask,
            "check": self._check,
            "cancel": self._cancel,
        }

    def answer(self, incoming: Incoming, memory: Memory) -> Turn:
        """What to say, and what to remember."""
        language = self._language(incoming, memory)
        match incoming.act:
            case Typed(text=text):
                reply, kept = self._typed(text, language, memory)
                return self._turn(incoming, reply, kept)
            case Pressed(press=press):
                return self._pressed(incoming, press, language, memory)
            case Located():
                return self._turn(incoming, self._words_only(language), memory)
            case Sent():
                return self._turn(incoming, self._words_only(language), memory)
        assert_never(incoming.act)

    def failure(self, language: str, number: str) -> Reply:
        """What a person gets when something went wrong on our side."""
        lead = self._answerer.say(self._spoken(language), "error", number=number)
        return self._answerer.note("error", self._spoken(language), lead=lead)

    def _spoken(self, language: str | None) -> str:
        short = (language or "")[:2]
        return short if short in SPOKEN else self._default_language

    def _language(self, incoming: Incoming, memory: Memory) -> str:
        """As chosen; else as written; else as the app says."""
        chosen = memory.get("language")
        if chosen in SPOKEN:
            return str(chosen)
        if isinstance(incoming.act, Typed) and not incoming.act.text.startswith("/"):
            return language_of(incoming.act.text)
        last = memory.get("last_language")
        return str(last) if last in SPOKEN else self._spoken(incoming.language_code)

    @staticmethod
    def _turn(incoming: Incoming, reply: Reply, memory: Memory) -> Turn:
        to = incoming.message if incoming.door is Door.GROUP else None
        return Turn(said=(Say(reply=reply, to=to),), memory={**memory, "last_language": reply.language})

    # What was typed

    def _typed(self, text: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        command = _COMMAND.fullmatch(text.strip())
        if command is None:
            return self._question(text, language, memory)
        name, rest = command[1].lower(), (command[2] or "").strip()
        run = self._commands.get(name, self._unknown_command)
        return run(rest, language, memory)

    def _question(self, text: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        answer = self._answerer.answer(text, before=_topic(memory), language=language)
        kept = {**memory, **self._remembered(answer)}
        return replace(answer.reply, choices=self._choices(answer, language)), kept

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

    def _start(self, _rest: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        return self._answerer.note("start", language, lead=self._answerer.say(language, "start")), memory

    def _help(self, _rest: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        return self._answerer.note("help", language), memory

    def _about(self, _rest: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        return self._answerer.note("about", language), memory

    def _ask(self, rest: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        if rest:
            return self._question(rest, language if memory.get("language") else language_of(rest), memory)
        return self._answerer.note("help", language, lead=self._answerer.say(language, "ask_usage")), memory

    def _check(self, rest: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        if rest:
            return self._question(rest, language if memory.get("language") else language_of(rest), memory)
        reply, state = self._guided.begin(language, previous=memory.get("check"))
        return reply, {**memory, "check": state}

    def _cancel(self, _rest: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        lead = self._answerer.say(language, "cancelled")
        kept = {name: value for name, value in memory.items() if name in {"language", "last_language"}}
        return self._answerer.note("cancelled", language, lead=lead), kept

    def _unknown_command(self, _rest: str, language: str, memory: Memory) -> tuple[Reply, Memory]:
        return self._help("", language, memory)

    def _words_only(self, language: str) -> Reply:
        return self._answerer.note("words-only", language, lead=self._answerer.say(language, "words_only"))

    # Buttons

    def _pressed(self, incoming: Incoming, text: str, language: str, memory: Memory) -> Turn:
        press = Press.parse(text)
        match press.act if press else "":
            case "more":
                return self._more(incoming, language, memory)
            case "show" | "next" | "back":
                return self._show(incoming, press, language, memory)
            case "around":
                return self._around(incoming, press, language, memory)
            case "check":
                return self._checked(incoming, press, language, memory)
            case _:
                return self._turn(incoming, self._stale(language), memory)

    def _stale(self, language: str) -> Reply:
        return self._answerer.note("help", language, lead=self._answerer.say(language, "stale"))

    def _more(self, incoming: Incoming, language: str, memory: Memory) -> Turn:
        hits = [str(hit) for hit in memory.get("hits", ())]
        shown = int(memory.get("shown", 0))
        passage = self._library.get(hits[shown]) if 0 < shown < len(hits) else None
        if passage is None:
            return self._turn(incoming, self._nothing_more(language), memory)
        kept = {**memory, "shown": shown + 1}
        more = len(hits) > shown + 1
        row = [self._choice(language, "more", Press(act="more", argument=str(shown + 1)))] if more else []
        row.append(self._choice(language, "around", Press(act="around", argument=passage.id)))
        return self._turn(incoming, self._answerer.passage(passage, language, choices=(tuple(row),)), kept)

    def _nothing_more(self, language: str) -> Reply:
        return self._answerer.note("not-covered", language, lead=self._answerer.say(language, "no_more"))

    def _show(self, incoming: Incoming, press: Press | None, language: str, memory: Memory) -> Turn:
        passage = self._library.get(press.argument) if press else None
        if passage is None:
            return self._turn(incoming, self._stale(language), memory)
        before, after = self._library.around(passage)
        row = []
        if before is not None:
            row.append(self._choice(language, "previous", Press(act="back", argument=before.id)))
        if after is not None:
            row.append(self._choice(language, "next", Press(act="next", argument=after.id)))
        reply = self._answerer.passage(passage, language, choices=(tuple(row),) if row else ())
        if press is not None and press.act != "show":
            return Turn(said=(Change(reply=reply, message=incoming.message),), memory=None)
        return self._turn(incoming, reply, memory)

    def _around(self, incoming: Incoming, press: Press | None, language: str, memory: Memory) -> Turn:
        passage = self._library.get(press.argument) if press else None
        if passage is None:
            return self._turn(incoming, self._stale(language), memory)
        before, after = self._library.around(passage)
        passages = [near for near in (before, passage, after) if near is not None]
        row = []
        if before is not None:
            row.append(self._choice(language, "previous", Press(act="back", argument=before.id)))
        if after is not None:
            row.append(self._choice(language, "next", Press(act="next", argument=after.id)))
        reply = self._answerer.passages(passages, language, choices=(tuple(row),) if row else ())
        return self._turn(incoming, reply, memory)

    def _checked(self, incoming: Incoming, press: Press | None, language: str, memory: Memory) -> Turn:
        step = self._guided.press(press.argument if press else "", memory.get("check"), language)
        if step is None:
            return self._turn(incoming, self._stale(language), memory)
        reply, state = step
        return Turn(said=(Change(reply=reply, message=incoming.message),), memory={**memory, "check": state})


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
