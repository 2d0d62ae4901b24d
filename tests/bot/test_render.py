"""A reply always fits one message, and what is left out of it is said."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render import LONGEST, length, render
from tests.bot.echo_bot import DISCLAIMER, PASSAGE, reply

NOT_ALL = "This is not all of it"


def shown(lead: str) -> str:
    return render(reply(lead)).html


def test_a_short_reply_is_shown_whole():
    assert NOT_ALL not in shown("one\ntwo")


def test_of_a_lead_that_is_too_long_the_first_lines_are_shown():
    lead = "What the sources say: absolutely contraindicated.\n" + "\n".join(f"• condition {n}" for n in range(400))
    text = shown(lead)
    assert length(html.unescape(re.sub(r"<[^>]+>", "", text))) <= LONGEST
    assert text.startswith("What the sources say: absolutely contraindicated.\n• condition 0\n")
    assert NOT_ALL in text
    assert "• condition 399" not in text


def test_of_one_endless_line_the_beginning_is_shown():
    assert shown("x" * 5_000).startswith("x" * 3_000)


def test_nothing_of_the_places_and_the_disclaimer_is_lost_beside_a_long_lead():
    text = shown("word " * 2_000)
    assert DISCLAIMER.text in text
    assert PASSAGE.title in text


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("ab \n<&👍🏽ж"), max_size=200), st.integers(0, 120), st.sampled_from(["en", "ru"]))
def test_every_lead_fits(text: str, times: int, language: str):
    one = replace(reply(text * times), language=language)
    assert one.lead == text * times
    render(one)
