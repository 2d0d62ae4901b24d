"""How are reports and the counts of "did it help?" kept, listed and forgotten?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.reports import Report, Voted
from bot.store.moments import from_ms, to_ms
from bot.store.tables import reports, votes

if TYPE_CHECKING:
    from bot.store.database import Tx


def add(tx: Tx, report: Report) -> None:
    """Keeps a report; a second one below the same message takes its place."""
    values = {
        "at": to_ms(report.at),
        "reason": report.reason,
        "verdict": report.verdict,
        "places": json.dumps(report.places),
        "language": report.language,
    }
    insert = tx.insert(reports).values(person_id=report.person_id, message_id=report.message_id, **values)
    tx.run(insert.on_conflict_do_update(index_elements=["person_id", "message_id"], set_=values))


def count(tx: Tx, passage: str, *, helped: bool) -> None:
    """Counts one vote for a passage."""
    insert = tx.insert(votes).values(passage=passage, yes=int(helped), no=int(not helped))
    more = {"yes": votes.c.yes + int(helped), "no": votes.c.no + int(not helped)}
    tx.run(insert.on_conflict_do_update(index_elements=["passage"], set_=more))


def listed(tx: Tx) -> list[Report]:
    """All reports, newest first."""
    return [_report(row) for row in tx.rows(sa.select(reports).order_by(reports.c.at.desc()))]


def counted(tx: Tx) -> list[Voted]:
    """All counts, those with most "no" first."""
    order = (votes.c.no.desc(), votes.c.yes.desc(), votes.c.passage)
    rows = tx.rows(sa.select(votes).order_by(*order))
    return [Voted(passage=row.passage, yes=row.yes, no=row.no) for row in rows]


def _report(row: sa.Row[Any]) -> Report:
    return Report(
        person_id=row.person_id,
        message_id=row.message_id,
        at=from_ms(row.at),
        reason=row.reason,
        verdict=row.verdict,
        places=tuple(json.loads(row.places)),
        language=row.language,
    )
