"""How quick is understanding: the whole of `ask`, long messages, larger vocabularies?

CPU of this process. Growth is told as cost per piece divided by cost per piece of the smallest: 1 is linear.
"""

# ruff: noqa: PLC0415 (imports are part of what is measured)

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from itertools import count, islice

from benchmarks.bot_api import questions
from benchmarks.results import Results, compared
from bot.assemble import read_content
from corpus.vocabulary import Spelling, Vocabulary
from corpus.words import words_of
from corpus.yaml_source import Place

ROUNDS = 7
LENGTHS = (1024, 2048, 4096)
REPEATED = ("my ", "моя ", "is it? ", "fever, no ", "my brother has ", "38.5 ", "no pain in my neck and ")
"""What somebody might send over and over: words that many spellings begin with, cues and figures."""
TIMES_AS_MANY = (1, 10, 100)
_MADE_UP = Place("made-up.yaml")


def ask() -> Results:
    """One question from text to reply, seen before and never seen before (each with a word nobody wrote)."""
    answerer = read_content().answerer()
    asked = questions()
    for text in asked:
        answerer.answer(text)
    chance = random.Random(3)
    known, unseen = [], []
    for number in range(ROUNDS):
        known.append(_cpu(lambda: [answerer.answer(text) for text in asked]) / len(asked) * 1e6)
        odd = [f"{text} {_misspelt(chance)}" for text in asked]
        unseen.append(_cpu(lambda texts=odd: [answerer.answer(text) for text in texts]) / len(asked) * 1e6)
        _say("ask", number)
    target = [1000.0] * ROUNDS
    unit = "µs CPU a question; the peer is the target of 1 ms"
    return {"ask/question": compared(known, target, unit), "ask/question-misspelt": compared(unseen, target, unit)}


def _misspelt(chance: random.Random) -> str:
    """A long word of ours with a letter changed, so that it must be repaired."""
    word = list(chance.choice(("contraindications", "massage", "hypertension", "osteochondrosis", "radiculitis")))
    word[chance.randrange(2, len(word))] = chance.choice("abcdefghiklmnoprst")
    return "".join(word) + chance.choice("aeiou")


def long_messages() -> Results:
    """Messages of 1,024 to 4,096 characters: cost a character, against the shortest."""
    recognise = read_content().recogniser.recognise
    text = " ".join(questions())
    costs: dict[int, list[float]] = {length: [] for length in LENGTHS}
    for number in range(ROUNDS):
        for length in _rotated(LENGTHS, number):
            parts = [text[start : start + length] for start in range(0, 40_000, 5_000)]
            costs[length].append(_cpu(lambda parts=parts: [recognise(part) for part in parts]) / len(parts) * 1e3)
        _say("growth/length", number)
    found = {
        f"growth/length-{length}": compared(
            [cost / length for cost in costs[length]],
            [cost / LENGTHS[0] for cost in costs[LENGTHS[0]]],
            "ms CPU a character; the peer is a message of 1,024",
        )
        for length in LENGTHS[1:]
    }
    found["ask/4096-characters"] = compared(costs[4096], [5.0] * ROUNDS, "ms CPU to understand; the peer is 5 ms")
    return found


def repeated() -> Results:
    """The longest messages of one thing over and over: the dearest of them, cost a character, against a quarter."""
    recognise = read_content().recogniser.recognise
    costs: dict[int, list[float]] = {length: [] for length in (LENGTHS[0], LENGTHS[-1])}
    for number in range(ROUNDS):
        growth = {}
        for unit in REPEATED:
            texts = {length: (unit * length)[:length] for length in costs}
            for text in texts.values():
                recognise(text)
            growth[unit] = [_cpu(lambda text=text: recognise(text)) / length * 1e3 for length, text in texts.items()]
        worst = max(growth.values(), key=lambda cost: cost[1] / cost[0])
        for length, cost in zip(costs, worst, strict=True):
            costs[length].append(cost)
        _say("growth/repeated", number)
    unit = "ms CPU a character of the worst repeated text; the peer is 1,024 characters of it"
    return {"growth/repeated-4096": compared(costs[LENGTHS[-1]], costs[LENGTHS[0]], unit)}


def vocabularies() -> Results:
    """Finding concepts and repairing words with today's spellings and 10 and 100 times as many."""
    content = read_content()
    shipped = list(content.rulebook.spellings)
    asked = [words_of(text) for text in questions()[:600]]
    found_by: dict[int, Vocabulary] = {}
    for times in TIMES_AS_MANY:
        endless = (each for number in count(1) for each in _like(shipped, number))
        more = list(islice(endless, (times - 1) * len(shipped)))
        found_by[times] = Vocabulary([*shipped, *more])
        print(f"growth/vocabulary: {len(shipped) + len(more)} spellings", file=sys.stderr, flush=True)
        for words in asked:
            found_by[times].find(words)
    costs: dict[int, list[float]] = {times: [] for times in TIMES_AS_MANY}
    for number in range(ROUNDS):
        for times in _rotated(TIMES_AS_MANY, number):
            find = found_by[times].find
            costs[times].append(_cpu(lambda find=find: [find(words) for words in asked]) / len(asked) * 1e6)
        _say("growth/vocabulary", number)
    return {
        f"growth/vocabulary-{times}": compared(
            costs[times], costs[1], f"µs CPU a question; the peer has {len(shipped)} spellings"
        )
        for times in TIMES_AS_MANY[1:]
    }


def _like(spellings: Sequence[Spelling], number: int) -> list[Spelling]:
    """As many spellings of the same shape: every second one keeps its first word, the others begin anew.

    Each holds a word that nobody writes: what is named stays the same, only the spellings become more.
    """
    made = []
    for position, spelling in enumerate(spellings):
        words = [word for word in spelling.pattern.split() if word.isalpha() or word == "..."]
        kept = words[:1] if position % 2 and len(words) > 1 else []
        new = [
            word if word == "..." else f"{_letters(position * 1009 + number)}q{word[:3]}" for word in words[len(kept) :]
        ]
        if new and new[-1] != "..." and [*kept, *new][0] != "...":
            made.append(
                Spelling(concept=f"made-up:{position}:{number}", pattern=" ".join([*kept, *new]), place=_MADE_UP)
            )
    return made


def _letters(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 20)
        text += "bcdfghklmnprstvwzaeo"[digit]
    return text or "b"


def start() -> Results:
    """Having all content: as a start has it, kept by the one before, against the target of 0.3 s; and read afresh."""
    import subprocess
    import tempfile

    code = (
        "import sys, time; from pathlib import Path; from bot.content_cache import content_of;"
        "began = time.process_time(); content_of(cache=Path(sys.argv[1])); print(time.process_time() - began)"
    )
    kept: list[float] = []
    afresh: list[float] = []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as cache:
            for took in (afresh, kept):
                done = subprocess.run([sys.executable, "-c", code, cache], capture_output=True, text=True, check=True)
                took.append(float(done.stdout))
        _say("ask/read-content", number)
    unit = "s CPU; the peer is the target of 0.3 s"
    return {
        "ask/read-content": compared(kept, [0.3] * ROUNDS, f"{unit}; kept by an earlier start"),
        "ask/read-content-afresh": compared(afresh, [0.3] * ROUNDS, f"{unit}; reading and keeping"),
    }


def _rotated(values: Sequence[int], by: int) -> list[int]:
    by %= len(values)
    return [*values[by:], *values[:by]]


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _say(what: str, number: int) -> None:
    print(f"{what}: round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
