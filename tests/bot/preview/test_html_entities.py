"""HTML as Telegram reads it: texts, entities, refusals with their byte offsets."""

from html import escape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.preview.entities import Entity, cut_utf16, utf16_length
from bot.preview.html_entities import KIND_OF_TAG, parse_html
from bot.preview.message_text import FormattedText, message_text
from bot.preview.refusal import Refusal


def entities_of(source: str) -> list[tuple[str, int, int]]:
    return [(one.kind, one.offset, one.length) for one in parse_html(source)[1]]


def refusal_of(source: str) -> str:
    with pytest.raises(Refusal) as caught:
        parse_html(source)
    return caught.value.description.removeprefix("Bad Request: can't parse entities: ")


@pytest.mark.parametrize(
    ("tag", "kind"),
    [(tag, kind) for tag, kind in KIND_OF_TAG.items() if tag not in {"span", "a", "tg-time"}],
)
def test_every_known_tag_marks_its_text_in_any_case(tag: str, kind: str) -> None:
    assert parse_html(f"<{tag.upper()}>word</{tag}>")[0] == "word"
    assert entities_of(f"<{tag}>word</{tag}>") == [(kind, 0, 4)]


def test_offsets_count_utf16_units() -> None:
    assert entities_of("😀<b>😀ё</b>") == [("bold", 2, 3)]


def test_error_offsets_count_utf8_bytes() -> None:
    assert refusal_of("ё😀<x>") == 'Unsupported start tag "x" at byte offset 6'


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a<br>b", 'Unsupported start tag "br" at byte offset 1'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <", "Unclosed start tag at byte offset 2"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<i>x</b>", 'Unmatched end tag at byte offset 4, expected "</i>", found "</b>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href='x>y", "Unclosed start tag at byte offset 0"),
        ("<a ='x'>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/y>z</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_wrong_html_is_refused_with_its_place(source: str, reason: str) -> None:
    assert refusal_of(source) == reason


def test_only_four_names_and_numbers_are_decoded() -> None:
    assert parse_html("&lt;&gt;&amp;&quot;&#65;&#x42;")[0] == '<>&"AB'
    assert parse_html("&nbsp; &copy; a & b &")[0] == "&nbsp; &copy; a & b &"


def test_empty_tags_give_no_entity() -> None:
    assert entities_of("<b></b><i></i>x") == []


def test_a_wrong_address_loses_its_link_but_not_its_words() -> None:
    assert parse_html('<a href="localhost">here</a>') == ("here", [])
    assert parse_html('<a href="https://example.org">here</a>')[1][0].about == "https://example.org/"


def test_an_expandable_quote_and_a_code_language_are_kept() -> None:
    assert entities_of("<blockquote expandable>x</blockquote>") == [("expandable_blockquote", 0, 1)]
    code = parse_html('<pre><code class="language-python">x</code></pre>')[1]
    assert code == [Entity(kind="pre", offset=0, length=1, about="python")]


def test_nothing_is_formatted_inside_code() -> None:
    stored = message_text("<b>a <code>b <i>c</i></code> d</b>", parse_mode="HTML")
    assert [(e.kind, e.offset, e.length) for e in stored.entities] == [
        ("bold", 0, 2),
        ("code", 2, 3),
        ("bold", 5, 2),
    ]


def test_entities_move_with_the_trimmed_text() -> None:
    stored = message_text("\n  <b>word</b> \n", parse_mode="HTML")
    assert (stored.text, stored.entities) == ("word", (Entity(kind="bold", offset=0, length=4),))


def test_entities_after_the_hundredth_are_dropped() -> None:
    stored = message_text("<b>x</b> " * 120, parse_mode="HTML")
    assert len(stored.entities) == 100


MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<b>",
                "</b>",
                "<i>",
                "</i>",
                "<code>",
                "</code>",
                "</",
                "<",
                ">",
                "&",
                "&lt;",
                "&#x1F600;",
                "\n",
                '<a href="https://example.org/x">',
                "</a>",
                "<blockquote expandable>",
                "</blockquote>",
                "=",
                '"',
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=14,
).map("".join)


@given(MARKUP)
def test_any_text_is_read_or_refused(source: str) -> None:
    try:
        stored = message_text(source, parse_mode="HTML")
    except Refusal:
        return
    end = utf16_length(stored.text)
    assert all(0 <= entity.offset < entity.end <= end for entity in stored.entities)
    assert stored.text == stored.text.strip(" \n")


@given(MARKUP)
def test_what_is_stored_reads_back_the_same(source: str) -> None:
    try:
        stored = message_text(source, parse_mode="HTML")
    except Refusal:
        return
    assert message_text(as_html(stored), parse_mode="HTML") == stored


@given(st.text(min_size=1, max_size=60))
def test_escaped_text_comes_through_as_it_was(words: str) -> None:
    assert parse_html(escape(words))[0] == words.replace("'", "'")


TAGS = {"bold": "b", "italic": "i", "code": "code", "pre": "pre"}


def as_html(stored: FormattedText) -> str:
    """Write stored text as HTML again: each stretch between two borders carries all its tags."""
    shown = [entity for entity in stored.entities if entity.kind in {*TAGS, "text_link"} or "quote" in entity.kind]
    outer = [entity for entity in shown if "quote" in entity.kind or entity.kind == "text_link"]
    return _written(stored.text, 0, utf16_length(stored.text), sorted(outer, key=lambda e: -e.length), shown)


def _written(text: str, start: int, end: int, closed: list[Entity], shown: list[Entity]) -> str:
    inside = [entity for entity in closed if entity.offset < end and entity.end > start]
    if not inside:
        return _styled(text, start, end, [entity for entity in shown if entity.kind in TAGS])
    first, rest = inside[0], inside[1:]
    begin, stop = max(first.offset, start), min(first.end, end)
    opening = (
        f'<a href="{escape(first.about)}">'
        if first.kind == "text_link"
        else "<blockquote expandable>"
        if first.kind == "expandable_blockquote"
        else "<blockquote>"
    )
    closing = "</a>" if first.kind == "text_link" else "</blockquote>"
    return (
        _written(text, start, begin, rest, shown)
        + opening
        + _written(text, begin, stop, rest, shown)
        + closing
        + _written(text, stop, end, rest, shown)
    )


def _styled(text: str, start: int, end: int, styles: list[Entity]) -> str:
    edges = {start, end} | {e for s in styles for e in (s.offset, s.end) if start < e < end}
    borders = sorted(edges)
    pieces = []
    for begin, stop in pairwise(borders):
        tags = [TAGS[one.kind] for one in styles if one.offset <= begin and one.end >= stop]
        words = escape(cut_utf16(text, begin, stop - begin))
        pieces.append("".join(f"<{t}>" for t in tags) + words + "".join(f"</{t}>" for t in reversed(tags)))
    return "".join(pieces)
