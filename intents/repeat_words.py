"""How do people say how often, from when and for how long?"""

from typing import Final

from intents.clock_words import NOT_AN_HOUR, duration
from intents.date_words import WEEKEND
from intents.days import MOST_DAYS_IN_MONTH
from intents.facts import (
    HOURS_IN_DAY,
    NOON,
    Clock,
    DayNumbers,
    Duration,
    EndOf,
    Every,
    Flaw,
    Named,
    Reason,
    Starting,
    TimesPer,
    Until,
)
from intents.phrases import Built, Found, Level, level

CLOCK_UNITS: Final = ("second", "minute", "hour")
OTHER: Final = 2
MONTHS_IN_HALF_YEAR: Final = 6
_EVERY_TOO: Final = frozenset(["по"])
"""Says "until and including", and "on every" as well."""
_WHOLE_UNITS: Final = frozenset(["неделю", "недельку", "месяц"])
_WHOLE: Final = frozenset(["through", "thru", "по", "включительно до"])


def _zero(said: str) -> Built:
    return "FLAW", Flaw(Reason.ZERO, said)


def _said(found: Found) -> str:
    return " ".join(piece.text for piece in found.pieces)


def _every(length: Duration, said: str) -> Built:
    """Return the interval or the step in days, weeks, months, years that this length repeats."""
    if length.amount <= 0:
        return _zero(said)
    if length.unit in CLOCK_UNITS:
        return "INTERVAL", length.elapsed
    if length.amount != int(length.amount):
        return None
    return "EVERY_STEP", Every(int(length.amount), length.unit)


def _every_length(found: Found) -> Built:
    return _every(found.one("DURATION"), _said(found))


def _every_unit(found: Found) -> Built:
    return _every(duration(found.one("ORDINAL", OTHER if "OTHER" in found else 1), found.one("UNIT")), _said(found))


def _every_part(found: Found) -> Built:
    number = OTHER if "OTHER" in found else found.one("ORDINAL", 1)
    return "EVERY_STEP", Every(number, "day", found.one("DAYPART"))


def _parts(found: Found) -> Built:
    return "EVERY_STEP", Every(1, "day", found.one("DAYPARTS"))


def _hourly(found: Found) -> Built:
    return _every(duration(found.one("NUMBER", 1), "hour"), _said(found))


def _once_in(found: Found) -> Built:
    if found.one("ADVERB_TIMES", found.one("NUMBER", 1)) != 1:
        return None
    return _every(found.one("DURATION") or duration(1, found.one("UNIT")), _said(found))


def _times_per(found: Found) -> Built:
    number = found.one("ADVERB_TIMES", found.one("NUMBER", 1))
    if number != int(number):
        return None
    if number <= 0:
        return _zero(_said(found))
    unit = found.one("UNIT")
    return _every(duration(1, unit), "") if number == 1 else ("TIMES_PER", TimesPer(int(number), unit))


def _times_daily(found: Found) -> Built:
    return "TIMES_PER", TimesPer(int(found.one("ADVERB_TIMES", found.one("NUMBER"))), "day")


def _count(found: Found) -> Built:
    number = found.one("NUMBER")
    if number <= 0:
        return _zero(_said(found))
    return ("COUNT", int(number)) if number == int(number) else None


def _lasting(found: Found) -> Built:
    length: Duration = found.one("DURATION") or duration(1, found.one("UNIT"))
    if length.amount <= 0:
        return _zero(_said(found))
    return "LASTING", length


def _bare_length(found: Found) -> Built:
    """Return the length that a Russian accusative says alone: "неделю"; after a word it is something else."""
    return _lasting(found) if found.pieces[0].text in _WHOLE_UNITS else None


def _parts_running(found: Found) -> Built:
    number = found.one("NUMBER")
    if number <= 0:
        return _zero(_said(found))
    part = found.one("DAYPARTS", found.one("DAYPART"))
    return "PARTS_RUNNING", (Duration(int(number), "day"), part)


