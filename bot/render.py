"""How does a reply look: as Telegram HTML within 4,096 characters (1,024 below a file), or as plain text?

All text is escaped here and nowhere else. A reply that is too long loses the ends of its longest quotes first, with a
sign that more can be shown. If that is not enough, the last lines of its lead go (a verdict begins with the strictest),
and it says so; places and disclaimer are never cut.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.reply import Attachment, Choice, Quoted, Reply
from corpus.passage import Span

LONGEST: Final = 4096
"""What Telegram takes in one message after parsing; counted here in UTF-16 units, the stricter of its two ways."""
LONGEST_CAPTION: Final = 1024
"""The same for the words that go with a file."""
_MORE: Final = " […]"
_LEAST_OF_A_QUOTE: Final = 120
_OURS: Final = {"en": "our own-words edition", "ru": "в нашем пересказе"}
_VERBATIM: Final = {"en": "the article's own words", "ru": "слова статьи"}
_LINE: Final = {"en": "line", "ru": "строка"}
_LINES: Final = {"en": "lines", "ru": "строки"}
_NOT_ALL: Final = {
    "en": "[…] This is not all of it. Please ask about fewer things in one message.",
    "ru": "[…] Здесь не всё. Спросите, пожалуйста, о меньшем в одном сообщении.",
}
_IN_SHORT: Final = {"en": "In short", "ru": "Кратко"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A reply ready for one message: HTML, and the rows of buttons. Only `render` makes it, only from a `Reply`."""

    html: str
    buttons: tuple[tuple[Choice, ...], ...]
    attachment: Attachment | None = None


def length(text: str) -> int:
    """The length as Telegram's clients count it: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def render(reply: Reply) -> Rendered:
    """The reply as Telegram HTML; after parsing it is no longer than Telegram takes."""
    text = _fitted(reply, _HTML, measure=_parsed_length)
    return Rendered(html=text, buttons=reply.choices, attachment=reply.attachment)


def plain(reply: Reply) -> str:
    """The reply as plain text, whole; the answering words are not marked."""
    return _assemble(reply, reply.lead, [_body(quoted) for quoted in reply.quotes], _PLAIN)


@dataclass(frozen=True, slots=True)
class _Body:
    """The text of a quote and the character stretches to mark in it."""

    text: str
    marked: tuple[tuple[int, int], ...]

    def cut(self, most: int) -> _Body:
        if len(self.text) <= most:
            return self
        end = self.text.rfind(" ", 0, most)
        end = end if end > most // 2 else most
        marked = tuple((start, min(stop, end)) for start, stop in self.marked if start < end)
        return _Body(self.text[:end].rstrip() + _MORE, marked)


def _body(quoted: Quoted) -> _Body:
    """What is shown of a quote: the original's lines when at hand, else our edition with the answer marked."""
    if quoted.verbatim is not None:
        return _Body(quoted.verbatim, ())
    starts, position, parts = [], 0, []
    for block in quoted.citation.passage.blocks:
        prefix = len(block.shown) - len(block.text)
        starts.append(position + prefix)
        parts.append(block.shown)
        position += len(block.shown) + 1
    whole = quoted.citation.passage
    marks = tuple(
        (starts[span.block] + span.start, starts[span.block] + span.end)
        for span in sorted(quoted.citation.marked, key=lambda span: (span.block, span.start))
        if not _is_everything(span, quoted)
    )
    return _Body(whole.text, marks)


def _is_everything(span: Span, quoted: Quoted) -> bool:
    """Marking the whole of a one-block passage marks nothing."""
    blocks = quoted.citation.passage.blocks
    return len(blocks) == 1 and span.start == 0 and span.end == len(blocks[0].text)


@dataclass(frozen=True, slots=True)
class _Style:
    escape: Callable[[str], str]
    bold: Callable[[str], str]
    italic: Callable[[str], str]
    quote: Callable[[str], str]


