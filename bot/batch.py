"""How is a batch of questions answered: one JSON object a line in, one a line out (CONTRACTS: `ask --jsonl`)?

No network, no database, no clock but each line's own `now`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import orjson

from bot.answer import Answer, Answerer, Ranked
from bot.render import plain
from corpus.passage import Citation, Lines, merge_lines
from intents.decide import Verdict
from intents.recognise import When
from intents.reminder_answer import reminder_json
from intents.request import Remind
from intents.rule import Conflict


def ask_jsonl(lines: Iterable[str], out: TextIO, answerer: Answerer) -> bool:
    """Answer every line, in order, flushing each; a bad line gives an error and the batch goes on.

    Returns whether all lines could be read.
    """
    all_read = True
    for line in lines:
        if not line.strip():
            continue
        given: Any = None
        try:
            given = orjson.loads(line)
            answered = _answered(given, answerer)
        except (ValueError, TypeError, KeyError) as error:
            all_read = False
            answered = {"id": given.get("id") if isinstance(given, dict) else None, "error": str(error)}
        out.write(orjson.dumps(answered).decode() + "\n")
        out.flush()
    return all_read


def _answered(given: Any, answerer: Answerer) -> dict[str, Any]:
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise TypeError("expected an object with 'id' and 'text' (a string)")
    when = _when(given)
    earlier = turns(given.get("context"), with_bot=True)
    answer = answerer.answer(
        given["text"],
        before=answerer.topic(turns(given.get("context"))),
        language=_language(given.get("lang")),
        when=when,
        turns=earlier,
    )
    return {"id": given.get("id"), **as_json(answer, when)}


def _when(given: Mapping[str, Any]) -> When | None:
    """The line's own moment and zone: without `now`, reminders are not understood."""
    if given.get("now") is None:
        return None
    now = datetime.fromisoformat(str(given["now"]))
    zone = str(given.get("tz") or "UTC")
    return When(now=now if now.tzinfo else now.replace(tzinfo=ZoneInfo(zone)), zone=zone)


def turns(context: object, *, with_bot: bool = False) -> list[str]:
    """The person's earlier turns, oldest first; a string is one turn of theirs; `with_bot` adds the bot's own turns."""
    if context is None:
        return []
    if isinstance(context, str):
        return [context]
    if not isinstance(context, Sequence):
        raise TypeError("'context' must be a string or a list of turns")
    found = []
    for turn in context:
        if isinstance(turn, str):
            found.append(turn)
        elif isinstance(turn, Mapping) and isinstance(turn.get("text"), str) and (with_bot or _is_persons(turn)):
            found.append(turn["text"])
    return found


def _is_persons(turn: Mapping[str, Any]) -> bool:
    return bool(turn.get("role", "user") == "user")


def _language(value: object) -> str | None:
    """Replies exist in English and Russian; questions in other languages are answered in English."""
    if value is None:
        return None
    return "ru" if value == "ru" else "en"


def as_json(answer: Answer, when: When | None = None) -> dict[str, Any]:
    """An answer with the fields of the contract."""
    verdict = answer.verdict
    return {
        "intent": answer.intent,
        "abstained": answer.abstained,
        "passages": [_passage(ranked) for ranked in answer.ranked],
        "conditions": _conditions(verdict) if verdict else [],
        "negated": list(verdict.denied) if verdict else [],
        "verdict": verdict.severity.value if verdict else None,
        "cites": cites(verdict.citations) if verdict else cites(answer.reply.citations),
        "conflict": [_conflict(conflict) for conflict in answer.conflicts],
        "reminder": _reminder(answer, when),
        "disclaimer": answer.reply.disclaimer.text,
        "reply": plain(answer.reply),
    }


def _reminder(answer: Answer, when: When | None) -> dict[str, Any] | None:
    if when is None or not isinstance(answer.request, Remind):
        return None
    return reminder_json(answer.request.understood, now=when.now, zone=when.zone)


def _passage(ranked: Ranked) -> dict[str, Any]:
    passage = ranked.citation.passage
    return {
        "id": passage.id,
        "doc": passage.document.id,
        "section": passage.section,
        "lines": _pairs(passage.lines),
        "text": passage.text,
        "score": round(ranked.score, 4),
    }


def _conditions(verdict: Verdict) -> list[str]:
    named = [finding.condition.name for finding in verdict.findings]
    return named + [item.name if item.listed else f"uncovered:{item.name}" for item in verdict.not_covered]


def _conflict(conflict: Conflict) -> dict[str, Any]:
    return {"topic": conflict.topic, "one": cites(conflict.one), "other": cites(conflict.other)}


def cites(citations: Iterable[Citation]) -> list[dict[str, Any]]:
    """Exactly the lines that carry it, one entry a line or list item; the bot's own notes are no source."""
    found: dict[tuple[str, int, int], None] = {}
    for citation in citations:
        if citation.passage.document.original_file:
            for run in merge_lines(citation.lines):
                found[citation.passage.document.id, run.first, run.last] = None
    return [{"doc": document, "start": first, "end": last} for document, first, last in found]


def _pairs(lines: Iterable[Lines]) -> list[list[int]]:
    return [[run.first, run.last] for run in lines]
