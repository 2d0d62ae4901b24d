"""What is said about an answer that helped, did not help, or did harm?

A vote counts for a passage and says nothing about who gave it. A report is a choice among fixed reasons, and what is
kept of it is told on the screen where it is chosen; no word of the person's is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.answer import Answer, Answerer
from bot.changes import AddReport, CountVote
from bot.incoming import Buttons, Door, Say, Turn
from bot.known import Memory, Point, Said
from bot.presses import Press
from bot.reply import Choice, Reply
from bot.reports import KEPT, MOST_PLACES, REASONS, Report
from corpus.library import Library
from corpus.passage import Passage
from intents.wording import SPOKEN, Wording

VOTE: Final = "did"
"""The act of the two buttons below an answer: `v1:did:y.<language>.<passage id>`."""
REPORT: Final = "rep"
_YES, _NO, _ASK, _DROP = "y", "n", "ask", "drop"
_LONGEST_ID: Final = 48
"""A passage whose id is longer gets no vote buttons: they would not fit Telegram's 64 bytes."""
_ELSEWHERE: Final = 2
_VOTES_REMEMBERED: Final = 10
Row = tuple[Choice, ...]


class ReportTalk:
    """Talks about whether an answer was any good."""

    def __init__(self, *, answerer: Answerer, wording: Wording, library: Library) -> None:
        self._answerer = answerer
        self._wording = wording
        self._library = library

    # Votes

    def votes(self, answer: Answer, at: Point) -> Row:
        """Two small buttons for an answer; none in a group, where a vote would be seen."""
        first = answer.reply.quotes[0].citation.passage
        if at.incoming.door is not Door.PRIVATE or len(first.id) > _LONGEST_ID:
            return ()
        return tuple(
            Choice(
                label=self._say(at.language, name),
                press=str(Press(act=VOTE, argument=f"{vote}.{at.language}.{first.id}")),
            )
            for vote, name in ((_YES, "vote_yes"), (_NO, "vote_no"))
        )

    def toast(self, press: Press) -> str:
        """What a press on a vote shows for a moment, in the language of the answer; empty for every other press."""
        vote, language, _ = _vote(press)
        return self._say(language, "vote_thanks") if vote == _YES and language in SPOKEN else ""

    def voted(self, press: Press, shown: tuple[Row, ...], at: Point) -> Turn | None:
        """Counts a vote and takes the two buttons away; None when the message does not have them.

        A second tap, faster than the buttons could go, counts nothing.
        """
        vote, _, passage_id = _vote(press)
        passage = self._library.get(passage_id)
        left = tuple(row for row in (_without_votes(row) for row in shown) if row)
        if passage is None or vote not in {_YES, _NO} or left == shown or at.incoming.door is not Door.PRIVATE:
            return None
        earlier = [each for each in at.memory.get("voted", ()) if isinstance(each, int)]
        if at.incoming.message in earlier:
            return Turn(said=(), memory=None)
        said: list[Say | Buttons] = [Buttons(message=at.incoming.message, choices=left)]
        memory = {**at.memory, "voted": [*earlier, at.incoming.message][-_VOTES_REMEMBERED:]}
        if vote == _NO:
            said.append(Say(reply=self._unhelpful(passage, at)))
        return Turn(said=tuple(said), memory=memory, effects=(CountVote(passage=passage.id, helped=vote == _YES),))

    def _unhelpful(self, passage: Passage, at: Point) -> Reply:
        """Where to go from an answer that did not help: other places, a person, a report."""
        others = [self._library.get(str(each)) for each in at.memory.get("hits", ())][:_ELSEWHERE]
        rows = [
            (Choice(label=each.title, press=str(Press(act="show", argument=each.id))),)
            for each in others
            if each is not None and each is not passage
        ]
        browse = Choice(label=self._say(at.language, "menu_browse"), press=str(Press(act="menu", argument="browse")))
        report = self._choice(at.language, "button_report", f"{_ASK}.{passage.id}")
        lead = self._say(at.language, "vote_sorry")
        return self._answerer.note("not-covered", at.language, lead=lead, choices=(*rows, (browse, report)))

    # Reports

    @staticmethod
    def remembered(answer: Answer, at: Point) -> Memory:
        """What a report about this answer would need: places and the verdict's class; nothing in a group."""
        if at.incoming.door is Door.GROUP:
            return {"said": None}
        verdict = answer.verdict.severity.value if answer.verdict is not None else answer.intent
        citations = [*answer.reply.citations, *(answer.verdict.citations if answer.verdict is not None else ())]
        places = list(dict.fromkeys(citation.place for citation in citations))[:MOST_PLACES]
        first = answer.reply.quotes[0].citation.passage.id
        return {"said": {"passage": first, "verdict": verdict, "places": places}}

    def report(self, _rest: str, at: Point) -> Said:
        """Asks what was wrong with the last answer."""
        if at.incoming.door is Door.TERMINAL:
            lead = self._say(at.language, "report_terminal")
            return Said(reply=self._answerer.note("report", at.language, lead=lead), memory=at.memory)
        said = at.memory.get("said")
        passage = str(said.get("passage", "")) if isinstance(said, Mapping) else ""
        return self._asked(passage, at)

    def press(self, argument: str, at: Point) -> Said | None:
        """The answer to a button about a report; None when there is none such."""
        act, _, passage = argument.partition(".")
        if at.incoming.door is not Door.PRIVATE or (passage and self._is_unknown(passage)):
            return None
        if act == _ASK:
            return self._asked(passage, at)
        if act == _DROP:
            lead = self._say(at.language, "cancelled")
            return Said(reply=self._answerer.note("cancelled", at.language, lead=lead), memory=at.memory, in_place=True)
        return self._kept(act, passage, at) if act in REASONS else None

    def _is_unknown(self, passage: str) -> bool:
        """Whether an id is neither an article's nor one of the bot's notes that an answer may have cited."""
        return self._library.get(passage) is None and self._answerer.note_called(passage) is None

    def _asked(self, passage: str, at: Point) -> Said:
        _, places = self._about(passage, at)
        name = "report_asked" if places else "report_asked_any"
        lead = "\n".join(
            [
                self._say(at.language, name, places="; ".join(places)),
                self._say(at.language, "report_kept", days=KEPT.days),
            ]
        )
        rows = [(self._choice(at.language, f"report_{reason}", f"{reason}.{passage}"),) for reason in REASONS]
        rows.append((self._choice(at.language, "check_cancel", f"{_DROP}.{passage}"),))
        return Said(reply=self._answerer.note("report", at.language, lead=lead, choices=tuple(rows)), memory=at.memory)

    def _kept(self, reason: str, passage: str, at: Point) -> Said:
        verdict, places = self._about(passage, at)
        report = Report(
            person_id=at.incoming.person,
            message_id=at.incoming.message,
            at=at.incoming.at,
            reason=reason,
            verdict=verdict,
            places=places,
            language=at.language,
        )
        reply = self._answerer.note("report", at.language, lead=self._say(at.language, "report_thanks"))
        return Said(reply=reply, memory=at.memory, effects=(AddReport(report=report),), in_place=True)

    def _about(self, passage: str, at: Point) -> tuple[str, tuple[str, ...]]:
        """Verdict and places of the answer that rested on this passage first, as far as they are remembered."""
        said = at.memory.get("said")
        if isinstance(said, Mapping) and passage and said.get("passage") == passage:
            return str(said.get("verdict", "")), tuple(map(str, said.get("places", ())))[:MOST_PLACES]
        found = self._library.get(passage)
        if found is None:
            return "", ()
        return "", (f"{found.document.id} {', '.join(str(lines) for lines in found.lines)}",)

    def _choice(self, language: str, name: str, argument: str) -> Choice:
        return Choice(label=self._say(language, name), press=str(Press(act=REPORT, argument=argument)))

    def _say(self, language: str, name: str, **filled: object) -> str:
        return self._wording.say(language, name, **filled)


def _vote(press: Press) -> tuple[str, str, str]:
    """Vote, language and passage of a press; empty where it is none."""
    if press.act != VOTE:
        return "", "", ""
    vote, _, rest = press.argument.partition(".")
    language, _, passage = rest.partition(".")
    return vote, language, passage


def _without_votes(row: Row) -> Row:
    return tuple(choice for choice in row if not choice.press.startswith(str(Press(act=VOTE))))
