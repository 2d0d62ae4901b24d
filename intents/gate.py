"""Does a message set or steer a reminder at all?

Every message passes here, so a question taken for a reminder is as bad as a reminder missed. Questions and
stories are let through unless they plainly ask to be reminded.
"""

from collections.abc import Sequence
from typing import Final

from intents.commands import kind_of_command
from intents.findings import Findings
from intents.when_words import Piece, folded, lexicon

MOST_WORDS_WITHOUT_ASKING: Final = 12
MOST_WORDS_BESIDE_A_DAY: Final = 4
INFINITIVES: Final = ("ть", "ться", "ти", "чь", "тись")


def is_about_reminders(found: Findings, context: Sequence[str]) -> bool:
    """Whether the message sets a reminder or steers one."""
    if kind_of_command(found, context) is not None:
        return True
    if found.has("REMIND"):
        return _asks_to_be_reminded(found)
    if _is_question(found):
        return _wants_a_reminder(found) and found.has("ASKING_KINDLY")
    if _wants_a_reminder(found):
        return True
    return _states_a_reminder(found)


def _asks_to_be_reminded(found: Findings) -> bool:
    place = next(n for n, piece in enumerate(found.pieces) if "REMIND" in piece)
    if _opens_with_a_question(found) and not found.has("ASKING_KINDLY"):
        return False
    if _tells_when(found):
        return True
    return not _asks_for_a_fact(found.pieces[place + 1 :])


def _asks_for_a_fact(after: Sequence[Piece]) -> bool:
    """Whether "remind me" wants to be told something: "remind me what the article says"."""
    signs = lexicon().signs
    words = [piece for piece in after if "WORD" in piece or "ARTICLE" in piece]
    words = [piece for piece in words if piece.text not in {"me", "us", "мне", "нам", "пожалуйста", "please"}]
    if not words:
        return False
    first, rest = words[0].text, " ".join(piece.text for piece in words[:3])
    if first in signs["recall"]:
        return not any(sign in rest for sign in signs["resolve"])
    russian = "а" <= first[0] <= "я"
    return russian and first not in lexicon().edges["start"] and not first.endswith(INFINITIVES)


def _wants_a_reminder(found: Findings) -> bool:
    """Whether a reminder is named and wanted: "set a reminder", "reminder at 8 for pills"."""
    place = next((n for n, piece in enumerate(found.pieces) if "REMINDER" in piece), None)
    if place is None:
        return False
    polite = lexicon().edges["start"]
    before = [piece for piece in found.pieces[:place] if "WORD" in piece]
    wanted = any(symbol in piece for piece in before for symbol in ("SET", "WISH", "ASKING_KINDLY"))
    opens = all(piece.text in polite or "SET" in piece or "WISH" in piece for piece in before)
    return (opens and (wanted or _tells_when(found))) or (wanted and _tells_when(found))


def _states_a_reminder(found: Findings) -> bool:
    """Whether a plain statement of a time and a thing to do can only be meant as a reminder."""
    if len(found.words_left) > MOST_WORDS_WITHOUT_ASKING or _is_story(found):
        return False
    return _has_a_firm_time(found) or _has_a_day_at_an_edge(found) or _opens_with_every(found)


def _is_question(found: Findings) -> bool:
    asked = lexicon().signs["question_anywhere"]
    text = f" {folded(found.text)} "
    return found.has("ASKED") or _opens_with_a_question(found) or any(f" {sign} " in text for sign in asked)


def _opens_with_a_question(found: Findings) -> bool:
    skipped = {
        "hi",
        "hello",
        "hey",
        "please",
        "so",
        "and",
        "but",
        "ok",
        "okay",
        "а",
        "и",
        "но",
        "ну",
        "привет",
        "скажи",
    }
    words = [word for piece in found.pieces for word in folded(piece.text).split() if word[:1].isalpha()]
    first = next((word for word in words if word not in skipped), "")
    return first in lexicon().signs["question_start"]


def _is_story(found: Findings) -> bool:
    signs = lexicon().signs
    words = set(found.words_left) | {piece.text for piece in found.pieces if "WORD" in piece}
    if words & signs["story"]:
        return True
    return bool(words & signs["storyteller"]) and not found.has("WISH", "FORGET")


def _tells_when(found: Findings) -> bool:
    return found.has(
        "CLOCKS",
        "WINDOW",
        "OFFSET",
        "INTERVAL",
        "STAMP",
        "FLAW",
        "EVERY_STEP",
        "TIMES_PER",
        "DAY",
        "NAMED",
        "SOME_TIME",
        "DAYPART",
    )


def _has_a_firm_time(found: Findings) -> bool:
    if found.has("CLOCKS", "WINDOW", "STAMP", "FLAW"):
        return True
    if found.starting and (found.starting.clocks or found.starting.stamp):
        return True
    if found.has("INTERVAL", "EITHER_TIME") or (found.step and not found.words_left):
        return True
    return found.has("OFFSET") and any("OFFSET" in piece for piece in _edges(found))


def _has_a_day_at_an_edge(found: Findings) -> bool:
    # "Tomorrow's news" names a thing; it does not say when.
    days = [piece for piece in _edges(found) if "DAY" in piece or "NAMED" in piece]
    at_edge = any(not folded(piece.text).endswith("'s") for piece in days)
    return at_edge and 0 < len(found.words_left) <= MOST_WORDS_BESIDE_A_DAY


def _opens_with_every(found: Findings) -> bool:
    """Whether it begins with "every morning" and goes on with a thing to do: "every morning drink water"."""
    opening = found.pieces[0].text if found.pieces and "EVERY_STEP" in found.pieces[0] else ""
    asked_about = any(word.startswith(("massag", "массаж", "самомассаж")) for word in found.words_left)
    return opening.startswith(("every ", "each ", "кажд")) and not asked_about


def _edges(found: Findings) -> list[Piece]:
    """Return the first and the last piece that is not a small word or a mark."""
    polite = lexicon().edges["start"]
    said = [piece for piece in found.pieces if piece.text not in polite and any(map(str.isalnum, piece.text))]
    return [said[0], said[-1]] if said else []
