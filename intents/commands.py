"""Does a sentence steer reminders that exist, and how?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from intents.clock_words import duration
from intents.facts import HOURS_IN_DAY, NOON, Clock, Duration
from intents.findings import TELLING_WHEN, Findings, findings
from intents.timing import Outcome, end_of_pause, outcome
from intents.understood import AskBack, Command, CommandKind, Impossible, Question, SetReminder
from intents.when_words import Piece, folded, lexicon

FEW_WORDS: Final = 4
SEVERAL_WORDS: Final = 6
OPENINGS: Final = frozenset(
    [
        "CANCEL",
        "CANCEL_MAYBE",
        "STOP",
        "SNOOZE",
        "EDIT",
        "PAUSE",
        "RESUME",
        "LIST",
        "WHICH",
        "DONE",
        "SKIP",
        "NEGATION",
        "REMINDER",
        "MY",
    ]
)
_TIMES: Final = TELLING_WHEN - {"SOME_TIME", "FLAW"}
_VERBS: Final = OPENINGS | {
    "REMIND",
    "WHOLE",
    "SET",
    "NEXT",
    "SCHEDULED",
    "SNOOZE_PLAINLY",
    "MOVED_TO",
    "ARTICLE",
    "AGAIN",
    "UNIT",
    "NUMBER",
}


def command_in(found: Findings, *, now: datetime, zone: str, context: Sequence[str] = ()) -> Command | None:
    """Return the command that a sentence gives, or None."""
    kind = kind_of_command(found, context)
    match kind:
        case None:
            return None
        case CommandKind.SNOOZE | CommandKind.PAUSE:
            return _until_some_moment(kind, found, now, zone)
        case CommandKind.EDIT:
            return _edit(found, now, zone, context)
        case CommandKind.CANCEL | CommandKind.LIST | CommandKind.RESUME:
            return Command(kind=kind, target=target(found))
        case CommandKind.DONE | CommandKind.SKIP | CommandKind.STOP:
            return Command(kind=kind, target=target(found))


def kind_of_command(found: Findings, context: Sequence[str]) -> CommandKind | None:
    """Return what kind of command a sentence gives; None if it gives none."""
    opening = opening_of(found)
    if opening is None:
        return None
    if _is_list(found, opening):
        return CommandKind.LIST
    if _is_asked(found):
        return None
    if _snoozes_plainly(found) or (found.has("AGAIN") and found.has("REMIND") and found.offset):
        return CommandKind.SNOOZE
    if "REMIND" in opening:
        return None
    for kind, fits in _KINDS:
        if fits(found, opening, context):
            return kind
    return None


def opening_of(found: Findings) -> Piece | None:
    """Return the first piece that is not politeness."""
    polite = lexicon().edges["start"]
    for piece in found.pieces:
        known = OPENINGS & piece.readings.keys()
        asking = "ASKING_KINDLY" in piece or "WISH" in piece
        if not asking and (known - {"MY"} or ("WORD" in piece and piece.text not in polite)):
            return piece
        if (
            "WORD" not in piece
            and not asking
            and _tells(piece, _TIMES | {"DURATION", "MORE_TIME", "SOME_TIME", "REMIND", "NUMBER"})
        ):
            return piece
    return None


def target(found: Findings) -> str:
    """Return the words that name a reminder: neither the command nor times."""
    named = [piece.text for piece in found.pieces if "WORD" in piece and not _tells(piece, _VERBS)]
    edges = lexicon().edges
    return " ".join(word for word in named if folded(word) not in edges["start"] | edges["end"])


def _is_list(found: Findings, opening: Piece) -> bool:
    if _tells(opening, {"REMINDER", "MY"}) and not _tells(opening, {"WHICH", "LIST"}):
        if not found.has("REMINDER") or found.has(*_TIMES):
            return False
        words = [piece for piece in found.pieces if "WORD" in piece]
        return all(_tells(piece, {"REMINDER", "MY", "WHOLE", "SCHEDULED"}) for piece in words)
    if not _tells(opening, {"LIST", "WHICH"}):
        return False
    own = found.has("MY", "SCHEDULED", "NEXT", "WHOLE") or "LIST" in opening
    planned = found.has("SCHEDULED") and (found.has("MY", "WHOLE", "LIST") or _follows(found, opening, "SCHEDULED"))
    return (found.has("REMINDER") and own) or planned


def _is_asked(found: Findings) -> bool:
    return found.has("ASKED") and not found.has("ASKING_KINDLY")


def _is_pause(found: Findings, opening: Piece, _: Sequence[str]) -> bool:
    limited = found.has("LASTING", "UNTIL_WHEN", "UNTIL_NEXT", "UNTIL")
    ends = limited or found.has("DURATION", "UNIT")
    if _tells(opening, {"STOP", "NEGATION"}):
        return ends and found.has("REMIND", "REMINDER")
    if "CANCEL_MAYBE" in opening:
        return limited and found.has("REMINDER")
    if "SET" in opening and found.has("PAUSE"):
        return found.has("REMINDER")
    return "PAUSE" in opening and (_is_short(found) or ends or found.has("REMINDER", "WHOLE", "REMIND"))


def _is_resume(found: Findings, opening: Piece, _: Sequence[str]) -> bool:
    if found.has("AGAIN") and found.has("REMINDER") and not found.has(*_TIMES):
        return True
    return "RESUME" in opening and (_is_short(found) or found.has("REMINDER", "WHOLE", "REMIND"))


def _is_cancel(found: Findings, opening: Piece, _: Sequence[str]) -> bool:
    other = lexicon().signs["other_things"] & {piece.text for piece in found.pieces}
    if other:
        return False
    if "CANCEL" in opening:
        return True
    if _tells(opening, {"STOP", "NEGATION", "CANCEL_MAYBE"}) and found.has("REMINDER", "REMIND"):
        return True
    return "CANCEL_MAYBE" in opening and (_is_alone(found, opening) or _names_a_time(found, opening))


def _is_stop(found: Findings, opening: Piece, _: Sequence[str]) -> bool:
    return "STOP" in opening and _is_alone(found, opening) and not found.has("REMINDER", "REMIND", "EVERY_STEP")


def _snoozes_plainly(found: Findings) -> bool:
    """Whether a word is said that only puts off; "remind me again every day" does not."""
    said = [piece.text for piece in found.pieces if "SNOOZE_PLAINLY" in piece]
    return any(not (text.startswith("remind") and _comes_again(found)) for text in said)


def _comes_again(found: Findings) -> bool:
    return found.has("EVERY_STEP", "INTERVAL", "TIMES_PER")


def _is_snooze(found: Findings, opening: Piece, context: Sequence[str]) -> bool:
    if _comes_again(found) and not _snoozes_plainly(found):
        return False
    timed = found.has("OFFSET", "DURATION", "CLOCKS", "LASTING", "UNTIL_WHEN")
    if found.has("MORE_TIME"):
        return all("WORD" not in piece or _tells(piece, _VERBS) or _is_polite(piece) for piece in found.pieces)
    if _tells(opening, {"SNOOZE", "SOME_TIME"}) and context and not found.rest:
        return True
    if "EDIT" in opening and found.has("DURATION", "UNIT") and not found.has("CLOCKS", "DAY", "NAMED"):
        return _whole_follows(found, opening) or found.has("REMINDER") or bool(context)
    later = "SNOOZE" in opening or (bool(context) and found.has("SNOOZE"))
    more = bool(context) and _tells(opening, {"DURATION", "OFFSET"}) and not found.has("REMIND", "CLOCKS")
    more = more and all("WORD" not in piece or _tells(piece, _VERBS) for piece in found.pieces)
    return (later and timed and len(found.words_left) <= SEVERAL_WORDS) or more


def _is_edit(found: Findings, opening: Piece, context: Sequence[str]) -> bool:
    if "EDIT" in opening and found.has("REMINDER") and not found.has(*_TIMES, "DURATION", "UNIT"):
        return True
    timed = found.has("CLOCKS", "WINDOW", "NAMED", "DAY", "EVERY_STEP", "INTERVAL", "UNTIL_WHEN", "FLAW") or _is_moved(
        found
    )
    if "EDIT" in opening:
        return timed and (found.has("REMINDER") or _is_moved(found) or _whole_follows(found, opening) or bool(context))
    return timed and bool(context) and found.has("EDIT")


def _is_done(found: Findings, opening: Piece, _: Sequence[str]) -> bool:
    return "DONE" in opening and _is_short(found) and not found.has(*_TIMES)


def _is_skip(found: Findings, opening: Piece, _: Sequence[str]) -> bool:
    return "SKIP" in opening and (_is_alone(found, opening) or found.has("REMINDER"))


_KINDS: Final = (
    (CommandKind.PAUSE, _is_pause),
    (CommandKind.RESUME, _is_resume),
    (CommandKind.STOP, _is_stop),
    (CommandKind.CANCEL, _is_cancel),
    (CommandKind.EDIT, _is_edit),
    (CommandKind.SNOOZE, _is_snooze),
    (CommandKind.DONE, _is_done),
    (CommandKind.SKIP, _is_skip),
)


def _until_some_moment(kind: CommandKind, found: Findings, now: datetime, zone: str) -> Command:
    named = target(_without_parts_of_days(found))
    length = _said_length(found)
    if kind is CommandKind.PAUSE and _ends_with_a_day(found):
        ends = end_of_pause(found, now=now, zone=zone)
        if isinstance(ends, Question):
            return Command(kind=kind, target=named, question=ends)
        return Command(kind=kind, target=named, moment=ends)
    if length is not None and length.elapsed is not None:
        moment = now.astimezone(UTC).replace(microsecond=0) + length.elapsed
        return Command(kind=kind, target=named, moment=moment)
    reached = outcome(_without_limits(found), now=now, zone=zone)
    if isinstance(reached, SetReminder):
        return Command(kind=kind, target=named, moment=reached.schedule.after(now))
    if kind is CommandKind.PAUSE and not found.has("UNTIL", *_TIMES):
        return Command(kind=kind, target=named)
    return Command(kind=kind, target=named, question=_question(reached))


def _said_length(found: Findings) -> Duration | None:
    """Return how long a snooze or pause is to last; a bare number of a snooze means minutes."""
    for symbol in ("OFFSET", "MORE_TIME", "DURATION", "LASTING"):
        length: Duration | None = found.one(symbol)
        if length is not None:
            return length
    minutes = found.one("NUMBER")
    return Duration(minutes, "minute") if minutes and not found.has("CLOCKS") else _one_unit(found)


def _without_parts_of_days(found: Findings) -> Findings:
    """Return the findings without "morning": beside "until Monday" it names no reminder."""
    return replace(found, pieces=tuple(piece for piece in found.pieces if "DAYPART" not in piece))


def _ends_with_a_day(found: Findings) -> bool:
    """Whether a pause ends with a day rather than at a time of day: "until Monday", "for today"."""
    until = found.until
    said = len(found.days) == 1 or found.has("UNTIL_NEXT") or (until is not None and until.day is not None)
    return said and not found.clocks


def _one_unit(found: Findings) -> Duration | None:
    """Return the length that a unit alone says: "for a week", "на час"."""
    unit = found.one("UNIT")
    return duration(1, unit) if unit else None


def _without_limits(found: Findings) -> Findings:
    """Return the findings with "until Monday" read as "on Monday": a pause ends then."""
    return replace(found, pieces=tuple(_unlimited(piece) for piece in found.pieces))


def _unlimited(piece: Piece) -> Piece:
    number = piece.readings.get("NUMBER")
    if isinstance(number, int) and number < HOURS_IN_DAY:
        return replace(piece, readings={"CLOCKS": (Clock(number, bare=1 <= number <= NOON),)})
    if "UNTIL_WHEN" not in piece:
        return piece
    until = piece.readings["UNTIL_WHEN"]
    readings = {"CLOCKS": (until.clock,)} if until.clock else {"DAY": until.day}
    return replace(piece, readings=readings)


def _edit(found: Findings, now: datetime, zone: str, context: Sequence[str]) -> Command:
    new, old = _new_times(found)
    reached = outcome(new, now=now, zone=zone)
    for text in (old.text if old else "", *reversed(context)):
        before = findings(text)
        if before.has(*_TIMES) and not _is_whole(new):
            reached = outcome(_combined(before, new), now=now, zone=zone)
            break
    named = target(old or found)
    if isinstance(reached, SetReminder):
        return Command(kind=CommandKind.EDIT, target=named, schedule=reached.schedule)
    return Command(kind=CommandKind.EDIT, target=named, question=_question(reached))


def _new_times(found: Findings) -> tuple[Findings, Findings | None]:
    """Return what is said after "to", and what is said before it; without "to" everything is new."""
    window = next((place for place, piece in enumerate(found.pieces) if "WINDOW" in piece), None)
    if window is not None and not found.interval:
        clock = found.pieces[window].readings["WINDOW"].end
        piece = replace(found.pieces[window], readings={"CLOCKS": (clock,)})
        return replace(found, pieces=(piece, *found.pieces[window + 1 :])), None
    place = _move_place(found)
    if place is None:
        return _without_limits(found), None
    end = found.pieces[place].start
    return _without_limits(replace(found, pieces=found.pieces[place:])), findings(found.text[:end])


def _move_place(found: Findings) -> int | None:
    """Return where the new time begins: the last "to" or "until" with a time after it."""
    for place in range(len(found.pieces) - 1, 0, -1):
        piece = found.pieces[place]
        follows = place + 1 < len(found.pieces) and _tells(found.pieces[place + 1], _TIMES | {"NUMBER"})
        if "UNTIL_WHEN" in piece or ("MOVED_TO" in piece and follows):
            return place
    return None


def _combined(before: Findings, new: Findings) -> Findings:
    """Return the old days with the new times of day, or the old times with the new days."""
    replaced = {"CLOCKS", "WINDOW", "INTERVAL", "STARTING"} if new.clocks or new.window else set()
    if new.days or new.step or new.interval:
        replaced |= {"DAY", "NAMED", "EVERY_STEP", "DATED_WEEKDAY", "INTERVAL", "OFFSET"}
    kept = tuple(piece for piece in before.pieces if not _tells(piece, replaced))
    return replace(new, pieces=(*kept, *new.pieces))


def _is_whole(found: Findings) -> bool:
    """Whether a time and a day, or an interval, are both said."""
    return bool(found.clocks and (found.days or found.step)) or found.interval is not None


def _is_moved(found: Findings) -> bool:
    return _move_place(found) is not None or (found.window is not None and not found.interval)


def _question(reached: Outcome) -> Question:
    match reached:
        case AskBack(question=question):
            return question
        case Impossible() | SetReminder():
            return Question.WHEN


def _is_short(found: Findings) -> bool:
    return sum("WORD" in piece for piece in found.pieces) <= FEW_WORDS


def _is_alone(found: Findings, opening: Piece) -> bool:
    """Whether nothing but "it", "all", "today" stands beside the verb."""
    return all(
        piece is opening or "WORD" not in piece or _tells(piece, _VERBS) or piece.text in lexicon().edges["start"]
        for piece in found.pieces
    ) and not found.has("CLOCKS", "OFFSET", "INTERVAL")


def _names_a_time(found: Findings, opening: Piece) -> bool:
    """Whether a time follows the verb: "remove the 19:00 one", unlike "remove the mask at 19:00"."""
    after = [piece for piece in found.pieces if piece.start > opening.start and "ARTICLE" not in piece]
    return bool(after) and _tells(after[0], _TIMES) and not after[0].text.startswith(("at ", "в ", "in "))


def _whole_follows(found: Findings, opening: Piece) -> bool:
    return _follows(found, opening, "WHOLE")


def _follows(found: Findings, opening: Piece, symbol: str) -> bool:
    after = [piece for piece in found.pieces if piece.start > opening.start]
    return bool(after) and symbol in after[0]


def _is_polite(piece: Piece) -> bool:
    edges = lexicon().edges
    return piece.text in edges["start"] or piece.text in edges["end"]


def _tells(piece: Piece, symbols: frozenset[str] | set[str]) -> bool:
    return any(symbol in piece for symbol in symbols)