def _offset(found: Found) -> Built:
    length: Duration = found.one("DURATION") or duration(1, found.one("UNIT"))
    return _zero(_said(found)) if length.amount <= 0 else ("OFFSET", length)


def _about(found: Found) -> Built:
    """Return the length for the Russian "some ten minutes", said with the unit first."""
    length = duration(found.one("NUMBER"), found.one("UNIT"))
    return _zero(_said(found)) if length.amount <= 0 else ("OFFSET", length)


def _until_day(found: Found) -> Built:
    day = found.one("DAY", found.one("NAMED"))
    until = found.pieces[0].text
    weekend = isinstance(day, Named) and day.weekdays == WEEKEND and until not in _EVERY_TOO
    if isinstance(day, Named) and day.repeated and not weekend:
        return None
    return "UNTIL_WHEN", Until(day=day, whole=until in _WHOLE)


def _until_day_number(found: Found) -> Built:
    """Return the day for "until the 8th" in digits; a spelled ordinal may count anything."""
    number = found.one("ORDINAL")
    if not found.pieces[-1].text[0].isdigit():
        return None
    if not 1 <= number <= MOST_DAYS_IN_MONTH:
        return "FLAW", Flaw(Reason.NO_SUCH_DATE, _said(found))
    return "UNTIL_WHEN", Until(day=DayNumbers((number,)), whole=found.pieces[0].text in _WHOLE)


def _starting_day_number(found: Found) -> Built:
    until = _until_day_number(found)
    return ("STARTING", Starting(day=until[1].day)) if until and until[0] == "UNTIL_WHEN" else until


def _rest_of(found: Found) -> Built:
    unit = found.one("UNIT")
    return ("UNTIL_WHEN", Until(day=EndOf(unit), whole=True)) if unit in {"week", "month", "year"} else None


def _until_clock(found: Found) -> Built:
    clocks = found.one("CLOCKS")
    return ("UNTIL_WHEN", Until(clock=clocks[0])) if len(clocks) == 1 else None


def _until_hour(found: Found) -> Built:
    hour = found.one("NUMBER")
    fits = hour == int(hour) and 0 <= hour < HOURS_IN_DAY
    return ("UNTIL_WHEN", Until(clock=Clock(int(hour), bare=1 <= hour <= NOON))) if fits else None


def _starting(found: Found) -> Built:
    return "STARTING", Starting(found.one("DAY", found.one("NAMED")), found.one("CLOCKS", ()))


def _starting_stamp(found: Found) -> Built:
    return "STARTING", Starting(stamp=found.one("STAMP"))


def _lead(found: Found) -> Built:
    return "LEAD", found.one("DURATION") or duration(1, found.one("UNIT"))


HOW_OFTEN: Final[Level] = level(
    ("EVERY DURATION", _every_length),
    ("EVERY UNIT", _every_unit),
    ("EVERY OTHER UNIT", _every_unit),
    ("EVERY ORDINAL UNIT", _every_unit),
    ("EVERY OTHER|ORDINAL? DAYPART", _every_part),
    ("EVERY_OTHER_DAY", lambda _: ("EVERY_STEP", Every(OTHER, "day"))),
    ("DAILY", lambda _: ("EVERY_STEP", Every(1, "day"))),
    ("DAILY DAYPART", _every_part),
    ("ON? DAYPARTS", _parts),
    ("NUMBER? DASH? HOURLY", _hourly),
    ("BIWEEKLY", lambda _: ("UNCLEAR_STEP", None)),
    ("FORTNIGHTLY", lambda _: ("EVERY_STEP", Every(OTHER, "week"))),
    ("WEEKLY", lambda _: ("EVERY_STEP", Every(1, "week"))),
    ("MONTHLY", lambda _: ("EVERY_STEP", Every(1, "month"))),
    ("EVERY QUARTER !UNIT", lambda _: ("EVERY_STEP", Every(3, "month"))),
    ("QUARTERLY", lambda _: ("EVERY_STEP", Every(3, "month"))),
    ("HALF_YEARLY", lambda _: ("EVERY_STEP", Every(MONTHS_IN_HALF_YEAR, "month"))),
    ("YEARLY", lambda _: ("EVERY_STEP", Every(1, "year"))),
    ("NUMBER? TIMES AT|IN|ON DURATION|UNIT", _once_in),
    ("ADVERB_TIMES AT|IN|ON|EVERY DURATION|UNIT", _once_in),
    ("NUMBER TIMES EVERY DURATION", _once_in),
    ("ADVERB_TIMES|NUMBER TIMES PER|EVERY|AT UNIT", _times_per),
    ("<!DASH|THROUGH ADVERB_TIMES|NUMBER PER|EVERY|AT UNIT", _times_per),
    ("ADVERB_TIMES UNIT", _times_per),
    ("NUMBER TIMES UNIT", _times_per),
    ("ADVERB_TIMES DAILY", _times_daily),
    ("NUMBER TIMES DAILY", _times_daily),
    ("NUMBER TIMES_A_DAY", _times_daily),
    ("NUMBER DAYPARTS RUNNING?", _parts_running),
    ("NUMBER DAYPART RUNNING", _parts_running),
    ("NUMBER RUNNING? >SESSION", _count),
)

