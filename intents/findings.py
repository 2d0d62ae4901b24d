"""What does a sentence say about time, and which of its words are left?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from intents import clock_words, date_words, repeat_words
from intents.facts import (
    Clock,
    Day,
    DayNumbers,
    Duration,
    Every,
    Flaw,
    Named,
    OnDate,
    Part,
    Starting,
    TimesPer,
    Until,
    Window,
)
from intents.phrases import applied
from intents.when_words import Piece, folded, lexicon, pieces_of

LONGEST_TEXT: Final = 500

LEVELS: Final = (
    clock_words.NUMBERS,
    clock_words.TIMES_OF_DAY,
    clock_words.WINDOWS,
    clock_words.LISTS_OF_TIMES,
    date_words.DATES,
    date_words.WEEKDAYS,
    date_words.LISTS_OF_WEEKDAYS,
    clock_words.LENGTHS,
    clock_words.SUMS_OF_LENGTHS,
    date_words.DAYS,
    date_words.DAYS_TOGETHER,
    repeat_words.HOW_OFTEN,
    clock_words.HOURS,
    repeat_words.FROM_AND_UNTIL,
    repeat_words.NEXT_UNIT,
)

TELLING_WHEN: Final = frozenset(
    [
        "FLAW",
        "CLOCKS",
        "WINDOW",
        "DAY",
        "NAMED",
        "DATED_WEEKDAY",
        "INTERVAL",
        "EVERY_STEP",
        "TIMES_PER",
        "UNTIL_WHEN",
        "UNTIL_NEXT",
        "STARTING",
        "OFFSET",
        "LEAD",
        "SOME_TIME",
        "EITHER_TIME",
        "PARTS_RUNNING",
        "STAMP",
        "DAYPART",
        "UNCLEAR_STEP",
        "LASTING",
    ]
)
ASKING: Final = frozenset(["REMIND", "REMINDER", "SET", "ASKING_KINDLY", "WISH", "FORGET", "APPROXIMATELY"])
CLOCK_UNITS: Final = ("second", "minute", "hour")
_EDGE_MARKS: Final = " \t\r\n,;:.!?-–—…()[]'\"«»“”*•"
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a sentence says about time. Lists hold what was said more than once."""

    text: str
    pieces: Sequence[Piece]

    def all(self, symbol: str) -> list[Any]:
        """Return every finding of one kind, in order."""
        return [piece.readings[symbol] for piece in self.pieces if symbol in piece]

    def one(self, symbol: str) -> Any:
        """Return the first finding of one kind, or None."""
        return next(iter(self.all(symbol)), None)

    def has(self, *symbols: str) -> bool:
        """Whether any of the symbols was found."""
        return any(symbol in piece for piece in self.pieces for symbol in symbols)

    @property
    def flaw(self) -> Flaw | None:
        """The first impossible thing that was said."""
        flaw: Flaw | None = self.one("FLAW")
        return flaw

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """All times of day, in order."""
        return tuple(clock for clocks in self.all("CLOCKS") for clock in clocks)

    @property
    def days(self) -> list[Day]:
        """All single days and weekdays, in order."""
        return [piece.readings.get("DAY") or piece.readings["NAMED"] for piece in self.pieces if _is_day(piece)]

    @property
    def dated_weekday(self) -> tuple[OnDate | DayNumbers, int] | None:
        """A date with its weekday."""
        dated: tuple[OnDate | DayNumbers, int] | None = self.one("DATED_WEEKDAY")
        return dated

    @property
    def step(self) -> Every | None:
        """Every so many days, weeks, months, years."""
        step: Every | None = self.one("EVERY_STEP")
        return step

    @property
    def interval(self) -> timedelta | None:
        """Every so much elapsed time."""
        interval: timedelta | None = self.one("INTERVAL")
        return interval

    @property
    def window(self) -> Window | None:
        """From one time of day to another."""
        window: Window | None = self.one("WINDOW")
        return self.one("HOURS") if window is None and self.interval is not None else window

    @property
    def times_per(self) -> TimesPer | None:
        """So many times a day or week."""
        times: TimesPer | None = self.one("TIMES_PER")
        return times

    @property
    def starting(self) -> Starting | None:
        """Not before then."""
        starting: Starting | None = self.one("STARTING")
        return starting

    @property
    def until(self) -> Until | None:
        """Not after then."""
        until: Until | None = self.one("UNTIL_WHEN")
        if until is None and self.starting and self.starting.until:
            return Until(day=self.starting.until)
        return until

    @property
    def offset(self) -> Duration | None:
        """So long from now."""
        offset: Duration | None = self.one("OFFSET")
        return offset

    @property
    def count(self) -> int | None:
        """So many times in all."""
        named = [day.count for day in self.days if isinstance(day, Named) and day.count is not None]
        return self.one("COUNT") or next(iter(named), None)

    @property
    def lasting(self) -> Duration | None:
        """For so long. Minutes are the length of what is done, unless something repeats within them."""
        running = self.one("PARTS_RUNNING")
        if running:
            return running[0]  # type: ignore[no-any-return]
        lengths: list[Duration] = self.all("LASTING")
        if self.step or self.clocks or self.interval or self.window:
            lengths += [length for length in self.all("DURATION") if length.unit not in CLOCK_UNITS]
        return next((each for each in lengths if self._is_limit(each)), None)

    def _is_limit(self, length: Duration) -> bool:
        if length.unit not in CLOCK_UNITS:
            return True
        return self.interval is not None and length.elapsed is not None and length.elapsed >= self.interval

    @property
    def parts(self) -> set[Part]:
        """Every part of the day that was named."""
        running = [part for _, part in self.all("PARTS_RUNNING")]
        of_step = [step.part for step in self.all("EVERY_STEP")]
        of_day = [getattr(day, "part", None) for day in self.all("DAY")]
        return {part for part in (*self.all("DAYPART"), *running, *of_step, *of_day) if part}

    @property
    def rest(self) -> str:
        """What is to be done: the person's words without those that ask and those that tell when."""
        quoted = [piece.text[1:-1].strip() for piece in self.pieces if "QUOTED" in piece]
        if quoted:
            return quoted[0]
        return " ".join(filter(None, self._stretches()))

    @property
    def words_left(self) -> list[str]:
        """The words of `rest`, folded."""
        return [folded(word) for word in _WORD.findall(self.rest)]

    def _stretches(self) -> Iterable[str]:
        """Yield the stretches of text between the pieces that tell when or ask."""
        start = end = None
        for piece in self.pieces:
            if self._is_consumed(piece):
                if start is not None:
                    yield _trimmed(self.text[start:end], lexicon().edges["before_a_time"])
                start = None
            else:
                start = piece.start if start is None else start
                end = piece.end
        if start is not None:
            yield _trimmed(self.text[start:end], lexicon().edges["end"])

    def _is_consumed(self, piece: Piece) -> bool:
        if "HOURS" in piece:
            return self.interval is not None
        if "LASTING" in piece or "DURATION" in piece:
            return self.lasting is not None and self.lasting in (
                piece.readings.get("LASTING"),
                piece.readings.get("DURATION"),
            )
        return (
            any(symbol in piece for symbol in TELLING_WHEN | {"REMIND", "FORGET", "ASKING_KINDLY"})
            or ("COUNT" in piece)
            or (("REMINDER" in piece or ("SET" in piece and self.has("REMINDER"))) and self._is_opening(piece))
        )

    def _is_opening(self, piece: Piece) -> bool:
        """Whether only asking words stand before it: "set a reminder" asks, "the alarm clock" does not."""
        before = self.pieces[: self.pieces.index(piece)]
        return all(_asks(each) or any(symbol in each for symbol in TELLING_WHEN) for each in before)


def _asks(piece: Piece) -> bool:
    edge = piece.text in lexicon().edges["start"]
    return edge or "WORD" not in piece or any(symbol in piece for symbol in ASKING)


@lru_cache(maxsize=256)
def findings(text: str) -> Findings:
    """Return what the first `LONGEST_TEXT` characters of a message say about time."""
    text = text[:LONGEST_TEXT]
    return Findings(text, tuple(applied(LEVELS, pieces_of(text))))


def _is_day(piece: Piece) -> bool:
    return "DAY" in piece or "NAMED" in piece


def _trimmed(stretch: str, endings: frozenset[str]) -> str:
    """Return the stretch without marks and small words at its edges: `endings` are those that end it."""
    words = [word for word in stretch.split() if any(map(str.isalnum, word))]
    openings = lexicon().edges["start"]
    while words and folded(words[0].strip(_EDGE_MARKS)) in openings:
        words.pop(0)
    while words and folded(words[-1].strip(_EDGE_MARKS)) in endings:
        words.pop()
    return " ".join(words).strip(_EDGE_MARKS)
