"""Is this text one that Telegram sends, and how does it look afterwards?"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from bot.preview.entities import KINDS, Entity, cut_utf16, normal_form, utf16_length, with_found
from bot.preview.html_entities import parse_html
from bot.preview.refusal import Json, Refusal, bad_request

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_RAW_BYTES = 32768
_DROPPED = {"\r", *map(chr, range(0x2028, 0x202F))}
_INVISIBLE = set(" \n\u00a0\u1680\u180e\u2028\u2029\u202f\u205f\u2800\u3000\ufeff") | set(
    map(chr, range(0x2000, 0x2010))
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FormattedText:
    """A text as Telegram stores it, with its entities (offsets in UTF-16 code units)."""

    text: str
    entities: tuple[Entity, ...] = ()

    def as_json(self, text_field: str = "text", entities_field: str = "entities") -> Json:
        """Write it as two fields of a message; no entities, no field."""
        body: Json = {text_field: self.text}
        if self.entities:
            body[entities_field] = [entity.as_json() for entity in self.entities]
        return body


def message_text(
    raw: str | None,
    *,
    parse_mode: str,
    entities: Sequence[Entity] = (),
    too_long: str = "message is too long",
) -> FormattedText:
    """Give the text of a message as Telegram would store it.

    Raises:
        Refusal: the text is missing, blank, too long after parsing, or its HTML is wrong.
    """
    if not raw:
        raise bad_request("message text is empty")
    formatted = _formatted(raw, parse_mode, entities)
    if all(character in _INVISIBLE for character in formatted.text):
        raise bad_request("text must be non-empty")
    if len(formatted.text) > LONGEST_TEXT:
        raise bad_request(too_long)
    return formatted


def caption_text(raw: str | None, *, parse_mode: str, entities: Sequence[Entity] = ()) -> FormattedText:
    """Give a caption as Telegram would store it; it may be empty.

    Raises:
        Refusal: it is too long after parsing, or its HTML is wrong.
    """
    formatted = _formatted(raw or "", parse_mode, entities)
    if len(formatted.text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return formatted


def typed_text(raw: str) -> FormattedText:
    """Give what a person typed, trimmed, with the commands and links Telegram marks by itself."""
    return _formatted(raw, "", ())


def entities_from_json(given: Any) -> list[Entity]:
    """Read entities that a bot wrote by hand.

    Raises:
        Refusal: it is not a list of objects with type, offset and length.
    """
    if not isinstance(given, list):
        raise bad_request("can't parse entities: Expected an Array of MessageEntity")
    return [entity for item in given if (entity := _entity_from_json(item)) is not None]


def _entity_from_json(item: Any) -> Entity | None:
    try:
        kind, offset, length = str(item["type"]), int(item["offset"]), int(item["length"])
    except (TypeError, KeyError, ValueError, OverflowError):
        raise _wrong_entity() from None
    if kind not in KINDS:
        raise bad_request("can't parse entities: Unsupported MessageEntity type specified")
    if offset < 0 or length <= 0:
        return None
    about = str(item.get("url") or item.get("language") or item.get("custom_emoji_id") or "")
    return Entity(kind=kind, offset=offset, length=length, about=about)


def _wrong_entity() -> Refusal:
    return bad_request("can't parse entities: Can't parse MessageEntity")


def _formatted(raw: str, parse_mode: str, entities: Sequence[Entity]) -> FormattedText:
    if len(raw.encode("utf-8", "surrogatepass")) > LONGEST_RAW_BYTES:
        raise bad_request("text is too long")
    match parse_mode.lower():
        case "":
            text, given = raw, list(entities)
        case "html":
            text, given = parse_html(raw)
        case _:
            raise bad_request("unsupported parse_mode")
    text, given = _tidy(text, given)
    return FormattedText(text=text, entities=tuple(with_found(text, normal_form(given))))


def _tidy(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Clean and trim a text and move its entities along."""
    cleaned, places = _cleaned(text)
    begin = len(cleaned) - len(cleaned.lstrip(" \n"))
    trimmed = cleaned.strip(" \n")
    cut = utf16_length(cleaned[:begin])
    limit = utf16_length(trimmed)

    def moved(place: int) -> int:
        return min(max(places[min(place, len(places) - 1)] - cut, 0), limit)

    kept = []
    for entity in entities:
        offset, end = moved(entity.offset), moved(entity.end)
        if end > offset and cut_utf16(trimmed, offset, end - offset).strip(" \n"):
            kept.append(dataclasses.replace(entity, offset=offset, length=end - offset))
    return trimmed, kept


def _cleaned(text: str) -> tuple[str, list[int]]:
    """Drop what Telegram drops; `places[n]` is where the old UTF-16 offset n lies in the new text."""
    kept: list[str] = []
    places: list[int] = []
    at = 0
    for character in text:
        units = utf16_length(character)
        places.extend(range(at, at + units) if character not in _DROPPED else [at])
        if character in _DROPPED:
            continue
        kept.append(" " if character < " " and character != "\n" else character)
        at += units
    places.append(at)
    return "".join(kept), places
