"""The terminal shows what the conversation says, and numbers press buttons."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.incoming import Change, Door, Incoming, Pressed, Say, Turn, Typed
from bot.reply import Choice, Quoted, Reply
from bot.terminal import chat
from corpus.passage import Block, Citation, Disclaimer, Document, Lines, Passage, PassageId
from tests.shipped import shipped

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PASSAGE = Passage(
    id=PassageId("note-one"),
    document=Document(id="note", title="Notes", language="en"),
    section="",
    section_is_ours=False,
    title="One",
    lines=(Lines(1, 1),),
    blocks=(Block(kind="paragraph", text="The note.", lines=Lines(1, 1)),),
)


def reply(lead: str, *labels: str) -> Reply:
    """A reply with one button for each label."""
    return Reply(
        tone="note",
        language="en",
        lead=lead,
        quotes=(Quoted(citation=Citation(passage=PASSAGE)),),
        disclaimer=Disclaimer(text="See a doctor."),
        see_also=(),
        choices=tuple((Choice(label=label, press=f"v1:{label}:"),) for label in labels),
    )


class Recorder:
    """Answers everything in the same way and remembers how often it was spoken to."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []

    def answer(self, incoming: Incoming, memory: Mapping[str, Any]) -> Turn:
        """One line with two buttons; the second turns the message over."""
        self.heard.append(incoming)
        times = int(memory.get("times", 0)) + 1
        if isinstance(incoming.act, Pressed) and incoming.act.press == "v1:turn:":
            return Turn(said=(Change(reply=reply("turned", "only"), message=incoming.message),), memory=None)
        return Turn(said=(Say(reply=reply(f"time {times}", "more", "turn")),), memory={"times": times})


def talk(*lines: str, lang: str | None = None) -> tuple[Recorder, str]:
    """Type these lines; what was heard, and what was shown."""
    recorder, shown = Recorder(), io.StringIO()
    chat(recorder, lang, io.StringIO("".join(f"{line}\n" for line in lines)), shown, now=lambda: NOON)
    return recorder, shown.getvalue()


def acts(recorder: Recorder) -> list[object]:
    return [incoming.act for incoming in recorder.heard]


def test_a_chat_begins_with_start_and_ends_with_the_input() -> None:
    recorder, shown = talk()
    assert acts(recorder) == [Typed(text="/start")]
    assert recorder.heard[0].door is Door.TERMINAL
    assert shown.endswith("> \n")


def test_every_reply_shows_its_passage_and_the_doctor_line() -> None:
    _, shown = talk("hello")
    assert shown.count("> The note.") == 2
    assert shown.count("See a doctor.") == 2


def test_a_number_presses_the_button_of_that_number() -> None:
    recorder, shown = talk("hello", "1")
    assert "[1] more" in shown
    assert acts(recorder)[-1] == Pressed(press="v1:more:")
    assert recorder.heard[-1].message == 4, "the button belongs to the message it was shown under"


def test_a_number_without_a_button_is_a_message() -> None:
    recorder, _ = talk("3", "007", "²")
    assert acts(recorder)[1:] == [Typed(text="3"), Typed(text="007"), Typed(text="²")]


def test_a_changed_message_brings_its_own_buttons() -> None:
    recorder, shown = talk("hello", "2", "2", "1")
    assert "turned" in shown
    assert acts(recorder)[2:] == [Pressed(press="v1:turn:"), Typed(text="2"), Pressed(press="v1:more:")]


def test_what_is_remembered_comes_back_and_blank_lines_say_nothing() -> None:
    recorder, shown = talk("", "   ", "hello")
    assert len(recorder.heard) == 2
    assert "time 2" in shown


def test_the_language_asked_for_is_known_to_the_conversation() -> None:
    recorder, _ = talk("hello", lang="ru")
    assert {incoming.language_code for incoming in recorder.heard} == {"ru"}


def test_nothing_can_be_reported_where_nothing_is_stored():
    shown = io.StringIO()
    chat(shipped().conversation(), "en", io.StringIO("/report\n"), shown, now=lambda: NOON)
    assert "nothing can be reported" in shown.getvalue()
    assert "did harm\n" not in shown.getvalue()
