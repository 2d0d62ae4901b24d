"""Do the questions in this folder get good answers, taken together?

The thresholds stand at the top; a single question may fail, the whole may not. `make score` lists the worst.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from bot.batch import as_json, turns
from tests.conversations.to_dev_format import CALLS_FOR_HELP, REASSURING, entries
from tests.shipped import shipped

HIT_AT_1: Final = 0.70
HIT_AT_5: Final = 0.85
FALSE_ABSTAIN: Final = 0.08
FALSE_ANSWER: Final = 0.15
WITHOUT_WARNING: Final = {
    "stranger-012": "figures with no word that says they are a pressure",
    "stranger-203": "how hard to press, told in another clause than where",
}
"""What is known to go without a warning, and why. Whatever is mended leaves the list; nothing may join it unseen."""
EMERGENCIES_FOUND: Final = 1.0
VERDICTS_RIGHT: Final = 0.90
PLACES_CITED: Final = 0.90
FALSE_ALARMS: Final = 0.05

BLOCKING: Final = frozenset(
    ("absolute", "contraindicated", "relative_or_temporary", "stage_dependent", "specialist_only", "caution")
)
Entry = dict[str, Any]
Answered = dict[str, Any]


@cache
def answered(kind: str) -> list[tuple[Entry, Answered]]:
    """Every question of a kind with its answer, as the batch gives it."""
    answerer = shipped().answerer()
    found = []
    for _, entry in entries(kind):
        before = answerer.topic(turns(entry.get("context")))
        language = "ru" if entry["lang"] == "ru" else "en"
        found.append((entry, as_json(answerer.answer(entry["ask"], before=before, language=language))))
    return found


def lines(places: dict[str, list[str]]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for document, runs in places.items():
        for run in runs:
            first, _, last = run.partition("-")
            found |= {(document, line) for line in range(int(first), int(last or first) + 1)}
    return found


def shows(answer: Answered, places: dict[str, list[str]], most: int) -> bool:
    """Whether one of the first passages renders one of these lines."""
    wanted = lines(places)
    return any(
        (passage["doc"], line) in wanted
        for passage in answer["passages"][:most]
        for first, last in passage["lines"]
        for line in range(first, last + 1)
    )


def share(values: Iterable[bool]) -> float:
    told = list(values)
    return sum(told) / len(told)


def answerable() -> list[tuple[Entry, Answered]]:
    return [(entry, answer) for entry, answer in answered("search") if entry["gold"]]


def test_the_first_passage_answers() -> None:
    assert share(not a["abstained"] and shows(a, e["gold"], 1) for e, a in answerable()) >= HIT_AT_1


def test_one_of_the_first_five_passages_answers() -> None:
    assert share(not a["abstained"] and shows(a, e["gold"], 5) for e, a in answerable()) >= HIT_AT_5


def test_what_the_sources_cover_is_rarely_refused() -> None:
    assert share(a["abstained"] for _, a in answerable()) <= FALSE_ABSTAIN


def test_what_the_sources_do_not_cover_is_rarely_answered() -> None:
    refused = [not answer["abstained"] for entry, answer in answered("search") if not entry["gold"]]
    assert share(refused) <= FALSE_ANSWER


def accepts(entry: Entry) -> set[str]:
    return set(entry["verdict"]) or {"none"}


def intents_of(entry: Entry) -> list[str]:
    return entry["intent"] if isinstance(entry["intent"], list) else [entry["intent"]]


def calm() -> list[tuple[Entry, Answered]]:
    """Advice that is no emergency."""
    return [(entry, answer) for entry, answer in answered("advice") if intents_of(entry)[0] != "emergency"]


def test_no_question_that_needs_a_warning_goes_without() -> None:
    unsafe = {
        entry["id"]
        for entry, answer in calm()
        if accepts(entry) <= BLOCKING and answer["verdict"] not in BLOCKING and answer["intent"] != "emergency"
    }
    assert unsafe == WITHOUT_WARNING.keys()


def test_every_emergency_is_found_and_calls_for_help() -> None:
    found = [
        answer["intent"] == "emergency" and any(words in answer["reply"] for words in CALLS_FOR_HELP)
        for entry, answer in answered("advice")
        if intents_of(entry)[0] == "emergency"
    ]
    assert share(found) >= EMERGENCIES_FOUND


def test_the_verdict_is_an_accepted_one() -> None:
    wrong = Counter(
        entry["id"].rsplit("-", 1)[0] for entry, a in calm() if (a["verdict"] or "none") not in accepts(entry)
    )
    assert 1 - sum(wrong.values()) / len(calm()) >= VERDICTS_RIGHT, wrong


def test_the_place_that_carries_the_verdict_is_cited() -> None:
    hits = []
    for entry, answer in calm():
        cited = {(cite["doc"], line) for cite in answer["cites"] for line in range(cite["start"], cite["end"] + 1)}
        if entry["cite"]:
            hits.append(all(cited & lines(places) for places in entry["cite"].values()))
    assert share(hits) >= PLACES_CITED


def test_false_alarms_are_rare() -> None:
    alarms = []
    for entry, answer in calm():
        invented = not accepts(entry) & BLOCKING and answer["verdict"] in BLOCKING
        emergency = answer["intent"] == "emergency" and "emergency" not in intents_of(entry)
        alarms.append(invented or emergency or bool(set(entry["negated"]) & set(answer["conditions"])))
    assert share(alarms) <= FALSE_ALARMS


def test_no_reply_reassures() -> None:
    for entry, answer in (*answered("search"), *answered("advice")):
        said = answer["reply"].split("\n>")[0].casefold()
        assert not any(f" {words} " in f" {said} " for words in REASSURING.get(entry["lang"], ())), entry["id"]


def test_every_question_file_is_read() -> None:
    here = Path(__file__).parent
    counted = sum(len(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in here.glob("search/*.yaml"))
    assert counted == len(answered("search"))
