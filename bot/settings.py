"""What has the host chosen? Read once, from the environment and from `.env`; the environment wins."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TELEGRAM: Final = "https://api.telegram.org"
_TOKEN: Final = re.compile(r"\d{6,}:[\w-]{30,}")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_WEBHOOK_PORTS: Final = (443, 80, 88, 8443)
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_LONGEST_TOKEN_FILE: Final = 4096
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(Exception):
    """Settings that cannot be used: one line each, with what is wrong, where it stands and what to do. No secrets."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Secret:
    """A text that hides itself wherever it is shown."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def in_clear(self) -> str:
        """The text, for the one place that needs it."""
        return self._text


def _no(sentence: str) -> NoReturn:
    """Refuses a value with a sentence that names what is expected; the value itself is never repeated."""
    raise ValueError(sentence)


def _token(value: str) -> Secret:
    if not _TOKEN.fullmatch(value.strip()):
        _no(
            "this is no bot token; copy the whole line from BotFather, such as 123456789:AAF…, without quotes or blanks"
        )
    return Secret(value.strip())


def _root_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        _no("this is no web address; write something like https://api.telegram.org")
    if "/bot" in parts.path or parts.query or parts.fragment:
        _no("only the root address is needed; leave off /bot… and everything after it")
    if parts.scheme == "http" and parts.hostname not in _LOCAL and "." in parts.hostname:
        _no("http would send the token unprotected; use https, or a Bot API on this machine or its own network")
    return value.rstrip("/")


def _database(value: str) -> str:
    kind = value.partition(":")[0].partition("+")[0]
    if "://" not in value or kind not in {"sqlite", "postgresql", "postgres"}:
        _no("write sqlite:///data/massage-bot.db (a file) or postgresql://user:password@host/name")
    return value


def _webhook_address(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in _LOCAL
    if not parts.hostname or (parts.scheme != "https" and not (local and parts.scheme == "http")):
        _no("Telegram delivers to https addresses only; write the public address, such as https://bot.example.org/hook")
    if parts.scheme == "https" and (parts.port or 443) not in _WEBHOOK_PORTS:
        _no("Telegram delivers to ports 443, 80, 88 and 8443 only")
    return value


def _webhook_secret(value: str) -> Secret:
    if not _SECRET.fullmatch(value):
        _no("use 1 to 256 letters, digits, _ or -; `openssl rand -hex 32` makes a good one")
    return Secret(value)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _no("no such time zone; use a name such as Europe/Berlin, Asia/Almaty or UTC")
    return value


def _folder(value: str) -> Path:
    path = Path(value)
    if not path.is_dir():
        _no("there is no such folder; make it, correct the path, or leave the setting empty")
    return path


def _level(value: str) -> str:
    text = value.strip().upper()
    if text not in _LEVELS:
        _no(f"write one of {', '.join(_LEVELS)}")
    return text


def _language(value: str) -> str:
    text = value.strip().lower()
    if text not in {"en", "ru"}:
        _no("write en or ru")
    return text


def _port(value: str) -> int:
    text = value.strip()
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        _no("write a port number from 1 to 65535")
    return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of the bot; `.env.example` says what each is for. Secrets hide themselves when shown."""

    telegram_token: Secret | None = None
    telegram_token_file: Path | None = None
    telegram_api_url: str = TELEGRAM
    database_url: str = "sqlite:///data/massage-bot.db"
    sources_dir: Path | None = None
    corpus_dir: Path | None = None
    rules_dir: Path | None = None
    cache_dir: Path | None = None
    webhook_url: str | None = None
    webhook_secret: Secret | None = None
    webhook_host: str = "127.0.0.1"
    webhook_port: int = 8080
    metrics_port: int | None = None
    log_level: str = "INFO"
    default_language: str = "en"
    default_timezone: str = "UTC"

    @property
    def token(self) -> str | None:
        """The bot's token in clear, for the one place that speaks to Telegram; None when there is none."""
        return None if self.telegram_token is None else self.telegram_token.in_clear()

    def secrets(self) -> tuple[str, ...]:
        """Everything that must never be seen in a log."""
        held = [self.telegram_token, self.webhook_secret]
        known = [secret.in_clear() for secret in held if secret is not None]
        password = urlsplit(self.database_url).password
        return (*known, password) if password else tuple(known)