FROM_AND_UNTIL: Final[Level] = level(
    ("UNTIL DAY|NAMED", _until_day),
    ("UNTIL ORDINAL !UNIT|NAMED|SESSION", _until_day_number),
    ("UNTIL NEXT UNIT", lambda found: ("UNTIL_NEXT", found.one("UNIT"))),
    ("UNTIL CLOCKS", _until_clock),
    (f"UNTIL NUMBER {NOT_AN_HOUR}", _until_hour),
    ("START ON? DAY|NAMED COMMA? AT? CLOCKS?", _starting),
    ("START ON? ORDINAL !UNIT|NAMED|SESSION|MONTH", _starting_day_number),
    ("FOR? REST_OF UNIT", _rest_of),
    ("ON? THIS UNIT", _rest_of),
    ("START ON? STAMP", _starting_stamp),
    ("START AT? CLOCKS", _starting),
    ("START AT? CLOCKS ON? DAY|NAMED", _starting),
    ("IN DURATION|UNIT", _offset),
    ("UNIT IN NUMBER", _about),
    ("IN UNIT NUMBER !UNIT|SESSION", _about),
    ("AFTER CLOCKS", lambda _: ("SOME_TIME", "after a time")),
    ("IN? DURATION|UNIT AFTER", lambda _: ("SOME_TIME", "after something")),
    ("AFTER DURATION|UNIT", _offset),
    ("DURATION|UNIT LATER", _offset),
    ("DURATION|UNIT FROM|START NOW", _offset),
    ("DURATION|UNIT BEFORE", _lead),
    ("FOR DURATION|UNIT BEFORE|DAYPART", _lead),
    ("FOR? NEXT DURATION", _lasting),
    ("FOR DURATION", _lasting),
    ("FOR UNIT", _lasting),
    ("FOR? DURATION RUNNING", _lasting),
    ("IN_ALL? NUMBER TIMES IN_ALL?", _count),
    ("ENDING AFTER NUMBER TIMES|SESSION", _count),
    (f"<!TO ENDING AFTER NUMBER {NOT_AN_HOUR}", _count),
    ("<!TO ENDING AFTER|IN DURATION|UNIT", _lasting),
    ("AND ENDING AFTER|IN DURATION|UNIT", _lasting),
    ("<!TO ENDING ON? DAY", _until_day),
    ("AND ENDING ON? DAY", _until_day),
    ("<!WORD|EVERY|ON|AT|IN|FOR|NEXT|THIS|OTHER|ORDINAL|NUMBER|UNIT UNIT", _bare_length),
)

NEXT_UNIT: Final[Level] = level(
    ("ON? NEXT UNIT", lambda found: ("SOME_TIME", f"next {found.one('UNIT')}")),
    ("IN MONTH", lambda _: ("SOME_TIME", "some day of a month")),
    ("VAGUE", lambda _: ("SOME_TIME", "vague")),
)
