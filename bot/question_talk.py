"""What is said to a question: the answer, what can be tapped below it, and what is remembered to go on from?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.answer import Answer, Answerer
from bot.browse_talk import BrowseTalk
from bot.incoming import Door
from bot.known import Memory, Point, Said
from bot.presses import Press
from bot.reminder_data import zone_of
from bot.reply import Choice
from bot.report_talk import ReportTalk
from corpus.library import Library
from corpus.passage import Passage
from intents.reading import NO_TOPIC, Topic
from intents.recognise import When
from intents.request import AskAdvice, AskPassage, Remind
from intents.wording import Wording

MOST_SHOWN: Final = 10
_CLOSE: Final = 0.85
"""From which part of the best score on the other article's best passage is offered as a choice."""
_SHOWN_AGAIN: Final = 3


class QuestionTalk:
    """Answers questions, and goes on from an answer."""

    def __init__(
        self,
        *,
        answerer: Answerer,
        wording: Wording,
        library: Library,
        browse: BrowseTalk,
        reports: ReportTalk,
        default_zone: str,
    ) -> None:
        self._answerer = answerer
        self._reports = reports
        self._wording = wording
        self._library = library
        self._browse = browse
        self._default_zone = default_zone

    def answer(self, text: str, at: Point) -> Said | Remind:
        """The answer with its buttons; a wish to be reminded goes back as such."""
        when = When(now=at.incoming.at, zone=zone_of(at.known, at.memory, self._default_zone))
        answer = self._answerer.answer(text, before=_topic(at.memory), language=at.language, when=when)
        if isinstance(answer.request, Remind):
            return answer.request
        memory = {**at.memory, **self._remembered(answer, at)}
        either = self._either(answer)
        reply = replace(answer.reply, choices=(*self._regions(either, at), *self._choices(answer, at)))
        if either:
            lead = self._answerer.say(at.language, "which_region", title=either[0].document.title)
            reply = replace(reply, lead="\n".join(filter(None, (reply.lead, lead))))
        if answer.intent == "smalltalk":
            reply = replace(reply, choices=self._browse.menu(at.language))
        return Said(reply=reply, memory=memory)

    def _remembered(self, answer: Answer, at: Point) -> Memory:
        """The topic for a follow-up, and which passages there are to page through; in a group no illness."""
        topic = NO_TOPIC
        if isinstance(answer.request, AskAdvice | AskPassage) and not answer.abstained:
            topic = self._answerer.topic_of(answer.request.reading)
        return {
            "topic": {
                "terms": sorted(topic.terms),
                "scopes": sorted(topic.scopes),
                "products": sorted(topic.products),
                "conditions": [] if at.incoming.door is Door.GROUP else sorted(topic.conditions),
            },
            **self._reports.remembered(answer, at),
            "hits": [ranked.citation.passage.id for ranked in answer.ranked[:MOST_SHOWN]],
            "shown": sum(1 for quoted in answer.reply.quotes if quoted.citation.passage.document.original_file),
        }

    @staticmethod
    def _either(answer: Answer) -> tuple[Passage, ...]:
        """The best passages of two articles, where a question names no part of the body and they are close."""
        request = answer.request
        if answer.intent != "question" or answer.abstained or not isinstance(request, AskPassage):
            return ()
        if request.reading.case.regions or len(request.parts) > 1 or len(answer.ranked) < 2:
            return ()
        first = answer.ranked[0]
        home = first.citation.passage.document
        other = next((each for each in answer.ranked if each.citation.passage.document != home), None)
        if other is None or other.score < _CLOSE * first.score:
            return ()
        return first.citation.passage, other.citation.passage

    def _regions(self, either: Sequence[Passage], at: Point) -> tuple[tuple[Choice, ...], ...]:
        if not either:
            return ()
        return (
            tuple(
                Choice(
                    label=self._answerer.say(at.language, f"region_{each.document.id}"),
                    press=str(Press(act="show", argument=each.id)),
                )
                for each in sorted(either, key=lambda one: one.document.id, reverse=True)
                if f"region_{each.document.id}" in self._wording.texts[at.language]
            ),
        )

    def _choices(self, answer: Answer, at: Point) -> tuple[tuple[Choice, ...], ...]:
        if answer.intent not in {"question", "contraindication"} or answer.abstained:
            return ()
        rows: list[tuple[Choice, ...]] = []
        shown = len(answer.reply.quotes)
        first = answer.reply.quotes[0].citation.passage
        row = []
        if len(answer.ranked) > shown:
            row.append(self._choice(at.language, "more", Press(act="more", argument=str(shown))))
        if first.document.original_file:
            row.append(self._choice(at.language, "around", Press(act="around", argument=first.id)))
            row.extend(self._reports.votes(answer, at))
        if row:
            rows.append(tuple(row))
        rows.extend(
            (Choice(label=citation.passage.title, press=str(Press(act="show", argument=citation.passage.id))),)
            for citation in answer.reply.see_also
        )
        return tuple(rows)

    def _choice(self, language: str, name: str, press: Press) -> Choice:
        return Choice(label=self._answerer.say(language, name), press=str(press))

    def again(self, at: Point) -> Said | None:
        """What the answer before rests on, in full; None when there was none."""
        passages = self._hits(at)[: max(1, int(at.memory.get("shown", 1)))]
        if not passages:
            return None
        reply = self._answerer.passages(
            passages[:_SHOWN_AGAIN], at.language, choices=self._browse.neighbours(passages[0], at)
        )
        lead = self._answerer.say(at.language, "rests_on")
        return Said(reply=replace(reply, lead=lead), memory=at.memory)

    def _hits(self, at: Point) -> list[Passage]:
        found = (self._library.get(str(hit)) for hit in at.memory.get("hits", ()))
        return [passage for passage in found if passage is not None]

    def more(self, at: Point) -> Said:
        """The next of the places that were found."""
        hits, shown = self._hits(at), int(at.memory.get("shown", 0))
        if not 0 < shown < len(hits):
            lead = self._answerer.say(at.language, "no_more")
            return Said(reply=self._answerer.note("not-covered", at.language, lead=lead), memory=at.memory)
        row = []
        if len(hits) > shown + 1:
            row.append(self._choice(at.language, "more", Press(act="more", argument=str(shown + 1))))
        row.append(self._choice(at.language, "around", Press(act="around", argument=hits[shown].id)))
        reply = self._answerer.passage(hits[shown], at.language, choices=(tuple(row),))
        return Said(reply=reply, memory={**at.memory, "shown": shown + 1})


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
