"""Which stretches of a text are formatted, and how they are measured (UTF-16 code units)."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence

from bot.preview.refusal import Json

STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
VERBATIM = ("code", "pre")
KINDS = frozenset(
    {
        *STYLES,
        *VERBATIM,
        "blockquote",
        "expandable_blockquote",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
    }
)
MOST_ENTITIES = 100

_FOUND = (
    ("url", re.compile(r"\bhttps?://[^\s<>\"']*[^\s<>\"'.,;:!?)]")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("url", re.compile(r"(?<![\w@./-])(?:[\w-]+\.)+(?:com|org|net|info|me|io|ru|de|es)\b(?:/[^\s<>\"']*)?")),
    ("bot_command", re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z0-9_]{4,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#&/])#\w*[^\W\d]\w*")),
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One formatted stretch; offsets count UTF-16 code units, `about` is its link or language."""

    kind: str
    offset: int
    length: int
    about: str = ""

    @property
    def end(self) -> int:
        """Where the stretch ends, in UTF-16 code units."""
        return self.offset + self.length

    def as_json(self) -> Json:
        """Write it as the Bot API does."""
        body: Json = {"type": self.kind, "offset": self.offset, "length": self.length}
        field = {
            "text_link": "url",
            "pre": "language",
            "custom_emoji": "custom_emoji_id",
            "date_time": "unix_time",
        }.get(self.kind)
        if field == "unix_time":
            body[field] = int(self.about or 0)
        elif field and self.about:
            body[field] = self.about
        return body


def utf16_length(text: str) -> int:
    """Count the UTF-16 code units of a text: two for whatever lies beyond the basic plane."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut_utf16(text: str, offset: int, length: int) -> str:
    """Give the stretch of `text` that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def found_in(text: str) -> list[Entity]:
    """Find what Telegram marks by itself: links, addresses, commands, mentions, hashtags."""
    taken: list[tuple[int, int]] = []
    found: list[Entity] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            offset = utf16_length(text[:start])
            found.append(Entity(kind=kind, offset=offset, length=utf16_length(match.group())))
    return in_order(found)


def with_found(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Add what Telegram marks by itself, except where a link or code stands already."""
    closed = [entity for entity in entities if entity.kind in {*VERBATIM, "text_link", "text_mention"}]
    added = [entity for entity in found_in(text) if not any(_overlap(entity, other) for other in closed)]
    return in_order([*entities, *added])[:MOST_ENTITIES]


def normal_form(entities: Iterable[Entity]) -> list[Entity]:
    """Bring entities into the one form Telegram stores: styles merged, nothing inside code, in order."""
    given = [entity for entity in entities if entity.length > 0]
    verbatim = _first_come([entity for entity in given if entity.kind in VERBATIM])
    quotes = _first_come([entity for entity in given if entity.kind.endswith("blockquote")])
    links = _first_come([e for e in given if e.kind in {"text_link", "text_mention", "custom_emoji", "date_time"}])
    links = [link for link in links if not any(_overlap(link, code) for code in verbatim)]
    styles = [piece for kind in STYLES for piece in _merged(kind, given, verbatim)]
    return in_order([*verbatim, *quotes, *links, *styles])[:MOST_ENTITIES]


def in_order(entities: Iterable[Entity]) -> list[Entity]:
    """Sort by where they start; the longer one comes first, then by kind."""
    return sorted(entities, key=lambda entity: (entity.offset, -entity.length, entity.kind))


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def _first_come(entities: Sequence[Entity]) -> list[Entity]:
    """Keep the outermost of entities of a family that cannot be nested."""
    kept: list[Entity] = []
    for entity in in_order(entities):
        if not any(_overlap(entity, other) for other in kept):
            kept.append(entity)
    return kept


def _merged(kind: str, entities: Sequence[Entity], without: Sequence[Entity]) -> Iterator[Entity]:
    spans: list[list[int]] = []
    for entity in in_order(e for e in entities if e.kind == kind):
        if spans and entity.offset <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], entity.end)
        else:
            spans.append([entity.offset, entity.end])
    for start, end in spans:
        yield from _outside(kind, start, end, without)


def _outside(kind: str, start: int, end: int, without: Sequence[Entity]) -> Iterator[Entity]:
    for hole in in_order(without):
        if hole.end <= start or hole.offset >= end:
            continue
        if hole.offset > start:
            yield Entity(kind=kind, offset=start, length=hole.offset - start)
        start = hole.end
    if start < end:
        yield Entity(kind=kind, offset=start, length=end - start)
