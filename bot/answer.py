"""What is answered to a request?

The same for every front door: a request becomes an `Answer`, which holds the `Reply` and the data it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, assert_never

from bot.reply import Choice, Quoted, Reply, Tone
from corpus.library import Library
from corpus.originals import Originals
from corpus.passage import Citation, Disclaimer, Passage, PassageId, merge_lines
from corpus.search import CONTEXT_COUNTS, Evidence, Hit, Question, Search, Searched
from corpus.words import language_of
from intents.decide import Finding, Uncovered, Verdict
from intents.reading import NO_TOPIC, Reader, Reading, Topic
from intents.recognise import Recogniser, When
from intents.red_flags import AlarmKind
from intents.request import AskAdvice, AskPassage, Nothing, RedFlag, Remind, Request, SmallTalk
from intents.rule import Conflict, Severity
from intents.wording import SPOKEN, Wording

Intent = Literal["question", "contraindication", "emergency", "reminder", "smalltalk", "out_of_scope"]
MOST_PASSAGES: Final = 10
_FURTHER: Final = 2
"""Places beside the first that a reply offers as buttons."""
_QUOTED_IN_FULL: Final = 2
_MOST_PARTS: Final = 3
_TURNS_REMEMBERED: Final = 2
_OPPOSED_AMONG: Final = 4
"""Among how many of the best hits the other side of a disagreement is looked for."""
_SURE_DESPITE_A_GAP: Final = 1.5
"""Confidence from which a plain question that names a gap is taken to be about the articles all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A passage of an answer, with what makes it stand there: the stretch that answers, and its score."""

    citation: Citation
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, as said and as data."""

    intent: Intent
    abstained: bool
    ranked: tuple[Ranked, ...]
    verdict: Verdict | None
    reply: Reply
    request: Request
    conflicts: tuple[Conflict, ...] = ()
    """Opposing places of the articles that the reply names."""


_NOTHING_SEARCHED: Final = Searched(hits=(), evidence=Evidence(explained=0.0, unknown=0.0, absent=(), score=0.0))


