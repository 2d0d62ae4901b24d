"""A tiny conversation and its words, for tests of everything around the real one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.incoming import Change, Incoming, Located, Pressed, Say, Sent, Ticked, Turn, Typed
from bot.inline_talk import Offers
from bot.known import NOTHING_KNOWN, Known
from bot.reminders import Due, Recurrence
from bot.reply import Choice, Quoted, Reply
from bot.telegram.commands import ProfileTexts
from bot.telegram.handling import Words
from bot.telegram.run import Parts
from corpus.passage import Block, Citation, Disclaimer, Document, Lines, Passage, PassageId

DOCUMENT = Document(id="notes", title="Notes of the bot", language="en")
PASSAGE = Passage(
    id=PassageId("notes-echo"),
    document=DOCUMENT,
    section="",
    section_is_ours=False,
    title="What this test bot does",
    lines=(Lines(1, 1),),
    blocks=(Block(kind="paragraph", text="It repeats <what> it hears & counts.", lines=Lines(1, 1)),),
)
DISCLAIMER = Disclaimer(text="Ask a doctor.")


def reply(lead: str, *, choices: tuple[tuple[Choice, ...], ...] = (), language: str = "en") -> Reply:
    """A whole reply with these words above its quote."""
    return Reply(
        tone="answer",
        language=language,
        lead=lead,
        quotes=(Quoted(citation=Citation(passage=PASSAGE)),),
        disclaimer=DISCLAIMER,
        see_also=(),
        choices=choices,
    )


def on_failure(language: str, number: str) -> Reply:
    """What the test bot says when it fails."""
    return reply(f"[{language}] something went wrong: {number}", language=language)


def on_limit(language: str, name: str) -> Reply:
    """What the test bot says to somebody who writes too much."""
    return reply(f"[{language}] {name}", language=language)


class Broken(Exception):
    """Raised by the conversation when it is asked to break; its text quotes the person, as careless code does."""


class EchoConversation:
    """Repeats what it hears, counts, and offers a button; breaks when told to."""

    def wants_known(self, incoming: Incoming) -> bool:
        """Nothing is ever needed."""
        return False

    def ticking(self, memory: Any) -> None:
        return None

    def inline(self, query: str, *, language_code: str | None, bot: str) -> Offers:
        return Offers(offers=(), private="Open")

    def toast(self, incoming: Incoming) -> str:
        return ""

    def wants_export(self, incoming: Incoming) -> bool:
        """Nothing is ever needed."""
        return False

    def answer(self, incoming: Incoming, memory: Mapping[str, Any], known: Known = NOTHING_KNOWN) -> Turn:
        """See the class."""
        count = int(memory.get("count", 0)) + 1
        remembered = {"count": count}
        match incoming.act:
            case Typed(text="break"):
                raise Broken(f"cannot read: {incoming.act.text}")
            case Typed(text="silence"):
                return Turn(said=(), memory=None)
            case Typed(text=text):
                more = ((Choice(label="More", press="v1:more"), Choice(label="Change", press="v1:change")),)
                to = incoming.message if incoming.door.value == "group" else None
                return Turn(said=(Say(reply=reply(f"{count}: {text}", choices=more), to=to),), memory=remembered)
            case Pressed(press="v1:change"):
                return Turn(said=(Change(reply=reply("changed"), message=incoming.message),), memory=None)
            case Pressed(press=press):
                return Turn(said=(Say(reply=reply(f"pressed {press}")),), memory=remembered)
            case Located(latitude=latitude, longitude=longitude):
                return Turn(said=(Say(reply=reply(f"at {latitude} {longitude}")),), memory=None)
            case Ticked():
                return Turn(said=(), memory=None)
            case Sent(kind=kind):
                return Turn(said=(Say(reply=reply(f"a {kind.value}")),), memory=None)


def remind(due: Due) -> Reply:
    """The words of a reminder."""
    return reply(f"time for {due.reminder.text}")


def no_rules(text: str) -> Recurrence:
    """The test bot stores no recurrences."""
    raise ValueError(f"no rule: {text}")


PROFILE = (
    ProfileTexts(language="", commands=(("start", "Begin"),), description="Repeats.", about="An echo."),
    ProfileTexts(language="ru", commands=(("start", "Начать"),), description="Повторяет.", about="Эхо."),
)


def parts() -> Parts:
    """All that the edge needs."""
    return Parts(
        words=Words(conversation=EchoConversation(), on_failure=on_failure, on_limit=on_limit, default_language="en"),
        profile=PROFILE,
        remind=remind,
        parse=no_rules,
    )
