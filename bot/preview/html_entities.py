"""What does this HTML say to Telegram: a text with entities, or which refusal?"""

import dataclasses
import re

from bot.preview.entities import Entity, utf16_length
from bot.preview.links import checked_link
from bot.preview.refusal import Refusal, bad_request

KIND_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(?:x(?P<hex>[0-9a-fA-F]*)|(?P<dec>[0-9]*))|(?P<name>[a-zA-Z]*));?")
_LONGEST_REFERENCE = 10
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_BLANK = " \t\r\n\v\0"


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Turn Telegram's HTML into plain text and entities in the order their tags close.

    Raises:
        Refusal: 400 with "can't parse entities: …"; positions in it are UTF-8 byte offsets.
    """
    return _Reader(source).read()


@dataclasses.dataclass(slots=True)
class _OpenTag:
    name: str
    argument: str
    offset: int
    begins: int


class _Reader:
    """Reads from left to right; `at` is the place in the source, in code points."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text: list[str] = []
        self.offset = 0
        self.open: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "<":
                self._tag()
            elif character == "&":
                self._add(self._reference())
            else:
                self.at += 1
                self._add(character)
        if self.open:
            raise _refused(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return "".join(self.text), self.entities

    def _add(self, piece: str) -> None:
        self.text.append(piece)
        self.offset += utf16_length(piece)

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def _skip_blanks(self) -> None:
        while self._peek() and self._peek() in _BLANK:
            self.at += 1

    def _until(self, stops: str) -> str:
        begin = self.at
        while self._peek() and self._peek() not in stops:
            self.at += 1
        return self.source[begin : self.at]

    def _reference(self) -> str:
        """Decode the reference at the ampersand, or give the ampersand itself."""
        match = _REFERENCE.match(self.source, self.at)
        character = _decoded(match) if match else None
        if match is None or character is None:
            self.at += 1
            return "&"
        self.at = match.end()
        return character

    def _bytes_before(self, place: int) -> int:
        return len(self.source[:place].encode("utf-8", "surrogatepass"))

    def _tag(self) -> None:
        begin = self.at
        self.at += 1
        if self._peek() == "/":
            self.at += 1
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _start_tag(self, begin: int) -> None:
        here = self._bytes_before(begin)
        name = self._until(_BLANK + ">").lower()
        if not self._peek():
            raise _refused(f"Unclosed start tag at byte offset {here}")
        if name not in KIND_OF_TAG:
            raise _refused(f'Unsupported start tag "{name}" at byte offset {here}')
        argument = self._attributes(name, here)
        if name == "span" and argument != "spoiler":
            raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {here}')
        self.open.append(_OpenTag(name, argument, self.offset, len(self.text)))

    def _attributes(self, tag: str, here: int) -> str:
        """Read up to and with the `>`; give the one attribute value that matters for this tag."""
        argument = ""
        while True:
            self._skip_blanks()
            if not self._peek():
                raise _refused(f"Unclosed start tag at byte offset {here}")
            if self._peek() == ">":
                self.at += 1
                return argument
            name = self._until(_BLANK + "=>/\"'")
            if not name:
                raise _refused(f'Empty attribute name in the tag "{tag}" at byte offset {here}')
            value = self._attribute_value(tag, here)
            argument = _argument(tag, name.lower(), value) or argument

    def _attribute_value(self, tag: str, here: int) -> str | None:
        self._skip_blanks()
        if self._peek() != "=":
            return None
        self.at += 1
        self._skip_blanks()
        quote = self._peek()
        if not quote:
            raise _refused(f'Unclosed start tag "{tag}" at byte offset {here}')
        return self._quoted(quote, here) if quote in "\"'" else self._name_token()

    def _quoted(self, quote: str, here: int) -> str:
        self.at += 1
        pieces: list[str] = []
        while self._peek() and self._peek() != quote:
            if self._peek() == "&":
                pieces.append(self._reference())
            else:
                pieces.append(self._peek())
                self.at += 1
        if not self._peek():
            raise _refused(f"Unclosed start tag at byte offset {here}")
        self.at += 1
        return "".join(pieces)

    def _name_token(self) -> str:
        begin = self.at
        while self._peek() and (self._peek() in ".-" or (self._peek().isascii() and self._peek().isalnum())):
            self.at += 1
        if self._peek() and self._peek() not in _BLANK + ">":
            raise _refused(f"Unexpected end of name token at byte offset {self._bytes_before(begin)}")
        return self.source[begin : self.at].lower()

    def _end_tag(self, begin: int) -> None:
        here = self._bytes_before(begin)
        if not self.open:
            raise _refused(f"Unexpected end tag at byte offset {here}")
        found = self._until(_BLANK + ">").lower()
        self._skip_blanks()
        if self._peek() != ">":
            raise _refused(f"Unclosed end tag at byte offset {here}")
        self.at += 1
        tag = self.open.pop()
        if found and found != tag.name:
            raise _refused(f'Unmatched end tag at byte offset {here}, expected "</{tag.name}>", found "</{found}>"')
        if self.offset > tag.offset:
            self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        kind, about = KIND_OF_TAG[tag.name], tag.argument
        length = self.offset - tag.offset
        if tag.name == "a":
            about = checked_link(tag.argument or "".join(self.text[tag.begins :])) or ""
            if not about:
                return
        elif tag.name == "blockquote":
            kind, about = ("expandable_blockquote" if tag.argument else "blockquote"), ""
        elif tag.name == "tg-time" and not (about.isascii() and about.isdigit()):
            raise _refused("Invalid time specified")
        elif tag.name in {"pre", "code"} and self._joins_code(tag, length):
            return
        elif kind == "spoiler":
            about = ""
        self.entities.append(Entity(kind=kind, offset=tag.offset, length=length, about=about))

    def _joins_code(self, tag: _OpenTag, length: int) -> bool:
        """See `<pre>` and `<code class="language-x">` around the same text as one block with a language."""
        if not self.entities:
            return False
        last = self.entities[-1]
        partner = {"pre": "code", "code": "pre"}[tag.name]
        same = (last.kind, last.offset, last.length) == (partner, tag.offset, length)
        language = tag.argument or last.about
        if not same or not language:
            return False
        self.entities[-1] = dataclasses.replace(last, kind="pre", about=language)
        return True


def _argument(tag: str, attribute: str, value: str | None) -> str:
    given = value or ""
    match tag, attribute:
        case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "unix"):
            return given
        case "code", "class":
            return given.removeprefix("language-") if given.startswith("language-") else ""
        case "span", "class":
            return given.removeprefix("tg-") if given.startswith("tg-") else ""
        case "blockquote", "expandable":
            return "1"
        case _:
            return ""


def _decoded(match: re.Match[str]) -> str | None:
    """Give the character a reference stands for; None where Telegram leaves it as typed."""
    if match["name"] is not None:
        return _NAMED.get(match["name"])
    digits, base = (match["hex"], 16) if match["hex"] is not None else (match["dec"], 10)
    if len(match.group().rstrip(";")) >= _LONGEST_REFERENCE or not digits:
        return None
    number = int(digits, base)
    if number == 0 or number >= _LAST_CODE_POINT:
        return None
    if number in _SURROGATES:
        raise bad_request("strings must be encoded in UTF-8")
    return chr(number)


def _refused(reason: str) -> Refusal:
    return bad_request(f"can't parse entities: {reason}")