class Answerer:
    """Answers messages from the sources and the rules."""

    def __init__(
        self,
        *,
        library: Library,
        notes: Library,
        search: Search,
        reader: Reader,
        recogniser: Recogniser,
        wording: Wording,
        disclaimers: Mapping[str, Disclaimer],
        originals: Originals,
        conflicts: Sequence[Conflict],
    ) -> None:
        self._library = library
        self._notes = notes
        self._search = search
        self._reader = reader
        self._recogniser = recogniser
        self._wording = wording
        self._disclaimers = disclaimers
        self._originals = originals
        self._conflicts: dict[PassageId, list[Conflict]] = {}
        """By each passage that takes part in them."""
        for conflict in conflicts:
            for passage in dict.fromkeys(side.passage.id for side in (*conflict.one, *conflict.other)):
                self._conflicts.setdefault(passage, []).append(conflict)

    def answer(
        self,
        text: str,
        *,
        before: Topic = NO_TOPIC,
        language: str | None = None,
        when: When | None = None,
        turns: Sequence[str] = (),
    ) -> Answer:
        """Answer a message; `before` is what the turn before was about; for `when` and `turns` see `Recogniser`.

        The reply is in `language` where that is spoken, else in the language of the text (English or Russian).
        """
        written = language_of(text)
        spoken = language if language in SPOKEN else written
        request = self._recogniser.recognise(text, before=before, when=when, turns=turns)
        match request:
            case RedFlag():
                return self._alarm(request, spoken, written)
            case AskAdvice():
                return self._advice(request, spoken, before)
            case AskPassage():
                return self._passage(request, spoken, before)
            case Remind():
                reply = self.note("reminders", spoken)
                return Answer(intent="reminder", abstained=False, ranked=(), verdict=None, reply=reply, request=request)
            case SmallTalk():
                note = "start" if request.kind != "thanks" else "courtesy"
                return self._note(request, "smalltalk", spoken, request.kind, note)
            case Nothing():
                return self._note(request, "smalltalk", spoken, "nothing", "words-only")
        assert_never(request)

    def topic(self, turns: Sequence[str]) -> Topic:
        """What earlier turns of a person were about, oldest first; the last two count."""
        terms: set[str] = set()
        latest = NO_TOPIC
        for turn in turns[-_TURNS_REMEMBERED:]:
            latest = self.topic_of(self._reader.read(turn, before=latest))
            terms |= latest.terms
        return replace(latest, terms=frozenset(terms))

    def topic_of(self, reading: Reading) -> Topic:
        """What a message is about: terms the corpus uses, what was asked about, and the conditions that counted."""
        terms = self._search.terms(reading.words, reading.found)
        return Topic(
            terms=frozenset(term for term in terms if self._search.knows(term)),
            scopes=reading.case.scopes,
            products=reading.products,
            conditions=frozenset(mention.name for mention in reading.conditions if mention.counts),
        )

    def note(self, name: str, language: str, *, lead: str = "", choices: tuple[tuple[Choice, ...], ...] = ()) -> Reply:
        """One of the bot's own notes as a reply."""
        return self._reply("note", language, lead, [self._note_citation(name, language)], choices=choices)

    def passage(self, passage: Passage, language: str, *, choices: tuple[tuple[Choice, ...], ...] = ()) -> Reply:
        """A passage by itself, as *Next* and *Show around it* page through the article."""
        return self._reply("answer", language, "", [Citation(passage=passage)], choices=choices)

    def place(self, citation: Citation, language: str, *, choices: tuple[tuple[Choice, ...], ...] = ()) -> Reply:
        """A passage with the stretch that answers marked in it."""
        return self._reply("answer", language, "", [citation], choices=choices)

    def passages(
        self, passages: Sequence[Passage], language: str, *, choices: tuple[tuple[Choice, ...], ...] = ()
    ) -> Reply:
        """Several passages, one below the other."""
        return self._reply("answer", language, "", [Citation(passage=passage) for passage in passages], choices=choices)

    def from_places(
        self,
        citations: Sequence[Citation],
        language: str,
        *,
        lead: str,
        choices: tuple[tuple[Choice, ...], ...] = (),
    ) -> Reply:
        """Words of ours that rest on places of the articles."""
        return self._reply("reminder", language, lead, citations[:_QUOTED_IN_FULL], choices=choices)

    def alarm(self, kind: AlarmKind, language: str, *, lead: str = "") -> Reply:
        """The fixed text of an emergency, on the bot's own note; no word of an article stands beside it."""
        name = "self-harm" if kind == "self_harm" else "emergency"
        return self._reply(
            "emergency", language, lead or self.say(language, kind), [self._note_citation(name, language)]
        )

    def advise(self, request: AskAdvice, language: str) -> Reply:
        """The verdict card of a decided case."""
        return self._verdict(request, language, _NOTHING_SEARCHED).reply

    def say(self, language: str, name: str, **filled: object) -> str:
        """A text of the wording files."""
        return self._wording.say(language, name, **filled)

    def _alarm(self, request: RedFlag, language: str, written: str) -> Answer:
        """The fixed text; in the language of the message too, which the person surely reads."""
        lead = "\n\n".join(self.say(each, request.kind) for each in dict.fromkeys((written, language)))
        reply = self.alarm(request.kind, language, lead=lead)
        return Answer(intent="emergency", abstained=False, ranked=(), verdict=None, reply=reply, request=request)

    def _note(self, request: Request, intent: Intent, language: str, lead: str, note: str) -> Answer:
        reply = self.note(note, language, lead=self.say(language, lead))
        return Answer(intent=intent, abstained=False, ranked=(), verdict=None, reply=reply, request=request)

    # Questions

    def _passage(self, request: AskPassage, language: str, before: Topic) -> Answer:
        whole = self._find(request.reading, before)
        if not whole.evidence.covered:
            reading = request.reading
            if any(mention.counts for mention in (*reading.gaps, *reading.unknown)):
                return self._verdict(self._recogniser.advise(reading), language, whole)
            return self._refusal(request, whole, language)
        hits = self._merged(whole, [self._find(self._reader.read(part), NO_TOPIC) for part in self._several(request)])
        ranked = tuple(Ranked(citation=hit.citation, score=hit.score) for hit in hits)
        quoted = self._worth_quoting(request, hits)
        opposed = self._opposed(hits)
        if opposed is None:
            lead = self.say(language, "several") if len(quoted) > 1 else ""
        else:
            conflict, other = opposed
            quoted = [hits[0], other, *(hit for hit in quoted[1:] if hit is not other)]
            lead = self.say(language, "both_sides", about=conflict.about.get(language) or conflict.about["en"])
        reply = self._reply(
            "answer",
            language,
            lead,
            [hit.citation for hit in quoted],
            see_also=[hit.citation for hit in hits if hit not in quoted][:_FURTHER],
        )
        return Answer(
            intent="question",
            abstained=False,
            ranked=ranked,
            verdict=None,
            reply=reply,
            request=request,
            conflicts=(opposed[0],) if opposed else (),
        )

    def _opposed(self, hits: Sequence[Hit]) -> tuple[Conflict, Hit] | None:
        """The disagreement the best passage takes part in, when a passage of the other side is found as well."""
        conflicts = self._conflicts.get(hits[0].passage.id, ())
        for hit in hits[1:_OPPOSED_AMONG]:
            for conflict in conflicts:
                if _oppose(conflict, hits[0], hit):
                    return conflict, hit
        return None

    def _several(self, request: AskPassage) -> tuple[str, ...]:
        return request.parts[:_MOST_PARTS] if len(request.parts) > 1 else ()

    def _find(self, reading: Reading, before: Topic) -> Searched:
        leans = before != NO_TOPIC and self._recogniser.follows_up(reading)
        question = Question(
            text=reading.text,
            words=reading.words,
            found=reading.found,
            before=dict.fromkeys(sorted(before.terms), CONTEXT_COUNTS) if leans else {},
        )
        return self._search.find(question, most=MOST_PASSAGES)

    @staticmethod
    def _merged(whole: Searched, parts: Sequence[Searched]) -> list[Hit]:
        """The whole message's hits, with each covered part's best passage brought to the front."""
        first = [part.hits[0] for part in parts if part.hits and part.evidence.covered]
        order: dict[str, Hit] = {}
        lead = whole.hits[:1]
        for hit in (*lead, *first, *whole.hits):
            order.setdefault(hit.passage.id, hit)
        return list(order.values())[:MOST_PASSAGES]

    @staticmethod
    def _worth_quoting(request: AskPassage, hits: Sequence[Hit]) -> list[Hit]:
        """The best passage in full; one for each part of a message that asks several things."""
        return list(hits[: max(1, min(len(request.parts), _MOST_PARTS))])

    def _refusal(self, request: AskPassage, searched: Searched, language: str) -> Answer:
        near = [hit for hit in searched.hits[:1] if searched.evidence.explained > 0]
        lead = self.say(language, "refusal_nearest" if near else "refusal")
        citations = [hit.citation for hit in near] or [self._note_citation("not-covered", language)]
        reply = self._reply("not_covered", language, lead, citations)
        ranked = tuple(Ranked(citation=hit.citation, score=hit.score) for hit in searched.hits)
        intent: Intent = "question" if near else "out_of_scope"
        return Answer(intent=intent, abstained=True, ranked=ranked, verdict=None, reply=reply, request=request)

    # Verdicts

    def _advice(self, request: AskAdvice, language: str, before: Topic) -> Answer:
        searched = self._find(request.reading, before)
        if self._is_about_the_articles(request, searched):
            return self._passage(AskPassage(reading=request.reading, parts=(request.reading.text,)), language, before)
        return self._verdict(request, language, searched)

    @staticmethod
    def _is_about_the_articles(request: AskAdvice, searched: Searched) -> bool:
        """A plain question that only brushes a gap ("does Dolobene thin the blood?") and that the articles answer."""
        verdict, asks = request.verdict, request.reading.asks
        nothing_found = not verdict.findings and not verdict.denied and bool(verdict.not_covered)
        plain = not asks & {"permission", "reassurance"}
        return nothing_found and plain and searched.evidence.confidence > _SURE_DESPITE_A_GAP

    def _verdict(self, request: AskAdvice, language: str, searched: Searched) -> Answer:
        verdict = request.verdict
        cited = [*verdict.citations, *(place for item in verdict.not_covered for place in item.nearest)]
        ranked = _in_order(cited, searched)
        quotes = cited[:_QUOTED_IN_FULL] or [self._note_citation("no-permission", language)]
        reply = self._reply(
            "verdict" if verdict.findings else "not_covered",
            language,
            self._card(request, language),
            quotes,
            see_also=[citation for citation in cited if citation not in quotes][:_FURTHER],
        )
        return Answer(
            intent="contraindication",
            abstained=verdict.severity is Severity.NOT_COVERED,
            ranked=ranked,
            verdict=verdict,
            reply=reply,
            request=request,
            conflicts=verdict.conflicts,
        )

    def _card(self, request: AskAdvice, language: str) -> str:
        """The verdict in words: the class, each condition with its places, conflicts, and what is not covered."""
        verdict = request.verdict
        lines = []
        if verdict.findings or verdict.not_covered:
            lines.append(self.say(language, "verdict", verdict=self._class(verdict.severity, language)))
        else:
            lines.append(self.say(language, "nothing_active"))
        lines += [self._finding(finding, language) for finding in verdict.findings]
        lines += [self._conflict(conflict, language) for conflict in verdict.conflicts]
        lines += self._not_covered(verdict.not_covered, language)
        if verdict.denied:
            names = ", ".join(self._called(name, language) for name in verdict.denied)
            lines.append(self.say(language, "denied", names=names))
        if verdict.findings and verdict.severity.warns:
            lines.append(self.say(language, "for_a_doctor", summary=self._summary(request, language)))
        return "\n".join(lines)

    def _class(self, severity: Severity, language: str) -> str:
        return self.say(language, f"class_{severity.value}")

    def _finding(self, finding: Finding, language: str) -> str:
        return self.say(
            language,
            "finding",
            condition=finding.condition.called(language),
            verdict=self._class(finding.severity, language),
            places=_places(finding.citations),
        )

    def _conflict(self, conflict: Conflict, language: str) -> str:
        return self.say(
            language,
            "conflict",
            about=conflict.about.get(language) or conflict.about["en"],
            one=_places(conflict.one),
            other=_places(conflict.other),
        )

    def _not_covered(self, items: Sequence[Uncovered], language: str) -> list[str]:
        if not items:
            return []
        names = ", ".join(item.called.get(language) or item.called["en"] for item in items)
        lines = [self.say(language, "not_covered", names=names)]
        lines += [
            self.say(
                language,
                "not_covered_scope" if item.listed else "nearest_place",
                condition=item.called.get(language) or item.called["en"],
                places=_places(item.nearest),
            )
            for item in items
            if item.nearest
        ]
        return lines

    def _summary(self, request: AskAdvice, language: str) -> str:
        scopes = sorted(request.reading.case.scopes)
        scope = next((name for name in scopes if name in {"fastum_gel", "finalgon", "dolobene", "exercise"}), "massage")
        return self.say(
            language,
            "summary_asks",
            scope=self.say(language, f"scope_{scope}"),
            conditions=", ".join(finding.condition.called(language) for finding in request.verdict.findings),
            verdict=self._class(request.verdict.severity, language),
        )

    def _called(self, name: str, language: str) -> str:
        condition = self._recogniser.condition(name)
        return condition.called(language) if condition is not None else name

    # Building replies

    def note_called(self, passage_id: str) -> Passage | None:
        """One of the bot's own notes, by its id."""
        return self._notes.get(passage_id)

    def _note_citation(self, name: str, language: str) -> Citation:
        note = self._notes.get(f"{language}-{name}")
        if note is None:
            raise LookupError(f"the notes hold no '{language}-{name}'")
        return Citation(passage=note)

    def _reply(
        self,
        tone: Tone,
        language: str,
        lead: str,
        citations: Sequence[Citation],
        *,
        see_also: Sequence[Citation] = (),
        choices: tuple[tuple[Choice, ...], ...] = (),
    ) -> Reply:
        return Reply(
            tone=tone,
            language=language,
            lead=lead,
            quotes=tuple(self._quoted(citation, language) for citation in _joined(citations)),
            disclaimer=self._disclaimers[language],
            see_also=tuple(see_also),
            choices=choices,
        )

    def _quoted(self, citation: Citation, language: str) -> Quoted:
        passage = citation.passage
        summary = passage.summary.get(language, "") if passage.document.language != language else ""
        return Quoted(citation=citation, verbatim=self._originals.text(passage), summary=summary)