_READ_BY: Final[Mapping[str, Callable[[str], object]]] = {
    "TELEGRAM_TOKEN": _token,
    "TELEGRAM_TOKEN_FILE": Path,
    "TELEGRAM_API_URL": _root_address,
    "DATABASE_URL": _database,
    "SOURCES_DIR": _folder,
    "CORPUS_DIR": _folder,
    "RULES_DIR": _folder,
    "CACHE_DIR": Path,
    "WEBHOOK_URL": _webhook_address,
    "WEBHOOK_SECRET": _webhook_secret,
    "WEBHOOK_HOST": str,
    "WEBHOOK_PORT": _port,
    "METRICS_PORT": _port,
    "LOG_LEVEL": _level,
    "DEFAULT_LANGUAGE": _language,
    "DEFAULT_TIMEZONE": _zone,
}
"""What turns the text of each setting into its value, or raises ValueError with a sentence for the host."""


def read_settings(env_file: Path | None = Path(".env"), **given: object) -> Settings:
    """The settings of the environment and of `env_file`; what is `given` by name wins over both.

    Raises:
        SettingsError: all that is wrong with them, at once.
    """
    texts = _texts_in(env_file) | _not_empty(os.environ) | _not_empty(given)
    problems: list[str] = []
    read: dict[str, Any] = {}
    for name, value_of in _READ_BY.items():
        if name in texts:
            try:
                read[name.lower()] = value_of(texts[name])
            except ValueError as error:
                problems.append(f"{name} ({_place(name, env_file)}): {error}")
    if not problems:
        problems += _of_several(read)
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**read)


def _of_several(read: dict[str, Any]) -> Iterator[str]:
    """What is wrong with settings that depend on one another; takes the token out of its file."""
    if "telegram_token_file" in read:
        if "telegram_token" in read:
            yield "TELEGRAM_TOKEN and TELEGRAM_TOKEN_FILE are both set; keep one of them"
        else:
            try:
                read["telegram_token"] = _token_in(read["telegram_token_file"])
            except ValueError as error:
                yield str(error)
    if "webhook_url" in read and "webhook_secret" not in read:
        yield "WEBHOOK_URL is set but WEBHOOK_SECRET is not: anyone could send updates; set a secret"


def _not_empty(given: Mapping[str, object]) -> dict[str, str]:
    """Values by the settings' names, whatever their case; an empty one sets nothing."""
    texts = {name.upper(): "" if value is None else str(value) for name, value in given.items()}
    return {name: text for name, text in texts.items() if text}


def _texts_in(env_file: Path | None) -> dict[str, str]:
    """What an env file sets; raises SettingsError when it cannot be read."""
    if env_file is None or not (env_file.is_file() or env_file.is_fifo()):
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415  most hosts use the environment alone

    try:
        return _not_empty(dotenv_values(env_file, encoding="utf-8"))
    except UnicodeDecodeError:
        raise SettingsError((f"{env_file} is not UTF-8 text; save it as UTF-8",)) from None
    except OSError as error:
        raise SettingsError((f"{env_file} cannot be read: {error.strerror}",)) from None


def _token_in(path: Path) -> Secret:
    """The token a file holds.

    Raises:
        ValueError: it cannot be read, or holds something else.
    """
    try:
        with path.open(encoding="utf-8") as file:
            content = file.read(_LONGEST_TOKEN_FILE)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ValueError(f"TELEGRAM_TOKEN_FILE names {path}, which cannot be read ({reason})") from None
    try:
        return _token(content)
    except ValueError:
        raise ValueError(f"TELEGRAM_TOKEN_FILE names {path}, which holds no bot token in its first line") from None


def _place(name: str, env_file: Path | None) -> str:
    if any(key.upper() == name for key in os.environ):
        return "in the environment"
    places = lines_of(env_file)
    return f"{env_file}, line {places[name]}" if name in places else f"in {env_file}"


def lines_of(env_file: Path | None) -> dict[str, int]:
    """Which line of an env file sets which name; empty when there is no such file."""
    if env_file is None or not env_file.is_file():
        return {}
    found = {}
    for number, line in enumerate(env_file.read_text("utf-8", "replace").splitlines(), start=1):
        name, sign, _ = line.strip().removeprefix("export ").partition("=")
        if sign and not name.startswith("#"):
            found[name.strip().upper()] = number
    return found


def names() -> tuple[str, ...]:
    """Every setting by its name in the environment."""
    return tuple(_READ_BY)
