"""The guided check: the same verdict as typed, back and cancel, and nobody presses another one's buttons."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.incoming import Change, Door, Incoming, Pressed, Say, Typed
from bot.reply import Reply
from tests.shipped import shipped

CONVERSATION = shipped().conversation()
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Person:
    """Somebody at the keyboard, with what the bot remembers of them."""

    def __init__(self, number: int = 1) -> None:
        self.number = number
        self.memory: dict[str, object] = {}

    def types(self, text: str) -> Reply:
        return self._does(Typed(text=text))

    def presses(self, press: str) -> Reply:
        return self._does(Pressed(press=press))

    def taps(self, reply: Reply, label: str) -> Reply:
        (press,) = [each.press for row in reply.choices for each in row if label in each.label]
        return self.presses(press)

    def _does(self, act: Typed | Pressed) -> Reply:
        incoming = Incoming(
            chat=self.number, person=self.number, door=Door.PRIVATE, act=act, message=7, at=NOW, language_code="en"
        )
        turn = CONVERSATION.answer(incoming, self.memory)
        self.memory = dict(turn.memory or self.memory)
        (said,) = turn.said
        assert isinstance(said, Say | Change)
        return said.reply


def through(person: Person, reply: Reply, *ticks: str) -> Reply:
    """Answer every checklist, ticking what is named, until the verdict comes."""
    while reply.tone == "note":
        labels = [each.label for row in reply.choices for each in row]
        wanted = next((tick for tick in ticks if f"☐ {tick}" in labels), None)
        onward = "None of these" if "None of these" in labels else "Go on"
        reply = person.taps(reply, f"☐ {wanted}") if wanted else person.taps(reply, onward)
    return reply


def where(person: Person) -> Reply:
    """The screen after the emergency signs."""
    return person.taps(person.types("/check"), "None of these")


def begun(person: Person) -> Reply:
    reply = person.taps(where(person), "Neck and back")
    return person.taps(reply, "By a therapist")


def test_what_was_ticked_is_decided_as_if_it_had_been_typed():
    person = Person()
    verdict = through(person, begun(person), "high blood pressure")
    typed = Person(2).types("I have high blood pressure, may I have a massage?")
    assert verdict.lead.splitlines()[:2] == typed.lead.splitlines()[:2]
    assert [citation.place for citation in verdict.citations] == [citation.place for citation in typed.citations]


def test_one_more_tick_never_makes_the_verdict_milder():
    one, two = Person(), Person()
    lone = through(one, begun(one), "aneurysm")
    both = through(two, begun(two), "aneurysm", "cyst")
    assert "absolutely" in lone.lead
    assert "absolutely" in both.lead.splitlines()[0]


def test_nothing_ticked_is_no_permission():
    person = Person()
    verdict = through(person, begun(person))
    assert "no permission" in verdict.lead


def test_the_check_begins_with_every_red_flag_in_plain_words_and_asks_nothing_before():
    first = Person().types("/check")
    flags = shipped().red_flags.flags
    assert [f"• {flag.in_check['en']}" for flag in flags] == first.lead.splitlines()[1:]
    assert [row[0].label for row in first.choices] == [
        "Yes, one of these",
        "I think of hurting myself",
        "None of these",
        "Cancel",
    ]


@pytest.mark.parametrize(
    ("label", "text"), [("Yes, one of these", "This sounds like an emergency."), ("hurting myself", "talk to a person")]
)
def test_an_emergency_sign_gives_the_fixed_text_at_once_and_no_verdict(label: str, text: str):
    person = Person()
    first = person.types("/check")
    told = person.taps(first, label)
    assert told.tone == "emergency"
    assert text in told.lead
    assert not told.choices
    assert {citation.passage.document.id for citation in told.citations} == {"bot-en"}
    assert "something that is over" in person.taps(first, "None of these").lead


def test_before_a_routine_is_planned_the_signs_are_asked_too():
    person = Person()
    person.types("/routines")
    asked = person.presses("v1:rou:plan.neck_self_massage")
    assert "Yes, one of these" in asked.choices[0][0].label
    onward = person.taps(asked, "None of these")
    assert "(2 of 6)" in onward.lead
    assert person.taps(onward, "Back").lead.splitlines()[-1] == asked.lead.splitlines()[-1]
    told = person.presses(asked.choices[0][0].press)
    assert told.tone == "emergency"
    assert "Save" not in str(told.choices)


def test_back_returns_to_the_screen_before_and_cancel_ends_the_check():
    person = Person()
    first = where(person)
    second = person.taps(first, "Neck and back")
    again = person.taps(second, "Back")
    assert again.lead == first.lead
    ended = person.taps(again, "Cancel")
    assert "dropped" in ended.lead
    assert "something that is over" in person.taps(again, "Neck and back").lead


def test_the_buttons_of_an_earlier_check_do_nothing_any_more():
    person = Person()
    old = where(person)
    where(person)
    assert "something that is over" in person.taps(old, "Neck and back").lead


def test_nobody_presses_another_ones_check():
    ann, boris = Person(1), Person(2)
    screen = begun(ann)
    press = screen.choices[0][0].press
    assert "something that is over" in boris.presses(press).lead


@pytest.mark.parametrize("press", ["v1:check:1.99", "v1:check:1.done", "v1:check:", "v1:check:x.y", "v1:check:1.-1"])
def test_a_made_up_button_is_answered_and_changes_nothing(press):
    person = Person()
    person.types("/check")
    before = dict(person.memory)
    person.presses(press)
    assert person.memory["check"] == before["check"]
