"""Settings: every one documented, wrong values explained, secrets never shown."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, lines_of, names, read_settings

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_12345"
CONTRACT = """TELEGRAM_TOKEN TELEGRAM_TOKEN_FILE TELEGRAM_API_URL DATABASE_URL SOURCES_DIR CORPUS_DIR WEBHOOK_URL
    WEBHOOK_SECRET WEBHOOK_HOST WEBHOOK_PORT METRICS_PORT LOG_LEVEL DEFAULT_LANGUAGE DEFAULT_TIMEZONE""".split()


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / ".env"
    path.write_text(text, "utf-8")
    return path


def test_every_setting_of_the_contract_is_there():
    assert set(CONTRACT) <= set(names())
    assert [field.name.upper() for field in fields(Settings)] == list(names())


def test_every_setting_stands_in_the_example_with_a_sentence_above_it():
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    found = [
        name for name, sign, _ in (line.partition("=") for line in lines) if sign and re.fullmatch("[A-Z_]+", name)
    ]
    assert found == list(names())
    for name in found:
        above = lines[next(number for number, line in enumerate(lines) if line.startswith(f"{name}=")) - 1]
        assert above.startswith("# ")
        assert above.rstrip().endswith(".")


def test_the_example_unchanged_means_the_defaults():
    assert read_settings(ROOT / ".env.example") == read_settings(None)


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    path = written(tmp_path, "DEFAULT_LANGUAGE=ru\nLOG_LEVEL=debug\n")
    monkeypatch.setenv("DEFAULT_LANGUAGE", "en")
    settings = read_settings(path)
    assert (settings.default_language, settings.log_level) == ("en", "DEBUG")


def test_a_token_is_hidden_wherever_settings_are_shown(monkeypatch):
    monkeypatch.setenv("TELEGRAM_TOKEN", f" {TOKEN} ")
    settings = read_settings(None)
    assert settings.token == TOKEN
    assert TOKEN not in f"{settings} {settings!r} {asdict(settings)}"
    assert TOKEN in settings.secrets()


def test_a_token_can_come_from_a_file(tmp_path, monkeypatch):
    (tmp_path / "token").write_text(f"{TOKEN}\n", "utf-8")
    monkeypatch.setenv("TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    assert read_settings(None).token == TOKEN


def test_the_password_of_the_database_is_a_secret(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot:very-secret@db/bot")
    assert "very-secret" in read_settings(None).secrets()


WRONG = [
    ("TELEGRAM_TOKEN", "hunter2-and-more", "no bot token"),
    ("TELEGRAM_TOKEN_FILE", "/nowhere/token", "cannot be read"),
    ("TELEGRAM_API_URL", "api.telegram.org", "no web address"),
    ("TELEGRAM_API_URL", "https://api.telegram.org/bot", "root address"),
    ("TELEGRAM_API_URL", "http://api.example.org", "unprotected"),
    ("DATABASE_URL", "mysql://localhost/bot", "sqlite:///"),
    ("DATABASE_URL", "data/massage-bot.db", "sqlite:///"),
    ("SOURCES_DIR", "/nowhere", "no such folder"),
    ("CORPUS_DIR", "/nowhere", "no such folder"),
    ("WEBHOOK_URL", "http://bot.example.org", "https"),
    ("WEBHOOK_URL", "https://bot.example.org:9000/", "443, 80, 88 and 8443"),
    ("WEBHOOK_URL", "https://bot.example.org/hook", "WEBHOOK_SECRET"),
    ("WEBHOOK_SECRET", "with blanks", "256 letters"),
    ("WEBHOOK_PORT", "http", "port number"),
    ("METRICS_PORT", "70000", "port number"),
    ("LOG_LEVEL", "loud", "DEBUG"),
    ("DEFAULT_LANGUAGE", "de", "en or ru"),
    ("DEFAULT_TIMEZONE", "Mars/Olympus", "time zone"),
    ("DEFAULT_TIMEZONE", "../etc/passwd", "time zone"),
]


@pytest.mark.parametrize(("name", "value", "expected"), WRONG)
def test_a_wrong_value_is_explained_with_its_place(tmp_path, name, value, expected):
    path = written(tmp_path, f"# mine\n{name}={value}\n")
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert expected in str(caught.value)
    assert name in str(caught.value)


def test_a_wrong_secret_is_never_repeated(tmp_path):
    with pytest.raises(SettingsError) as caught:
        read_settings(written(tmp_path, "TELEGRAM_TOKEN=hunter2-and-more\nWEBHOOK_SECRET=über secret\n"))
    assert "hunter2" not in str(caught.value)
    assert "über" not in str(caught.value)


def test_all_mistakes_are_told_at_once_each_with_its_line(tmp_path):
    path = written(tmp_path, "LOG_LEVEL=loud\n\nexport WEBHOOK_PORT=x\n")
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert len(caught.value.problems) == 2
    assert "line 1" in str(caught.value)
    assert "line 3" in str(caught.value)


def test_a_mistake_in_the_environment_is_found_there(tmp_path, monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SettingsError, match="in the environment"):
        read_settings(written(tmp_path, "LOG_LEVEL=INFO\n"))


def test_two_tokens_are_one_too_many(tmp_path, monkeypatch):
    (tmp_path / "token").write_text(TOKEN, "utf-8")
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(SettingsError, match="keep one"):
        read_settings(None)


def test_comments_set_nothing(tmp_path):
    assert lines_of(written(tmp_path, "# LOG_LEVEL=INFO\nLOG_LEVEL=INFO\n")) == {"LOG_LEVEL": 2}


def test_an_empty_value_sets_nothing_and_names_may_be_small(tmp_path, monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "")
    monkeypatch.setenv("metrics_port", " 9000 ")
    settings = read_settings(written(tmp_path, "LOG_LEVEL=ERROR\nMETRICS_PORT=8000\nWEBHOOK_PORT=\n"))
    assert (settings.log_level, settings.metrics_port, settings.webhook_port) == ("ERROR", 9000, 8080)


def test_what_is_given_wins_over_environment_and_file(tmp_path, monkeypatch):
    monkeypatch.setenv("WEBHOOK_PORT", "1")
    settings = read_settings(written(tmp_path, "WEBHOOK_PORT=2\n"), webhook_port=3, corpus_dir=tmp_path)
    assert (settings.webhook_port, settings.corpus_dir) == (3, tmp_path)
