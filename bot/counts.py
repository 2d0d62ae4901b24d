"""What is counted for whoever watches the bot? Kinds and numbers for Prometheus; never an id, never a word.

Counters are bumped where things happen; gauges about the database are read when /metrics is asked for.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

UPDATES: Final = Counter("massage_bot_updates", "Updates stored for the first time.")
HANDLED: Final = Counter("massage_bot_updates_handled", "Updates that were handled, by what came of them.", ["outcome"])
LIMITED: Final = Counter("massage_bot_limited", "Messages of people who wrote too much.", ["kind"])
LETTERS: Final = Counter("massage_bot_letters_sent", "Letters that Telegram took.", ["kind"])
REFUSALS: Final = Counter("massage_bot_refusals", "Letters that Telegram did not take, by class.", ["class"])
LATE: Final = Counter("massage_bot_reminders_late", "Reminders sent more than five minutes after their time.")
TAKEOVERS: Final = Counter("massage_bot_lease_takeovers", "Leases of copies that died, taken over.", ["what"])
REPORTS: Final = Counter("massage_bot_reports", "Reports about answers, by their reason.", ["reason"])
VOTES: Final = Counter("massage_bot_votes", "Answers to whether an answer helped.", ["helped"])
POLL_AGE: Final = Gauge("massage_bot_poll_age_seconds", "Seconds since Telegram last answered; 0 with a webhook.")
OLDEST_LETTER: Final = Gauge("massage_bot_oldest_letter_seconds", "How long the oldest waiting letter has waited.")
OLDEST_UPDATE: Final = Gauge("massage_bot_oldest_update_seconds", "How long the oldest waiting update has waited.")
DUE: Final = Gauge("massage_bot_reminders_due", "Reminders whose time has come and that are not sent yet.")
LAG: Final = Gauge("massage_bot_reminders_lag_seconds", "How late the longest waiting reminder is.")


def accepted(number: int) -> None:
    """Updates that were new."""
    UPDATES.inc(number)


def handled(outcome: str) -> None:
    """An update was `answered`, `failed` (and is tried again) or `put_aside`."""
    HANDLED.labels(outcome).inc()


def limited(kind: str) -> None:
    """A message was `too_many` or `too_long`."""
    LIMITED.labels(kind).inc()


def reported(reason: str) -> None:
    """Somebody reported an answer; one of `bot.reports.REASONS`."""
    REPORTS.labels(reason).inc()


def voted(*, helped: bool) -> None:
    """Somebody said whether an answer helped."""
    VOTES.labels("yes" if helped else "no").inc()


def sent(kind: str, *, late: bool) -> None:
    """A `letter` or a `reminder` was taken by Telegram."""
    LETTERS.labels(kind).inc()
    if late:
        LATE.inc()


def refused(name: str) -> None:
    """Telegram did not take a letter; the name of the class."""
    REFUSALS.labels(name).inc()


def taken_over(what: str, number: int) -> None:
    """Leases of the dead: `updates`, `reminders`, or `start` for those freed when a copy began."""
    if number:
        TAKEOVERS.labels(what).inc(number)
