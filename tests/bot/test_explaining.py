"""`massage-bot explain` tells the whole way of a message."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.explaining import explain
from intents.recognise import When
from tests.shipped import shipped

SECTIONS = ["Words", "Concepts", "Mentions", "Figures", "Circumstances", "Red flag", "Taken as", "Rules", "Search"]


def section(text: str, name: str) -> list[str]:
    """The lines of one section."""
    lines = explain(text, shipped()).split("\n")
    start = lines.index(name) + 1
    end = next((at for at in range(start, len(lines)) if not lines[at].startswith(" ")), len(lines))
    return [line.strip() for line in lines[start:end]]


def test_repairs_are_shown() -> None:
    assert "repaired: sciatcia -> sciatica" in section("massage for sciatcia", "Words")


def test_a_denied_mention_names_the_cue_that_denies_it() -> None:
    told = section("I have no fever, may I book a massage?", "Mentions")
    assert any("high_body_temperature" in line and "does not count" in line and "by “no”" in line for line in told)


def test_figures_are_shown_with_their_words() -> None:
    assert section("My pressure is 170 over 100", "Figures") == ["high pressure: 170 (“170 over 100”)"]


def test_a_rule_that_spoke_is_shown_with_its_file_and_line() -> None:
    told = section("May I have a massage with an aneurysm?", "Rules")
    assert told[0] == "verdict: absolute"
    assert any("neck 142; intents/rules/heart-and-vessels.yaml:" in line and line.endswith("spoke") for line in told)


def test_a_red_flag_is_shown_with_its_place() -> None:
    assert section("Crushing chest pain right now", "Red flag")[0].startswith(
        "chest_pain (emergency), intents/red_flags"
    )


def test_each_passage_says_why_it_scored() -> None:
    told = section("How many sessions for sciatica?", "Search")
    assert told[0].startswith("evidence: ")
    assert "(covered)" in told[0]
    assert told[1].startswith("1. back-sciatica")
    assert "#sciatica" in told[2]


def test_a_reminder_is_told_from_a_question() -> None:
    written = When(now=datetime(2026, 11, 20, 12, tzinfo=UTC), zone="UTC")
    told = explain("remind me every day at 9 to massage my neck", shipped(), written=written)
    assert "Taken as\n  a matter of reminders\n" in told


@pytest.mark.parametrize("text", ["", "?!", "привет", "thanks", "а\u0301"])
def test_every_message_gets_every_section(text: str) -> None:
    lines = explain(text, shipped()).split("\n")
    assert [line for line in lines if not line.startswith(" ")] == SECTIONS


@given(st.text(max_size=60))
@settings(max_examples=40)
def test_no_message_is_too_odd_to_explain(text: str) -> None:
    assert explain(text, shipped())
