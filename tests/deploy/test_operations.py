"""What the host's handbook says exists: metrics, settings, commands, files."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import REGISTRY

import bot.counts  # noqa: F401  registers the metrics
from bot.cli import commands
from bot.settings import names
from bot.turnstile import PER_PERSON

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "OPERATIONS.md").read_text()


def metrics() -> set[str]:
    families = [family for family in REGISTRY.collect() if family.name.startswith("massage_bot")]
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


def test_every_metric_is_explained_and_every_explained_one_exists():
    assert set(re.findall(r"massage_bot_\w+", TEXT)) == metrics()


def test_every_setting_that_is_named_exists():
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", TEXT))
    assert named <= set(names()) | {"LOG_LEVEL"}


def test_every_command_that_is_named_exists():
    assert set(re.findall(r"`massage-bot (\w+)", TEXT)) <= set(commands.commands)


def test_every_file_that_is_named_exists():
    assert [name for name in re.findall(r"`(deploy/[\w.-]+)`", TEXT) if not (ROOT / name).exists()] == []


def test_the_limit_it_tells_is_the_limit_it_has():
    assert f"gets {PER_PERSON.burst} answers at once" in TEXT
    assert PER_PERSON.every_ms == 2000