def _oppose(conflict: Conflict, hit: Hit, other: Hit) -> bool:
    """Whether the stretches that answer stand on opposite sides of a disagreement."""
    one, across = (conflict.one, conflict.other)
    return (_stands_in(hit, one) and _stands_in(other, across)) or (_stands_in(hit, across) and _stands_in(other, one))


def _stands_in(hit: Hit, side: Sequence[Citation]) -> bool:
    """Whether a hit's answering stretch lies in a block that the side cites."""
    blocks = {span.block for span in hit.citation.marked}
    for citation in side:
        if citation.passage is hit.passage:
            cited = {span.block for span in citation.marked}
            if not blocks or not cited or blocks & cited:
                return True
    return False


def _joined(citations: Iterable[Citation]) -> list[Citation]:
    """Citations of one passage become one, with all their stretches marked."""
    order: dict[str, Citation] = {}
    for citation in citations:
        known = order.get(citation.passage.id)
        if known is None:
            order[citation.passage.id] = citation
        else:
            marked = tuple(dict.fromkeys((*known.marked, *citation.marked)))
            order[citation.passage.id] = replace(known, marked=marked)
    return list(order.values())


def _in_order(cited: Sequence[Citation], searched: Searched) -> tuple[Ranked, ...]:
    """What the rules cite first, then what the search found."""
    top = max((hit.score for hit in searched.hits), default=0.0)
    order: dict[str, Ranked] = {}
    for citation in cited:
        order.setdefault(citation.passage.id, Ranked(citation=citation, score=top + 1.0))
    for hit in searched.hits:
        order.setdefault(hit.passage.id, Ranked(citation=hit.citation, score=hit.score))
    return tuple(order.values())[:MOST_PASSAGES]


def _places(citations: Sequence[Citation]) -> str:
    """`neck 142; back 187, 208`."""
    by_document: dict[str, list[Citation]] = {}
    for citation in citations:
        by_document.setdefault(citation.passage.document.id, []).append(citation)
    parts = []
    for document, places in by_document.items():
        lines = merge_lines(run for place in places for run in place.lines)
        parts.append(f"{document} {', '.join(str(run) for run in lines)}")
    return "; ".join(parts)