_HTML: Final = _Style(
    escape=lambda text: html.escape(text, quote=False),
    bold=lambda text: f"<b>{text}</b>",
    italic=lambda text: f"<i>{text}</i>",
    quote=lambda text: f"<blockquote expandable>{text}</blockquote>",
)
_PLAIN: Final = _Style(
    escape=lambda text: text,
    bold=lambda text: text,
    italic=lambda text: text,
    quote=lambda text: "\n".join(f"> {line}" for line in text.split("\n")),
)


def _assemble(reply: Reply, lead: str, bodies: Sequence[_Body], style: _Style) -> str:
    parts = [style.escape(lead)] if lead else []
    for quoted, body in zip(reply.quotes, bodies, strict=True):
        section = []
        if quoted.summary:
            section.append(f"{style.escape(_IN_SHORT[reply.language])}: {style.escape(quoted.summary)}")
        section.append(style.quote(_marked(body, style)))
        section.append(style.italic(style.escape(source_line(quoted, reply.language))))
        parts.append("\n".join(section))
    parts.append(style.escape(reply.disclaimer.text))
    return "\n\n".join(parts)


def _marked(body: _Body, style: _Style) -> str:
    shown, position = [], 0
    for start, end in body.marked:
        if start < position:
            continue
        shown.append(style.escape(body.text[position:start]))
        shown.append(style.bold(style.escape(body.text[start:end])))
        position = end
    shown.append(style.escape(body.text[position:]))
    return "".join(shown)


def source_line(quoted: Quoted, language: str) -> str:
    """Where the quote comes from: title, section, lines, and whose words are shown."""
    citation = quoted.citation
    passage = citation.passage
    document = passage.document
    if not document.original_file:
        return f"— {document.title}: {passage.title}"
    lines = ", ".join(str(run) for run in citation.lines)
    single = len(citation.lines) == 1 and citation.lines[0].first == citation.lines[0].last
    word = (_LINE if single else _LINES)[language]
    whose = (_VERBATIM if quoted.verbatim is not None else _OURS)[language]
    section = f", “{passage.section}”" if passage.section and not passage.section_is_ours else ""
    return f"— {document.title}{section}, {word} {lines} ({document.id}; {whose})"


def _parsed_length(text: str) -> int:
    """Length after Telegram has taken the tags out; our own tags only, everything else is escaped."""
    bare = text
    for tag in ("<b>", "</b>", "<i>", "</i>", "<blockquote expandable>", "</blockquote>"):
        bare = bare.replace(tag, "")
    return length(html.unescape(bare))


def _fitted(reply: Reply, style: _Style, measure: Callable[[str], int]) -> str:
    lead, bodies = reply.lead, [_body(quoted) for quoted in reply.quotes]
    text = _assemble(reply, lead, bodies, style)
    most_in_all = LONGEST if reply.attachment is None else LONGEST_CAPTION
    while (over := measure(text) - most_in_all) > 0:
        longest = max(range(len(bodies)), key=lambda number: len(bodies[number].text))
        most = max(_LEAST_OF_A_QUOTE, len(bodies[longest].text) - over - len(_MORE) - 1)
        shorter = bodies[longest].cut(most)
        if len(shorter.text) < len(bodies[longest].text):
            bodies[longest] = shorter
        elif len(cut := _without_last_lines(lead, over, _NOT_ALL[reply.language])) < len(lead):
            lead = cut
        else:
            raise ValueError("the reply does not fit one message even with its quotes and its lead cut short")
        text = _assemble(reply, lead, bodies, style)
    return text


def _without_last_lines(lead: str, over: int, sign: str) -> str:
    """The lead without at least `over` characters at its end, and the sign that says so."""
    kept = lead.removesuffix(sign)[: max(0, len(lead) - over - len(sign) - 1)]
    end = next((place for gap in "\n " if (place := kept.rfind(gap)) > 0), len(kept))
    return f"{kept[:end]}\n{sign}".lstrip()
