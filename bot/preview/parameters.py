"""What did the call say: its fields and files, read the way Telegram reads them?"""

import dataclasses
import json
from collections.abc import Mapping
from email import policy
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from bot.preview.refusal import Json, bad_request

_LONGEST_SHOWN = 500


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a call."""

    name: str
    kind: str
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The fields of one call; every getter gives the default where the field is missing."""

    fields: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    files: Mapping[str, Upload] = dataclasses.field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """Give a field as text."""
        value = self.fields.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def number(self, name: str, default: int = 0, *, least: int | None = None, most: int | None = None) -> int:
        """Give a field as a whole number within bounds; what is no number counts as missing."""
        value = whole_number(self.text(name), default)
        if least is not None:
            value = max(value, least)
        return value if most is None else min(value, most)

    def decimal(self, name: str) -> float | None:
        """Give a field as a number, or None."""
        try:
            return float(self.text(name))
        except ValueError:
            return None

    def flag(self, name: str) -> bool:
        """Say whether a field is true, yes or 1."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def structure(self, name: str, what: str) -> Any:
        """Give a nested field, whether it came as an object or as JSON text; None when missing.

        Raises:
            Refusal: the text is no JSON; `what` names it in the sentence.
        """
        value = self.fields.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            raise bad_request(f"can't parse {what} JSON object") from None
        check_strings(found)
        return found

    def shown(self) -> Json:
        """Give the fields for the list of calls, long values cut."""
        fields = {name: _cut(self.text(name)) for name in self.fields}
        return fields | {name: f"{file.name}, {len(file.content)} bytes" for name, file in self.files.items()}


def whole_number(given: Any, default: int = 0) -> int:
    """Give a whole number, written as one or as text; the default for anything else."""
    try:
        return int(given)
    except (TypeError, ValueError, OverflowError):
        return default


def check_strings(given: Any) -> None:
    """Let through only what can be written as UTF-8.

    Raises:
        Refusal: a string holds half of a surrogate pair, or lists lie too deep in one another.
    """
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    except RecursionError:
        raise bad_request("can't parse JSON object") from None


def read_parameters(query: bytes, content_type: str, body: bytes) -> Parameters:
    """Read a call from its query string and its body: form, multipart or JSON.

    Raises:
        Refusal: the body is not what its content type says.
    """
    fields: Json = dict(parse_qsl(query.decode("ascii", "replace"), keep_blank_values=True))
    files: dict[str, Upload] = {}
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" and body:
        fields |= _json_fields(body)
    elif kind == "multipart/form-data":
        more, files = _multipart(content_type, body)
        fields |= more
    elif kind == "application/x-www-form-urlencoded":
        fields |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Parameters(fields=fields, files=files)


def _json_fields(body: bytes) -> Json:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("can't parse JSON object") from None
    if not isinstance(given, dict):
        raise bad_request("can't parse JSON object: expected an Object")
    return given


def _multipart(content_type: str, body: bytes) -> tuple[Json, dict[str, Upload]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    fields: Json = {}
    files: dict[str, Upload] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(payload, bytes):
            continue
        file_name = part.get_filename()
        if file_name is None:
            fields[name] = payload.decode("utf-8", "replace")
        else:
            files[name] = Upload(name=file_name, kind=part.get_content_type(), content=payload)
    return fields, files


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
