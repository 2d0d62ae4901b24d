"""A leaflet of any kind becomes a draft page that the page reader takes without complaint."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.importing import (
    CannotImport,
    Extracted,
    document_id,
    draft,
    from_text,
    import_file,
    import_files,
    joined_pages,
)
from corpus.coverage import note_uncovered
from corpus.library import Library
from corpus.originals import read_originals
from corpus.page import Page, read_page
from corpus.yaml_source import Problems

TODAY = date(2026, 11, 20)
TXT = """Cold packs

When to use a cold pack
goes on here.

Never put it on:

- open skin
- a numb
  foot

1. Wrap it.
2. Wait ten minutes.
"""
MARKDOWN = """# Cold packs

When to use a *cold* pack
goes on here.

## Limits

Never put it on:

* open skin
* a numb [foot](http://example.org)

3. Wrap it.
4. Wait ten minutes.

| a | b |
|---|---|
| 1 | 2 |
"""
HTML = """<!doctype html><html><head><title>No</title><style>p {}</style></head><body>
<nav><a href="/">Home</a></nav><h1>Cold packs</h1><p>When to use a <b>cold</b> pack &amp; how.</p>
<script>alert("no")</script><h2>Limits</h2><p>Never put it on:<ul><li>open skin<li>a numb foot</ul>
<ol start="3"><li><p>Wrap it.</p></li><li>Wait.</li></ol><table><tr><td>one</td><td>two</td></tr></table></body></html>
"""
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCX = f"""<?xml version="1.0"?><w:document {NAMESPACE}><w:body>
<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Cold packs</w:t></w:r></w:p>
<w:p><w:r><w:t>Never put </w:t></w:r><w:r><w:t>it on:</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>open skin</w:t></w:r></w:p>
<w:p/></w:body></w:document>"""


def docx(path: Path, xml: str) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", xml)
    return path


def imported(path: Path, into: Path) -> Page:
    """Import a file and read the draft as the bot would; nothing may be wrong with it."""
    done = import_file(path, into, today=TODAY)
    problems = Problems()
    page = read_page(done.page, problems)
    assert page is not None
    library = Library([page])
    note_uncovered(library, {}, read_originals(into, library.documents), problems)
    assert [str(problem) for problem in problems.found] == []
    assert len(page.passages) == done.passages
    return page


def blocks(page: Page) -> list[list[str]]:
    return [[block.shown for block in passage.blocks] for passage in page.passages]


def test_plain_text_keeps_lists_with_their_lead_in(tmp_path: Path) -> None:
    (tmp_path / "Cold Packs.txt").write_text(TXT, encoding="utf-8")
    page = imported(tmp_path / "Cold Packs.txt", tmp_path / "into")
    assert page.document.title == "Cold packs"
    assert page.document.id == "cold-packs"
    assert not page.document.own_words
    assert blocks(page) == [
        ["When to use a cold pack goes on here."],
        ["Never put it on:", "• open skin", "• a numb foot", "1. Wrap it.", "2. Wait ten minutes."],
    ]


def test_markdown_loses_its_marks_and_keeps_its_numbers(tmp_path: Path) -> None:
    (tmp_path / "leaflet.md").write_text(MARKDOWN, encoding="utf-8")
    page = imported(tmp_path / "leaflet.md", tmp_path / "into")
    assert [passage.section for passage in page.passages] == ["", "Limits", "Limits", "Limits", "Limits", "Limits"]
    assert blocks(page)[0] == ["When to use a cold pack goes on here."]
    assert blocks(page)[1][1:] == ["• open skin", "• a numb foot", "3. Wrap it.", "4. Wait ten minutes."]


def test_html_leaves_out_scripts_and_navigation(tmp_path: Path) -> None:
    (tmp_path / "leaflet.html").write_text(HTML, encoding="utf-8")
    page = imported(tmp_path / "leaflet.html", tmp_path / "into")
    assert blocks(page) == [
        ["When to use a cold pack & how."],
        ["Never put it on:", "• open skin", "• a numb foot", "3. Wrap it.", "4. Wait."],
        ["one | two"],
    ]


def test_docx_paragraphs_and_lists_are_read(tmp_path: Path) -> None:
    page = imported(docx(tmp_path / "leaflet.docx", DOCX), tmp_path / "into")
    assert page.document.title == "Cold packs"
    assert blocks(page) == [["Never put it on:", "• open skin"]]


def test_a_docx_with_a_document_type_is_refused(tmp_path: Path) -> None:
    bomb = DOCX.replace("<w:document", '<!DOCTYPE w [<!ENTITY a "aaaa">]><w:document', 1)
    with pytest.raises(CannotImport, match="declares a document type"):
        import_file(docx(tmp_path / "bomb.docx", bomb), tmp_path, today=TODAY)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("leaflet.odt", b"", "files of this kind are not read"),
        ("leaflet.txt", b"\n\n", "holds no text"),
        ("leaflet.txt", b"a\n\xff\n", "leaflet.txt:2: is not UTF-8"),
        ("leaflet.docx", b"not a zip", "is no DOCX file"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CannotImport, match=reason):
        import_file(tmp_path / name, tmp_path / "into", today=TODAY)
    assert not (tmp_path / "into").exists()


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotImport, match="cannot be read"):
        import_file(tmp_path / "none.txt", tmp_path, today=TODAY)


def test_a_draft_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "leaflet.md").write_text(MARKDOWN, encoding="utf-8")
    import_file(tmp_path / "leaflet.md", tmp_path / "into", today=TODAY)
    with pytest.raises(CannotImport, match="exists already"):
        import_file(tmp_path / "leaflet.md", tmp_path / "into", today=TODAY)


def test_a_pdf_without_its_library_names_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pypdf" else found(name))
    (tmp_path / "leaflet.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(CannotImport, match="pypdf, which is not installed"):
        import_file(tmp_path / "leaflet.pdf", tmp_path, today=TODAY)


def test_words_parted_at_the_end_of_a_printed_line_are_whole_again() -> None:
    assert joined_pages(["A mas-\nsage of", "the neck.", "New."]) == "A massage of\nthe neck.\n\nNew."


def test_russian_text_is_known_as_such_and_gets_an_id() -> None:
    page, _ = draft([Extracted(kind="paragraph", text="Холод")], doc="x", original="x.txt", sha256="0", today=TODAY)
    assert "language: ru" in page
    assert document_id("Памятка") == "leaflet"


@given(st.lists(st.text(), min_size=1))
def test_any_text_makes_a_page_that_can_be_read_back(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    text = "\n\n".join(parts).encode("utf-8", "replace")
    (folder / "any.txt").write_bytes(text)
    with suppress(CannotImport):  # nothing but blanks and signs
        imported(folder / "any.txt", folder / "into")


def test_a_paragraph_that_looks_like_search_words_stays_a_paragraph() -> None:
    page, _ = draft(from_text("find: this is text."), doc="x", original="x.txt", sha256="0", today=TODAY)
    assert "— find: this is text. {1}" in page


def test_one_bad_file_does_not_keep_the_others(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(TXT, encoding="utf-8")
    (tmp_path / "bad.odt").write_bytes(b"")
    out, err = io.StringIO(), io.StringIO()
    files = [tmp_path / "bad.odt", tmp_path / "good.txt"]
    assert import_files(files, tmp_path / "into", today=TODAY, out=out, err=err) == 2
    assert "bad.odt: files of this kind are not read" in err.getvalue()
    assert out.getvalue().startswith(f"{tmp_path}/into/good.md: a draft of 2 passages")
