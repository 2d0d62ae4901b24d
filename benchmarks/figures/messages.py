"""Figures about messages and their answers: kills, faults, two copies, a frozen process."""

# ruff: noqa: FBT001  a measurement waits, polls, prints

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from benchmarks.chaos import Plan
from benchmarks.chaos import run as run_chaos
from benchmarks.figures.live import (
    IN_FLIGHT,
    Heard,
    Talk,
    behind_nginx,
    every_five_seconds,
    frozen,
    live,
    until_heard,
    with_kills,
)
from benchmarks.figures.measured import Figure, Measured


def tell(words: str) -> None:
    """Progress, for whoever waits."""
    print(words, file=sys.stderr, flush=True)


def _numbers(heard: Heard) -> dict[str, float]:
    return {name: getattr(heard, name) for name in Heard.__slots__}


def killed(*, backend: str, webhook: bool) -> Figure:
    """Kill -9 of the whole bot while people write."""
    way = "webhook" if webhook else "polling"

    def run(long: bool) -> Measured:
        messages, kills = (10_000, 200) if long else (240, 3)
        talk = Talk(messages=messages, chats=200 if long else 40)
        heard = with_kills(talk, kills, backend=backend, webhook=webhook, tell=tell)
        at_most = {"lost": 0, "doubled": IN_FLIGHT * kills, "inversions": 0, "refusals": 0}
        return Measured(numbers={"messages": messages, "kills": kills, **_numbers(heard)}, at_most=at_most)

    says = f"The bot is killed (kill -9) and started again while people write; updates come by {way}, {backend}."
    return Figure(name=f"kills-{way}-{backend}", says=says, run=run)


def faults(long: bool) -> Measured:
    """See its figure."""
    messages = 10_000 if long else 60
    talk = Talk(
        messages=messages, chats=1_000 if long else 30, faults=0.2 if long else 0.1, patience=400, at_once=1_000
    )
    with live(talk) as run:
        heard = until_heard(run)
        kinds = json.loads((run.folder / "faults").read_text())
    numbers = {"messages": messages, **_numbers(heard), "faults": sum(kinds.values()), "kinds met": len(kinds)}
    return Measured(numbers=numbers, at_most={"lost": 0, "inversions": 0})


def two_copies(long: bool) -> Measured:
    """See its figure."""
    talk = Talk(messages=15_000, per_second=50) if long else Talk(messages=300, chats=50, per_second=25)
    heard, kills = every_five_seconds(talk, tell=tell)
    at_most = {"lost": 0, "doubled": IN_FLIGHT * max(1, kills), "inversions": 0}
    return Measured(numbers={"messages": talk.messages, "kills": kills, **_numbers(heard)}, at_most=at_most)


def balancer(long: bool) -> Measured:
    """See its figure."""
    messages, kills = (5_000, 40) if long else (240, 3)
    heard = behind_nginx(Talk(messages=messages, chats=200 if long else 40), kills, tell=tell)
    at_most = {"lost": 0, "doubled": IN_FLIGHT * kills, "inversions": 0}
    return Measured(numbers={"messages": messages, "kills": kills, **_numbers(heard)}, at_most=at_most)


def frozen_process(long: bool) -> Measured:
    """See its figure."""
    talk = Talk(messages=3_000 if long else 300, chats=100, per_second=50)
    heard = frozen(talk, seconds=20 if long else 7)
    return Measured(
        numbers={"messages": talk.messages, **_numbers(heard)},
        at_most={"lost": 0, "inversions": 0, "doubled": IN_FLIGHT},
    )


def order(long: bool) -> Measured:
    """See its figure."""
    talk = Talk(messages=20_000, in_a_row=10, per_second=95) if long else Talk(messages=400, chats=40, in_a_row=10)
    with live(talk) as run:
        heard = until_heard(run)
    return Measured(
        numbers={"messages": talk.messages, "chats": talk.chats, **_numbers(heard)},
        at_most={"lost": 0, "doubled": 0, "inversions": 0, "refusals": 0},
    )


def reminder_kills(*, backend: str) -> Figure:
    """Kill -9 while due reminders go out."""

    def run(long: bool) -> Measured:
        server = backend == "postgresql"
        plan = Plan(
            task="deliver",
            backend=backend,
            count=10_000 if long else 400,
            kills=200 if long else 8,
            workers=3 if server else 1,
            stops=(10 if long else 1) if server else 0,
            faults=0.2,
            seed=1,
            limit_s=180.0,
            lease_s=6.0,
        )
        outcome = asdict(run_chaos(plan))
        numbers = {name: value for name, value in outcome.items() if isinstance(value, int | float)}
        bounds = {"lost": 0, "left_over": 0, "most_of_one": 2, "copies": outcome["copies_allowed"]}
        return Measured(numbers=numbers, at_most=bounds)

    stops = "; the server is stopped at once ten times" if backend == "postgresql" else ""
    says = f"Copies are killed (kill -9) while 10,000 due reminders go out, a fifth of all calls failing{stops}."
    return Figure(name=f"reminder-kills-{backend}", says=says, run=run)


FIGURES = (
    *(killed(backend=backend, webhook=webhook) for backend in ("sqlite", "postgresql") for webhook in (False, True)),
    *(reminder_kills(backend=backend) for backend in ("sqlite", "postgresql")),
    Figure(name="faults", says="A fifth of all calls to Telegram fails, in 14 ways.", run=faults),
    Figure(
        name="order",
        says="Order of the answers inside a chat: 200 chats, ten messages in a row from each, again and again.",
        run=order,
    ),
    Figure(
        name="two-copies",
        says="Two copies on PostgreSQL under 50 messages a second, one killed every five seconds.",
        run=two_copies,
    ),
    Figure(
        name="behind-nginx",
        says="Webhook through nginx (deploy/nginx.conf) to two copies on PostgreSQL, which are killed in turn.",
        run=balancer,
    ),
    Figure(
        name="frozen-process",
        says="One of two copies is frozen (SIGSTOP) for longer than its lease, then goes on.",
        run=frozen_process,
    ),
)
