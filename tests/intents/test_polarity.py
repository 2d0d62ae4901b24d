"""How a mention is meant: the sentences of tests/conversations/polarity.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.assemble import INTENTS
from corpus.words import words_of
from corpus.yaml_source import Problems
from intents.cues import read_cues
from intents.polarity import Means, Polarity, standing
from intents.reading import Mention, Reading
from tests.shipped import shipped

Entry = dict[str, str]
ENTRIES: list[Entry] = yaml.safe_load(
    (Path(__file__).parent.parent / "conversations" / "polarity.yaml").read_text(encoding="utf-8")
)
CUES = read_cues(INTENTS / "cues.yaml", Problems())
VOTES = {
    Means.PRESENT: Polarity.PRESENT,
    Means.DENIED: Polarity.DENIED,
    Means.RULED_OUT: Polarity.DENIED,
    Means.SOMEONE_ELSE: Polarity.SOMEONE_ELSES,
    Means.PAST: Polarity.PAST,
    Means.UNSURE: Polarity.UNSURE,
    Means.HYPOTHETICAL: Polarity.UNSURE,
}


def indices(entry: Entry, reading: Reading) -> set[int]:
    stem = words_of(entry["mention"])[0].stem
    return {index for index, word in enumerate(reading.words) if word.stem == stem}


def mentioned(entry: Entry, reading: Reading) -> list[Mention]:
    """The mentions an entry is about; none when no list knows the word."""
    spots = indices(entry, reading)
    every = (*reading.conditions, *reading.gaps, *reading.unknown)
    return [mention for mention in every if mention.name == entry["mention"] or spots & set(mention.words)]


def expected(entry: Entry, mention: Mention) -> Polarity:
    """What is past counts as unsure where the rule file says that the disease stays flagged."""
    condition = shipped().rulebook.conditions.get(mention.name)
    stays = condition is not None and condition.past == "flagged"
    return Polarity.UNSURE if entry["is"] == "past" and stays else Polarity(entry["is"])


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["text"] for entry in ENTRIES])
def test_a_mention_is_meant_as_a_reader_would_say(entry: Entry) -> None:
    reading = shipped().reader.read(entry["text"])
    mentions = mentioned(entry, reading)
    if mentions:
        assert [mention.polarity for mention in mentions] == [expected(entry, mention) for mention in mentions]
        return
    spots = sorted(indices(entry, reading))
    assert spots, "the word stands in the sentence"
    marked = CUES.marked(reading.words, questions=reading.questions, named=frozenset(spots))
    assert VOTES[standing(spots[:1], marked).means] is Polarity(entry["is"])
