"""Commands: quick to start, clear when used wrongly."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("telegram", "numpy", "sqlalchemy", "yaml", "dotenv", "aiohttp", "starlette", "structlog", "asyncio")
NOT_TO_POLL = """telegram.ext tornado apscheduler alembic pydantic aiohttp starlette uvicorn asyncpg aiosqlite numpy
    rank_bm25 wordfreq PIL pypdf markdown_it dotenv""".split()
"""What a bot that polls does without, or imports when it is first needed."""


def massage_bot(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith(("TELEGRAM_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=cwd,
        env=known | {"PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def loaded_by(code: str) -> set[str]:
    """The modules that a program has loaded when it ends."""
    program = (
        f"import sys, atexit\natexit.register(lambda: print('LOADED', *sorted(sys.modules), file=sys.stderr))\n{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return set(done.stderr.partition("LOADED")[2].split())


@pytest.mark.parametrize(
    "code", ["import bot.cli", "import bot.cli, sys; sys.argv = ['massage-bot', '--help']; bot.cli.main()"]
)
def test_neither_import_nor_help_imports_anything_heavy(code):
    loaded = loaded_by(code)
    assert "bot.cli" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in HEAVY}


def test_a_bot_that_polls_imports_nothing_it_does_not_need():
    loaded = loaded_by(
        "import bot.cli, bot.telegram.assembled, bot.telegram.run as run\n"
        "from bot.settings import read_settings\n"
        "from bot.content_cache import content_for\n"
        "run.uvloop.new_event_loop = lambda: exit()\n"
        "settings = read_settings(None, telegram_token='123456789:' + 'A' * 35)\n"
        "run.serve(settings, bot.telegram.assembled.parts(settings, content_for(settings)))"
    )
    assert {"bot.telegram.polling", "bot.store.store", "telegram"} <= loaded
    assert loaded.isdisjoint(NOT_TO_POLL)


def test_help_names_every_command_of_the_contract(tmp_path):
    done = massage_bot("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in "run preview chat ask explain check import backup restore db doctor reports bot-setup".split():
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE), command


def test_an_unknown_command_is_wrong_use(tmp_path):
    done = massage_bot("dance", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "dance" in done.stderr


def test_ask_wants_either_a_question_or_a_batch(tmp_path):
    assert massage_bot("ask", cwd=tmp_path).returncode == 2
    assert massage_bot("ask", "--jsonl", "and a question", cwd=tmp_path).returncode == 2


def test_wrong_settings_are_bad_input_and_told_in_a_sentence(tmp_path):
    done = massage_bot("run", cwd=tmp_path, LOG_LEVEL="loud")
    assert (done.returncode, done.stdout) == (2, "")
    assert "LOG_LEVEL (in the environment): write one of" in done.stderr
    assert "Traceback" not in done.stderr


def test_setting_a_bot_up_wants_a_token(tmp_path):
    done = massage_bot("bot-setup", "--check", cwd=tmp_path)
    assert done.returncode == 2
    assert "TELEGRAM_TOKEN" in done.stderr


def test_reports_are_listed_and_a_missing_database_is_told(tmp_path):
    none = massage_bot("reports", cwd=tmp_path)
    assert (none.returncode, none.stdout) == (1, "")
    assert "no database" in none.stderr
    massage_bot("db", "upgrade", cwd=tmp_path)
    listed = massage_bot("reports", cwd=tmp_path)
    assert (listed.returncode, listed.stdout) == (0, "Nobody has reported anything.\n")


def test_a_database_is_made_saved_and_put_back(tmp_path):
    assert massage_bot("db", "upgrade", cwd=tmp_path).returncode == 0
    saved = massage_bot("backup", "saved.db", cwd=tmp_path)
    assert (saved.returncode, saved.stdout) == (0, "")
    (tmp_path / "bad.db").write_bytes(b"no database, but long enough to be looked at" * 100)
    bad = massage_bot("restore", "bad.db", cwd=tmp_path)
    assert bad.returncode == 1
    assert "damaged" in bad.stderr
    back = massage_bot("restore", "saved.db", cwd=tmp_path)
    assert back.returncode == 0
    assert "kept as" in back.stderr


def test_doctor_names_a_misspelt_setting_and_the_missing_token(tmp_path):
    (tmp_path / ".env").write_text("TELEGRAM_TOKN=1\n", "utf-8")
    done = massage_bot("doctor", cwd=tmp_path)
    assert done.returncode == 1
    assert "Did you mean TELEGRAM_TOKEN?" in done.stdout
    assert "there is no token" in done.stdout
