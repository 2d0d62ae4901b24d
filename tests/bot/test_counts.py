"""What is counted, and that no count can be traced to a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY, generate_latest

from bot import counts
from bot.delivery import Unreachable
from bot.intake import Intake, RawUpdate
from tests.bot.fakes import HOUR, SECOND, adding, letter_to, once

pytestmark = pytest.mark.anyio
LABELS = {"kind", "outcome", "class", "what", "reason", "helped"}


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"massage_bot_{name}", labels) or 0.0


async def test_letters_reminders_refusals_and_lateness_are_counted(store, delivery, telegram, clock):
    before = {kind: value("letters_sent_total", kind=kind) for kind in ("letter", "reminder")}
    late, refused = value("reminders_late_total"), value("refusals_total", **{"class": "Unreachable"})
    await store.change(*adding(once("tea", clock.now - HOUR)), letters=(letter_to(1), letter_to(2)))
    telegram.trouble = [Unreachable()]
    for _ in range(5):
        await delivery.drain()
        clock.move(2 * SECOND)
    assert value("letters_sent_total", kind="letter") - before["letter"] == 2
    assert value("letters_sent_total", kind="reminder") - before["reminder"] == 1
    assert value("reminders_late_total") - late == 1
    assert value("refusals_total", **{"class": "Unreachable"}) - refused == 1


async def test_updates_are_counted_by_what_came_of_them(store):
    async def handle(item):
        raise ValueError

    before, new = value("updates_handled_total", outcome="failed"), value("updates_total")
    intake = Intake(inbox=store, handle=handle)
    assert await intake.accept([RawUpdate(update_id=5, chat_id=1, body="{}")]) == 1
    assert await intake.accept([RawUpdate(update_id=5, chat_id=1, body="{}")]) == 0
    await intake.drain()
    assert value("updates_total") - new == 1
    assert value("updates_handled_total", outcome="failed") - before == 1


async def test_a_lease_taken_over_is_counted(store, clock):
    before = value("lease_takeovers_total", what="updates")
    await store.store_updates([RawUpdate(update_id=5, chat_id=1, body="{}")])
    for _ in range(2):
        await store.claim_updates(limit=1, lease=timedelta(seconds=60))
        clock.move(timedelta(seconds=61))
    assert value("lease_takeovers_total", what="updates") - before == 1


async def test_the_backlog_tells_what_waits_and_for_how_long(store, clock):
    await store.store_updates([RawUpdate(update_id=5, chat_id=1, body="{}")])
    await store.change(
        *adding(once("tea", clock.now + SECOND), once("later", clock.now + HOUR)), letters=(letter_to(1),)
    )
    clock.move(11 * SECOND)
    found = await store.backlog()
    assert (found.oldest_letter, found.oldest_update, found.reminders_due, found.reminders_lag) == (11, 11, 1, 10)


def test_no_count_has_a_label_that_could_name_anybody():
    counts.refused("ChatGone")
    counts.reported("harm")
    counts.voted(helped=True)
    families = [family for family in REGISTRY.collect() if family.name.startswith("massage_bot")]
    assert len(families) >= 10
    assert {name for family in families for sample in family.samples for name in sample.labels} <= LABELS
    assert b"massage_bot_oldest_letter_seconds" in generate_latest()
