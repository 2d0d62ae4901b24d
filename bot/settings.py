"""What has the host chosen? Read once, from the environment and from `.env`; the environment wins."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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


def _no(sentence: str) -> NoReturn:
    """Refuses a value with a sentence that names what is expected; the value itself is never repeated."""
    raise ValueError(sentence)


def _token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value().strip()):
        _no(
            "this is no bot token; copy the whole line from BotFather, such as 123456789:AAF…, without quotes or blanks"
        )
    return SecretStr(value.get_secret_value().strip())


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


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(value.get_secret_value()):
        _no("use 1 to 256 letters, digits, _ or -; `openssl rand -hex 32` makes a good one")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _no("no such time zone; use a name such as Europe/Berlin, Asia/Almaty or UTC")
    return value


def _folder(value: Path) -> Path:
    if not value.is_dir():
        _no("there is no such folder; make it, correct the path, or leave the setting empty")
    return value


def _upper(value: Any) -> Any:
    text = value.strip().upper() if isinstance(value, str) else value
    if text not in _LEVELS:
        _no(f"write one of {', '.join(_LEVELS)}")
    return text


def _language(value: Any) -> Any:
    text = value.strip().lower() if isinstance(value, str) else value
    if text not in {"en", "ru"}:
        _no("write en or ru")
    return text


def _port(value: Any) -> int:
    text = str(value).strip()
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        _no("write a port number from 1 to 65535")
    return int(text)


Port = Annotated[int, BeforeValidator(_port)]
Folder = Annotated[Path, AfterValidator(_folder)]


class Settings(BaseSettings):
    """Every setting of the bot; `.env.example` says what each is for. Secrets hide themselves when shown."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    telegram_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    telegram_token_file: Path | None = None
    telegram_api_url: Annotated[str, AfterValidator(_root_address)] = TELEGRAM
    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///data/massage-bot.db"
    sources_dir: Folder | None = None
    corpus_dir: Folder | None = None
    rules_dir: Folder | None = None
    webhook_url: Annotated[str, AfterValidator(_webhook_address)] | None = None
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None
    webhook_host: str = "127.0.0.1"
    webhook_port: Port = 8080
    metrics_port: Port | None = None
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = "INFO"
    default_language: Annotated[Literal["en", "ru"], BeforeValidator(_language)] = "en"
    default_timezone: Annotated[str, AfterValidator(_zone)] = "UTC"

    @model_validator(mode="after")
    def _token_from_file(self) -> Settings:
        if self.telegram_token_file is not None:
            if self.telegram_token is not None:
                _no("TELEGRAM_TOKEN and TELEGRAM_TOKEN_FILE are both set; keep one of them")
            object.__setattr__(self, "telegram_token", _token_in(self.telegram_token_file))
        return self

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Settings:
        if self.webhook_url is not None and self.webhook_secret is None:
            _no("WEBHOOK_URL is set but WEBHOOK_SECRET is not: anyone could send updates; set a secret")
        return self

    @property
    def token(self) -> str | None:
        """The bot's token in clear, for the one place that speaks to Telegram; None when there is none."""
        return None if self.telegram_token is None else self.telegram_token.get_secret_value()

    def secrets(self) -> tuple[str, ...]:
        """Everything that must never be seen in a log."""
        held = [self.telegram_token, self.webhook_secret]
        known = [secret.get_secret_value() for secret in held if secret is not None]
        password = urlsplit(self.database_url).password
        return (*known, password) if password else tuple(known)


def _token_in(path: Path) -> SecretStr:
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
        return _token(SecretStr(content))
    except ValueError:
        raise ValueError(f"TELEGRAM_TOKEN_FILE names {path}, which holds no bot token in its first line") from None


def read_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of the environment and of `env_file`.

    Raises:
        SettingsError: all that is wrong with them, at once.
    """
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]  # pydantic-settings takes it at run time
    except ValidationError as error:
        raise SettingsError(tuple(_problems(error, env_file))) from None
    except UnicodeDecodeError:
        raise SettingsError((f"{env_file} is not UTF-8 text; save it as UTF-8",)) from None
    except OSError as error:
        raise SettingsError((f"{env_file} cannot be read: {error.strerror}",)) from None


def _problems(error: ValidationError, env_file: Path | None) -> Iterator[str]:
    """One line each; pydantic's own text is left out where it would repeat the value."""
    places = lines_of(env_file)
    for each in error.errors(include_input=False, include_url=False):
        reason = each["msg"].removeprefix("Value error, ")
        name = str(each["loc"][0]).upper() if each["loc"] else ""
        yield f"{name} ({_place(name, places, env_file)}): {reason}" if name else reason


def _place(name: str, places: Mapping[str, int], env_file: Path | None) -> str:
    if any(key.upper() == name for key in os.environ):
        return "in the environment"
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
    return tuple(name.upper() for name in Settings.model_fields)
