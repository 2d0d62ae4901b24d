"""What doctor says about mistakes in the set-up: each is named, and each says what to do."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.doctor import examine
from bot.finding import Finding
from bot.store.schema import APPLICATION_ID
from bot.telegram import examination

TOKEN = "987654321:AAHabcdefghijklmnopqrstuvwxyz-12345"
NOBODY = "http://127.0.0.1:9"
HOOK = {"WEBHOOK_URL": "https://bot.example.org/hook", "WEBHOOK_SECRET": "s3cret"}
SETTINGS = {
    "a token with quotes": ({"TELEGRAM_TOKEN": f"'{TOKEN}"}, "BotFather"),
    "half a token": ({"TELEGRAM_TOKEN": "987654321"}, "BotFather"),
    "the bot's name as token": ({"TELEGRAM_TOKEN": "@my_massage_bot"}, "BotFather"),
    "no token": ({}, "no token"),
    "token and token file": ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_TOKEN_FILE": "token"}, "both set"),
    "a token file that is not there": ({"TELEGRAM_TOKEN_FILE": "nowhere"}, "cannot be read"),
    "a token file with something else": ({"TELEGRAM_TOKEN_FILE": "notes"}, "holds no bot token"),
    "a token file that is a folder": ({"TELEGRAM_TOKEN_FILE": "folder"}, "cannot be read"),
    "an address that is none": ({"TELEGRAM_API_URL": "telegram"}, "no web address"),
    "the address of a method": ({"TELEGRAM_API_URL": "https://api.telegram.org/bot123/getMe"}, "only the root"),
    "an unprotected address": ({"TELEGRAM_API_URL": "http://api.example.org"}, "unprotected"),
    "nobody at the address": ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": NOBODY}, "cannot be reached"),
    "a database of another kind": ({"DATABASE_URL": "mysql://root@localhost/x"}, "sqlite:///"),
    "a path as database": ({"DATABASE_URL": "data/bot.db"}, "sqlite:///"),
    "a database in memory": ({"DATABASE_URL": "sqlite://"}, "forgotten"),
    "a folder as database": ({"DATABASE_URL": "sqlite:///folder"}, "Name a file"),
    "a file as folder": ({"DATABASE_URL": "sqlite:///notes/bot.db"}, "cannot be written"),
    "a server that is not there": ({"DATABASE_URL": "postgresql://x@127.0.0.1:9/x"}, "cannot be reached"),
    "sources that are not there": ({"SOURCES_DIR": "nowhere"}, "no such folder"),
    "a corpus that is not there": ({"CORPUS_DIR": "nowhere"}, "no such folder"),
    "rules that are not there": ({"RULES_DIR": "nowhere"}, "no such folder"),
    "sources that are others": ({"SOURCES_DIR": "others"}, "SOURCES_DIR"),
    "rules with mistakes": ({"RULES_DIR": "badrules"}, "massage-bot check"),
    "an empty corpus": ({"CORPUS_DIR": "folder"}, "massage-bot check"),
    "a webhook without a secret": ({"WEBHOOK_URL": HOOK["WEBHOOK_URL"]}, "anyone could send"),
    "a webhook over http": (HOOK | {"WEBHOOK_URL": "http://bot.example.org/hook"}, "https addresses only"),
    "a webhook on another port": (HOOK | {"WEBHOOK_URL": "https://bot.example.org:5000/hook"}, "8443"),
    "a webhook that is no address": (HOOK | {"WEBHOOK_URL": "bot.example.org"}, "https addresses only"),
    "a webhook on a page of ours": (HOOK | {"WEBHOOK_URL": "https://bot.example.org/metrics"}, "page of the bot"),
    "a secret with blanks": (HOOK | {"WEBHOOK_SECRET": "two words"}, "letters, digits"),
    "a secret without address": ({"WEBHOOK_SECRET": "s3cret"}, "without WEBHOOK_URL"),
    "a port that is no number": ({"METRICS_PORT": "many"}, "port number"),
    "a port that is too large": ({"WEBHOOK_PORT": "70000"}, "port number"),
    "one port for two": (HOOK | {"METRICS_PORT": "8080"}, "different ports"),
    "a level that is none": ({"LOG_LEVEL": "LOUD"}, "write one of"),
    "a language that is not spoken": ({"DEFAULT_LANGUAGE": "fr"}, "write en or ru"),
    "a zone that is none": ({"DEFAULT_TIMEZONE": "Moscow"}, "no such time zone"),
    "an offset as zone": ({"DEFAULT_TIMEZONE": "UTC+3"}, "no such time zone"),
    "a misspelt name": ({"TELEGRAM_TOKN": TOKEN}, "Did you mean TELEGRAM_TOKEN"),
    "another misspelt name": ({"DATABSE_URL": "sqlite:///x.db"}, "Did you mean DATABASE_URL"),
}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch) -> Path:
    """A folder with some things in it that settings may name."""
    for name in list(os.environ):
        if name.startswith(("TELEGRAM_", "WEBHOOK_", "DATABASE_", "METRICS_", "DEFAULT_", "LOG_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(examination, "_LISTENING_SECONDS", 0)
    for name in ("folder", "others", "badrules"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes").write_text("milk, bread")
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    for name in ("neck.txt", "back.txt"):
        (tmp_path / "others" / name).write_text("something else")
    (tmp_path / "badrules" / "heart.yaml").write_text("conditions: [unfinished\n")
    return tmp_path


def problems(place: Path, **chosen: str) -> list[Finding]:
    env = place / ".env"
    env.write_text("".join(f"{name}={value}\n" for name, value in chosen.items()))
    env.chmod(0o600)
    return [found for found in examine(env) if found.is_problem]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_mistake_in_a_setting_is_named_and_says_what_to_do(place, name):
    chosen, words = SETTINGS[name]
    found = problems(place, **chosen)
    assert any(words in str(each) for each in found), [str(each) for each in found]
    assert all(TOKEN not in str(each) for each in found)
    assert all(each.todo for each in found)


def test_a_set_up_without_mistakes_has_only_the_missing_token(place):
    found = [str(each) for each in problems(place, DATABASE_URL="sqlite:///folder/bot.db")]
    assert [each for each in found if "machines empty" not in each] == [each for each in found if "no token" in each]


def test_an_env_file_that_others_may_read(place):
    env = place / ".env"
    env.write_text(f"TELEGRAM_TOKEN={TOKEN}\nTELEGRAM_API_URL={NOBODY}\n")
    env.chmod(0o644)
    assert any("chmod 600" in str(each) for each in examine(env))


def test_a_token_file_that_others_may_read(place):
    (place / "token").chmod(0o644)
    found = problems(place, TELEGRAM_TOKEN_FILE="token", TELEGRAM_API_URL=NOBODY)
    assert any("chmod 600" in str(each) for each in found)


def test_an_env_file_that_is_no_text(place):
    (place / ".env").write_bytes(b"TELEGRAM_TOKEN=\xff\xfe")
    assert any("UTF-8" in str(each) for each in examine(place / ".env"))


def write_database(place: Path, *, owner: int, version: int | None) -> None:
    with closing(sqlite3.connect(place / "bot.db")) as conn:
        conn.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT, applied_at INTEGER)")
        conn.execute(f"PRAGMA application_id={owner}")
        if version is not None:
            conn.execute("INSERT INTO schema_version VALUES (?, 'a step', 0)", (version,))
        conn.commit()


@pytest.mark.parametrize(
    ("owner", "version", "words"),
    [(APPLICATION_ID, 0, "db upgrade"), (APPLICATION_ID, 99, "newer"), (1, 1, "another program")],
)
def test_a_database_of_another_version_or_program(place, owner, version, words):
    write_database(place, owner=owner, version=version)
    assert any(words in str(each) for each in problems(place, DATABASE_URL="sqlite:///bot.db"))


def test_a_damaged_database(place):
    (place / "bot.db").write_bytes(b"SQLite format 3\x00" + b"\x77" * 9000)
    assert any("backup" in str(each) for each in problems(place, DATABASE_URL="sqlite:///bot.db"))


def test_at_least_forty_mistakes_are_known():
    assert len(SETTINGS) >= 40
