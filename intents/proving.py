"""Do the rule files keep what their examples promise?

Every `asked` sentence must make its condition active, every `not_asked` must not; the same for red flags. The answer
says what was read instead, and what would mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corpus.yaml_source import Problems
from intents.reading import Mention, Reader, Reading
from intents.red_flags import RedFlags
from intents.rule import Condition, Example, Gap
from intents.rulebook import Rulebook, examples


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One sentence and what its file says of it; `broken` tells why it does not hold, None when it does."""

    example: Example
    broken: Callable[[], str | None]


def promises(rulebook: Rulebook, reader: Reader, red_flags: RedFlags) -> list[Promise]:
    """All examples of conditions, gaps and red flags, in the order of the files."""
    entries: list[Condition | Gap] = [*rulebook.conditions.values(), *rulebook.gaps.values()]
    found = [
        Promise(example=example, broken=_of_entry(entry, example, reader, rulebook, wanted=wanted))
        for entry, example, wanted in examples(entries)
    ]
    for flag in red_flags.flags:
        found += [Promise(example=example, broken=_raises(example, red_flags, reader)) for example in flag.asked]
        found += [Promise(example=example, broken=_is_calm(example, red_flags, reader)) for example in flag.not_asked]
    found += [Promise(example=example, broken=_is_calm(example, red_flags, reader)) for example in red_flags.not_asked]
    return found


def note_broken(
    made: Sequence[Promise], problems: Problems, *, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> None:
    """Try every example and note those that do not hold; `progress` hears how many of how many are done."""
    for number, promise in enumerate(made, 1):
        reason = promise.broken()
        if reason is not None:
            problems.add(promise.example.place, reason)
        progress(number, len(made))


def _of_entry(
    entry: Condition | Gap, example: Example, reader: Reader, rulebook: Rulebook, *, wanted: bool
) -> Callable[[], str | None]:
    def broken() -> str | None:
        reading = reader.read(example.text)
        mentions = [mention for mention in _mentions(entry, reading) if mention.name in {entry.name, *standins}]
        active = [mention for mention in mentions if mention.counts and _speaks(entry, reading)]
        if wanted and not active:
            return f"'asked' should make {entry.name} active: {_why_not(mentions, reading)}"
        if active and not wanted:
            words = _quoted(active[0], reading)
            return (
                f"'not_asked' makes {entry.name} active by {words} ({active[0].polarity.value}); "
                "add a look-alike under 'not:', narrow the spelling, or mend the cue in intents/cues.yaml"
            )
        return None

    standins = [name for name, other in rulebook.conditions.items() if wanted and other.counts_as == entry.name]
    return broken


def _speaks(entry: Condition | Gap, reading: Reading) -> bool:
    """Whether it can decide here: a technique does so only when it is asked whether, by whom or how hard."""
    return isinstance(entry, Gap) or entry.kind != "technique" or not reading.asks.isdisjoint({"permission", "bare"})


def _mentions(entry: Condition | Gap, reading: Reading) -> Iterable[Mention]:
    return reading.conditions if isinstance(entry, Condition) else reading.gaps


def _why_not(mentions: Sequence[Mention], reading: Reading) -> str:
    if mentions:
        return f"{_quoted(mentions[0], reading)} is read as {mentions[0].polarity.value}; see intents/cues.yaml"
    others = sorted({mention.name for mention in reading.conditions})
    instead = f" (found instead: {', '.join(others)})" if others else ""
    return f"no spelling names it{instead}; add one under 'aliases:'"


def _quoted(mention: Mention, reading: Reading) -> str:
    first, last = reading.words[mention.words[0]], reading.words[mention.words[-1]]
    return f"'{reading.text[first.start : last.end]}'"


def _raises(example: Example, red_flags: RedFlags, reader: Reader) -> Callable[[], str | None]:
    def broken() -> str | None:
        if red_flags.find(reader.read(example.text)) is not None:
            return None
        return "'asked' should raise a red flag and does not; add a spelling under 'signs:', or mend intents/cues.yaml"

    return broken


def _is_calm(example: Example, red_flags: RedFlags, reader: Reader) -> Callable[[], str | None]:
    def broken() -> str | None:
        raised = red_flags.find(reader.read(example.text))
        if raised is None:
            return None
        return f"'not_asked' raises the red flag {raised.id}; add a spelling under 'look_alikes:', or narrow its signs"

    return broken
