"""What may be seen in the logs? Ids and kinds; never the token, a secret, or the words of a person or an exception."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog

_TOKEN: Final = re.compile(r"\d{6,}:[\w-]{30,}")
_HIDDEN: Final = "[hidden]"
_SHORTEST_SECRET: Final = 4
QUIET: Final = (
    "telegram",
    "httpx",
    "httpcore",
    "aiohttp",
    "sqlalchemy",
    "asyncio",
    "asyncpg",
    "aiosqlite",
    "uvicorn",
    "starlette",
    "multipart",
    "PIL",
)
"""Libraries whose lower levels print addresses, bodies or statements; they stay at WARNING whatever LOG_LEVEL says."""


class Redaction:
    """Takes secrets out of a text: the known ones, and whatever looks like a bot token."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def of(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(_HIDDEN, text)
        return _TOKEN.sub(_HIDDEN, text)

    def of_any(self, value: Any) -> Any:
        """The same for what a log call was given: text, numbers, or containers of them; anything else as its text."""
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self.of(value)
            case Mapping():
                return {self.of(str(key)): self.of_any(each) for key, each in value.items()}
            case list() | tuple():
                return type(value)(self.of_any(each) for each in value) if type(value) in {list, tuple} else str(value)
            case BaseException():
                return type(value).__name__
            case _:
                return self.of(str(value))


class RedactingFilter(logging.Filter):
    """Cleans a record before its handler sees it: message, arguments and exception."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self._redaction = redaction

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record through, cleaned."""
        if isinstance(record.msg, dict):  # an event of structlog; its formatter wants it as it is
            record.msg = self._redaction.of_any(record.msg)
        else:
            record.msg, record.args = self._redaction.of(_message(record)), None
        if record.exc_info:
            kind, error, trace = record.exc_info
            record.places = record.exc_text = self._redaction.of(places(kind, error, trace))
            record.exc_info = None
        elif record.exc_text and not hasattr(record, "places"):
            record.exc_text = None  # formatted by another handler, with the exception's words in it
        record.stack_info = None
        return True


def _message(record: logging.LogRecord) -> str:
    """The record's message. Exceptions among its arguments are shown by their kind: their text may quote a person."""
    args = record.args
    if isinstance(args, tuple):
        args = tuple(type(each).__name__ if isinstance(each, BaseException) else each for each in args)
    try:
        return str(record.msg) % args if args else str(record.msg)
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def places(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> str:
    """An exception as its kind and the places it passed, with those of its causes; none of their texts."""
    parts = [kind.__name__ if kind is not None else "no exception"]
    parts += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    cause = error.__cause__ or error.__context__ if error is not None else None
    seen = {id(error)}
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        parts.append(f"caused by {type(cause).__name__}")
        parts += [
            f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(parts)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Writes a record as one text and cleans that once more: whatever a filter did not see ends here."""

    def __init__(self, redaction: Redaction, *, as_json: bool) -> None:
        shown = structlog.processors.JSONRenderer(ensure_ascii=False, default=str) if as_json else _Line()
        super().__init__(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.processors.TimeStamper("iso", utc=True)],
            processors=[_where, structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
        )
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.of(super().format(record))


class _Line:
    """An event as one line: time, level, logger, sentence, and name=value pairs."""

    def __call__(self, _logger: Any, _name: str, event: Any) -> str:
        head = " ".join(str(event.pop(key, "")) for key in ("timestamp", "level", "logger", "event"))
        trace = event.pop("exception", "")
        pairs = "".join(f" {name}={value}" for name, value in event.items())
        return f"{head}{pairs}" + (f"\n{trace}" if trace else "")


def _where(_logger: Any, _name: str, event: Any) -> Any:
    record = event["_record"]
    event["logger"] = record.name
    if hasattr(record, "places"):  # left by the filter; the formatter drops exc_text before we are asked
        event["exception"] = record.places
    return event


def _exception(_logger: Any, _name: str, event: Any) -> Any:
    info = event.pop("exc_info", None)
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    elif info and not isinstance(info, tuple):
        info = sys.exc_info()
    if info:
        event["exception"] = places(*info)
    return event


def set_up(
    level: str, secrets: Iterable[str] = (), *, as_json: bool | None = None, stream: TextIO | None = None
) -> Redaction:
    """Sends all logs to `stream` (standard error), cleaned; JSON lines unless somebody watches in a terminal.

    Every handler that the root logger has already is cleaned too, and so are exceptions that nobody caught.
    """
    redaction = Redaction(secrets)
    shown = stream or sys.stderr
    handler = logging.StreamHandler(shown)
    handler.setFormatter(_Formatter(redaction, as_json=not shown.isatty() if as_json is None else as_json))
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each.formatter, _Formatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    protect(root, redaction)
    hold_libraries()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            _exception,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _uncaught
    return redaction


def hold_libraries() -> None:
    """Keeps the libraries of `QUIET` at WARNING, also where nobody has set up our logs: they would print the token."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def protect(logger: logging.Logger, redaction: Redaction) -> None:
    """Cleans what the handlers of a logger see."""
    for handler in logger.handlers:
        for old in [each for each in handler.filters if isinstance(each, RedactingFilter)]:
            handler.removeFilter(old)
        handler.addFilter(RedactingFilter(redaction))


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("bot").critical("stopped by an unexpected %s", kind.__name__, exc_info=(kind, error, trace))


def watch(loop: asyncio.AbstractEventLoop) -> None:
    """Logs what goes wrong in tasks and callbacks that nobody waits for."""
    loop.set_exception_handler(_unhandled)


def _unhandled(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    info = (type(error), error, error.__traceback__) if isinstance(error, BaseException) else None
    kind = type(error).__name__ if error is not None else "event"
    logging.getLogger("bot").error("an unhandled %s in the background", kind, exc_info=info)
