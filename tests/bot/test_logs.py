"""Logs hold ids, never the token, a secret, or anybody's words."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "987654321:AAHabcdefghijklmnopqrstuvwxyz-12345"
OTHER_TOKEN = "111222333:BBHabcdefghijklmnopqrstuvwxyz-12345"
SECRET = "a-webhook-secret+with.signs"
CANARY = "my left shoulder blade hurts at night"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@pytest.fixture
def seen() -> Iterator[io.StringIO]:
    """What standard error would show; the root logger is put back afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level, hook = list(root.handlers), root.level, sys.excepthook
    quiet = {name: logging.getLogger(name).level for name in logs.QUIET}
    filters = {handler: list(handler.filters) for handler in before}
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    sys.excepthook = hook
    for name, old in quiet.items():
        logging.getLogger(name).setLevel(old)
    for handler, old_filters in filters.items():
        handler.filters[:] = old_filters
    structlog.reset_defaults()


def fail(words: str) -> None:
    raise ValueError(words)


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("level", LEVELS)
def test_no_level_shows_token_or_secret_however_they_are_logged(seen, level, as_json):
    logs.set_up(level, [TOKEN, SECRET], as_json=as_json, stream=seen)
    log, event = logging.getLogger("bot.somewhere"), structlog.stdlib.get_logger("bot.elsewhere")
    for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        log.log(number, "calling https://api.telegram.org/bot%s/getMe with %r", TOKEN, {"secret": SECRET})
        log.log(number, "%s was never told to us", OTHER_TOKEN)
        event.log(number, "called", url=f"/bot{OTHER_TOKEN}/x", nested={"headers": [SECRET, TOKEN]})
        try:
            fail(f"{TOKEN} {SECRET}")
        except ValueError:
            log.log(number, "failed", exc_info=True)
            event.log(number, "failed", exc_info=True)
    text = seen.getvalue()
    assert text
    assert not [secret for secret in (TOKEN, OTHER_TOKEN, SECRET) if secret in text]
    assert "test_logs.py" in text  # the place of the failure is still told


@pytest.mark.parametrize("level", LEVELS)
def test_the_words_of_an_exception_are_not_shown_only_its_kind_and_place(seen, level):
    logs.set_up(level, as_json=False, stream=seen)
    try:
        try:
            fail(CANARY)
        except ValueError as error:
            raise RuntimeError(CANARY) from error
    except RuntimeError as error:
        logging.getLogger("bot").critical("failed with %s", error, exc_info=True)
        structlog.stdlib.get_logger("bot").critical("failed", error=error, exc_info=True)
    text = seen.getvalue()
    assert CANARY not in text
    assert "RuntimeError" in text
    assert "caused by ValueError" in text


@pytest.mark.parametrize("name", logs.QUIET)
def test_other_libraries_stay_quiet_even_when_everything_is_asked_for(seen, name):
    logs.set_up("DEBUG", stream=seen)
    logging.getLogger(name).info("POST /bot%s/sendMessage %s", TOKEN, CANARY)
    logging.getLogger(f"{name}.inner").debug(CANARY)
    assert seen.getvalue() == ""


def test_handlers_that_were_there_before_are_cleaned_too(seen):
    other = io.StringIO()
    handler = logging.StreamHandler(other)
    logging.getLogger().addHandler(handler)
    logs.set_up("INFO", [SECRET], stream=seen)
    try:
        fail(CANARY)
    except ValueError:
        logging.getLogger("bot").exception("with %s and %s", TOKEN, SECRET)
    assert "[hidden] and [hidden]" in other.getvalue()
    assert CANARY not in other.getvalue()
    assert "ValueError" in other.getvalue()


def test_setting_up_twice_writes_each_line_once(seen):
    logs.set_up("INFO", as_json=True, stream=seen)
    logs.set_up("INFO", [SECRET], as_json=True, stream=seen)
    logging.getLogger("bot").info("once %s", SECRET)
    (line,) = seen.getvalue().splitlines()
    assert json.loads(line)["event"] == "once [hidden]"


def test_a_task_that_nobody_waited_for_is_logged_without_its_words(seen):
    logs.set_up("INFO", as_json=False, stream=seen)

    async def scenario() -> None:
        logs.watch(asyncio.get_running_loop())
        asyncio.get_running_loop().call_soon(fail, f"{CANARY} {TOKEN}")
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert "unhandled ValueError" in seen.getvalue()
    assert CANARY not in seen.getvalue()


def test_what_nobody_catches_is_told_without_its_words():
    program = f"from bot import logs; logs.set_up('DEBUG', ['{SECRET}']); raise ValueError('{CANARY} {TOKEN} {SECRET}')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "unexpected ValueError" in done.stderr
    assert not [word for word in (CANARY, TOKEN, SECRET) if word in done.stderr]


def test_a_message_whose_arguments_do_not_fit_is_still_cleaned(seen):
    logs.set_up("INFO", stream=seen)
    message = f"{TOKEN} %s %s"
    logging.getLogger("bot").info(message, "one")
    assert TOKEN not in seen.getvalue()


@given(st.text(), st.text())
def test_a_known_secret_never_survives(before, after):
    assert SECRET not in logs.Redaction([SECRET, "a-webhook"]).of(before + SECRET + after)
