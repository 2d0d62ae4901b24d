"""How does somebody else's text become a draft page?

`massage-bot import FILE… --into DIR` takes txt, Markdown, HTML, DOCX or PDF. It writes the extracted text, one block a
line, and beside it a page in the corpus format that says which line each block came from. The page is a draft: its
titles and cuts are guesses, and its words are the publisher's. A person reads and corrects it before it is used.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final, Literal, TextIO
from xml.parsers import expat

from corpus.words import fold, language_of

Kind = Literal["title", "heading", "paragraph", "bullet", "step"]
LARGEST: Final = 20_000_000
"""Bytes, of a file and of what it unpacks to."""
_TITLE_WORDS: Final = 8
_HEADING_LENGTH: Final = 70
_BULLET: Final = re.compile(r"[-*•–—·▪●]\s+(.*)", re.DOTALL)
_STEP: Final = re.compile(r"(\d{1,3})[.)]\s+(.*)", re.DOTALL)
_LOOKS_LIKE_META: Final = re.compile(r"(?:ru|en|de|es|find(?:-[a-z]+)?):")
_SKIPPED_TAGS: Final = frozenset({"script", "style", "noscript", "template", "svg", "nav", "button", "form"})
_BLOCK_TAGS: Final = frozenset(
    (
        "p div section article main header footer aside table tr blockquote pre ul ol dl dt dd figure figcaption br hr"
    ).split()
)
_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "


class CannotImport(Exception):
    """The file cannot be turned into a page; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """One block of a text: what it is, its words, and a step's number."""

    kind: Kind
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was written."""

    page: Path
    text: Path
    passages: int


def import_files(files: Iterable[Path], into: Path, *, today: date, out: TextIO, err: TextIO) -> int:
    """Import each file and say what became of it; a file that cannot be read does not keep the others.

    Returns the exit status: 0, or 2 when a file could not be imported.
    """
    status = 0
    for path in files:
        try:
            done = import_file(path, into, today=today)
        except CannotImport as error:
            status = 2
            err.write(f"{error}\n")
        else:
            out.write(f"{done.page}: a draft of {done.passages} passages; read and correct it (see corpus/README.md)\n")
    return status


def import_file(path: Path, into: Path, *, today: date) -> Imported:
    """Write a draft page and the extracted text of a file into a folder.

    Raises:
        CannotImport: the kind of file is unknown, it is damaged, too large or empty, or the page exists already.
    """
    blocks = [block for block in map(_clean, extract(path)) if block is not None]
    if not any(block.kind not in {"title", "heading"} for block in blocks):
        raise CannotImport(f"{path} holds no text; if it is a scan, run text recognition over it first")
    doc = document_id(path.stem)
    page, text = into / f"{doc}.md", into / f"{doc}.txt"
    for target in (page, text):
        if target.exists():
            raise CannotImport(f"{target} exists already; rename {path.name}, or delete the old draft")
    lines = "".join(f"{block.text}\n" for block in blocks).encode()
    drafted, passages = draft(
        blocks, doc=doc, original=text.name, sha256=hashlib.sha256(lines).hexdigest(), today=today
    )
    into.mkdir(parents=True, exist_ok=True)
    text.write_bytes(lines)
    page.write_text(drafted, encoding="utf-8")
    return Imported(page=page, text=text, passages=passages)


def document_id(stem: str) -> str:
    """The short id that a file's name gives: small Latin letters, digits, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(stem)).strip("-") or "leaflet"


def extract(path: Path) -> list[Extracted]:
    """The blocks of a file, by the ending of its name."""
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise CannotImport(f"{path}: files of this kind are not read (known: {', '.join(sorted(_READERS))})")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise CannotImport(f"{path} cannot be read ({error.strerror})") from error
    if size > LARGEST:
        raise CannotImport(f"{path} is larger than {LARGEST} bytes; split it")
    return read(path)


def _clean(block: Extracted) -> Extracted | None:
    """The block on one line, without invisible characters; None when nothing is left."""
    visible = "".join(
        " " if unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cc"} else character
        for character in block.text
        if unicodedata.category(character) not in {"Cf", "Cs", "Co", "Cn"}
    )
    text = " ".join(visible.split()).lstrip("# ")
    return Extracted(kind=block.kind, text=text, number=block.number) if text else None


# Writing the page


def draft(blocks: Sequence[Extracted], *, doc: str, original: str, sha256: str, today: date) -> tuple[str, int]:
    """A page in the corpus format, and how many passages it holds; each block is one line of the original."""
    title = next((block.text for block in blocks if block.kind == "title"), "") or _short(blocks[0].text)
    whole = " ".join(block.text for block in blocks)
    out = [
        "---",
        f"doc: {doc}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"language: {language_of(whole)}",
        "publisher: unknown",
        f"retrieved: {today.isoformat()}",
        f"original: {{file: {original}, sha256: {sha256}}}",
        "edition: verbatim",
        "---",
    ]
    number = 0
    for group in _groups(list(enumerate(blocks, 1))):
        line, first = group[0]
        if first.kind in {"title", "heading"}:
            out += [f"{'#' if first.kind == 'title' else '##'} {_unbraced(first.text)} {{lines={line}}}", ""]
            continue
        number += 1
        last = group[-1][0]
        lines = str(line) if line == last else f"{line}-{last}"
        out += [f"### {_unbraced(_short(first.text))} {{#{doc}-{number} lines={lines}}}", ""]
        out += [_shown(block, at) for at, block in group]
        out.append("")
    return "\n".join(out), number


def _groups(numbered: Sequence[tuple[int, Extracted]]) -> Iterator[list[tuple[int, Extracted]]]:
    """Passages: a paragraph alone, or a list with the paragraph that leads it in."""
    held: list[tuple[int, Extracted]] = []
    for entry in numbered:
        in_list = entry[1].kind in {"bullet", "step"}
        if held and not (in_list and held[0][1].kind not in {"title", "heading"}):
            yield held
            held = []
        held.append(entry)
    if held:
        yield held


def _shown(block: Extracted, line: int) -> str:
    match block.kind:
        case "bullet":
            return f"- {block.text} {{{line}}}"
        case "step":
            return f"{block.number}. {block.text} {{{line}}}"
        case _:
            return f"{'— ' if _LOOKS_LIKE_META.match(block.text) else ''}{block.text} {{{line}}}"


def _short(text: str) -> str:
    """A title to be corrected: the first words."""
    words = text.split()
    return " ".join(words[:_TITLE_WORDS]).rstrip(".,;:!?") or text


def _unbraced(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")


# Plain text and PDF


def _read_txt(path: Path) -> list[Extracted]:
    return from_text(_decoded(path))


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CannotImport(f"{path}:{line}: is not UTF-8 text; save it as UTF-8") from error


def from_text(text: str) -> list[Extracted]:
    """Blocks of plain text: parted by blank lines; list marks begin an item; a short lone line is a heading."""
    found: list[Extracted] = []
    for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        if len(lines) == 1 and _looks_like_heading(lines[0]):
            found.append(Extracted(kind="heading" if found else "title", text=lines[0]))
            continue
        found += _paragraphs(lines)
    return found


def _paragraphs(lines: Iterable[str]) -> list[Extracted]:
    """A run of lines as paragraphs and items; a line without a mark goes on with the one before."""
    found: list[Extracted] = []
    for line in lines:
        item = _item(line)
        if item is not None:
            found.append(item)
        elif found:
            before = found.pop()
            found.append(Extracted(kind=before.kind, text=f"{before.text} {line}", number=before.number))
        else:
            found.append(Extracted(kind="paragraph", text=line))
    return found


def _item(line: str) -> Extracted | None:
    bullet, step = _BULLET.fullmatch(line), _STEP.fullmatch(line)
    if bullet:
        return Extracted(kind="bullet", text=bullet[1])
    return Extracted(kind="step", text=step[2], number=int(step[1])) if step else None


def _looks_like_heading(line: str) -> bool:
    return len(line) <= _HEADING_LENGTH and line[-1] not in ".!?:;,…" and _item(line) is None


def _read_pdf(path: Path) -> list[Extracted]:
    if importlib.util.find_spec("pypdf") is None:
        raise CannotImport(
            f"{path}: PDF is read by the library pypdf, which is not installed; install it, or save as text"
        )
    pypdf: Any = importlib.import_module("pypdf")
    try:
        pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
    except (pypdf.errors.PyPdfError, ValueError, KeyError, RecursionError) as error:
        raise CannotImport(f"{path} cannot be read as PDF ({error}); save it as text") from error
    return from_text(joined_pages(pages))


def joined_pages(pages: Iterable[str]) -> str:
    """The text of printed pages: words parted at a line's end are whole again, sentences run over the page's edge."""
    whole = ""
    for page in pages:
        text = page.strip()
        open_sentence = whole and whole.rstrip()[-1:] not in ".!?:"
        whole += ("\n" if open_sentence else "\n\n") + text if whole else text
    return re.sub(r"(?<=[^\W\d_])-\n(?=[^\W\d_])", "", whole)


# Markdown


def _read_markdown(path: Path) -> list[Extracted]:
    from markdown_it import MarkdownIt  # noqa: PLC0415 (only who imports Markdown pays for it)

    found: list[Extracted] = []
    numbers: list[int | None] = []
    heading = ""
    for token in MarkdownIt("commonmark").enable("table").parse(_decoded(path)):
        match token.type:
            case "heading_open":
                heading = token.tag
            case "heading_close":
                heading = ""
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrGet("start") or 1) - 1)
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
            case "list_item_open" if numbers and numbers[-1] is not None:
                numbers[-1] += 1
            case "fence" | "code_block":
                found.append(Extracted(kind="paragraph", text=token.content))
            case "inline":
                text = "".join(_inline(child.type, child.content) for child in token.children or ())
                found.append(_in_context(text, heading, numbers[-1:], first=not found))
            case _:
                pass
    return found


def _inline(kind: str, content: str) -> str:
    return " " if kind in {"softbreak", "hardbreak"} else content


def _in_context(text: str, heading: str, numbers: Sequence[int | None], *, first: bool) -> Extracted:
    if heading:
        return Extracted(kind="title" if first and heading == "h1" else "heading", text=text)
    if not numbers:
        return Extracted(kind="paragraph", text=text)
    number = numbers[0]
    if number is None:
        return Extracted(kind="bullet", text=text)
    return Extracted(kind="step", text=text, number=number)


# HTML


def _read_html(path: Path) -> list[Extracted]:
    reader = _HtmlReader()
    reader.feed(_decoded(path))
    reader.close()
    reader.end_block()
    return reader.found


class _HtmlReader(HTMLParser):
    """Collects the blocks of a page; scripts, navigation and forms are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Extracted] = []
        self._held: list[str] = []
        self._skipping = 0
        self._in_head = False
        self._heading = ""
        self._lists: list[int | None] = []
        self._in_item = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED_TAGS:
            self._skipping += 1
        elif tag == "head":
            self._in_head = True
        elif tag == "body":
            self._in_head = False
        elif re.fullmatch(r"h[1-6]", tag):
            self.end_block()
            self._heading = tag
        elif tag in {"ul", "ol"}:
            self.end_block()
            start = dict(attrs).get("start") or "1"
            self._lists.append(int(start) - 1 if tag == "ol" and start.isdecimal() else 0 if tag == "ol" else None)
        elif tag == "li":
            self.end_block()
            self._in_item = True
            if self._lists and self._lists[-1] is not None:
                self._lists[-1] += 1
        elif tag in {"td", "th"} and self._held:
            self._held.append(" | ")
        elif tag in _BLOCK_TAGS:
            self.end_block()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED_TAGS:
            self._skipping = max(0, self._skipping - 1)
        elif tag == "head":
            self._in_head = False
        elif re.fullmatch(r"h[1-6]", tag):
            self.end_block()
            self._heading = ""
        elif tag in {"ul", "ol"}:
            self.end_block()
            self._lists = self._lists[:-1]
        elif tag == "li":
            self.end_block()
            self._in_item = False
        elif tag in _BLOCK_TAGS:
            self.end_block()

    def handle_data(self, data: str) -> None:
        if not self._skipping and not self._in_head:
            self._held.append(data)

    def end_block(self) -> None:
        """What has been collected is one block."""
        text = "".join(self._held).strip()
        self._held = []
        if text:
            numbers = (self._lists[-1:] or [None]) if self._in_item else []
            self.found.append(_in_context(text, self._heading, numbers, first=not self.found))


# DOCX


def _read_docx(path: Path) -> list[Extracted]:
    try:
        with zipfile.ZipFile(path) as packed:
            inside = packed.getinfo("word/document.xml")
            if inside.file_size > LARGEST:
                raise CannotImport(f"{path} unpacks to more than {LARGEST} bytes; split it")
            with packed.open(inside) as opened:
                data = opened.read(LARGEST + 1)
    except (zipfile.BadZipFile, KeyError, RuntimeError, OSError) as error:
        raise CannotImport(f"{path} is no DOCX file ({error}); save it again as .docx") from error
    reader = _WordReader(path)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    try:
        parser.Parse(data, True)  # noqa: FBT003 (expat takes it by position only)
    except expat.ExpatError as error:
        raise CannotImport(f"{path} is no DOCX file ({error}); save it again as .docx") from error
    return reader.found


class _WordReader:
    """Collects the paragraphs of word/document.xml."""

    def __init__(self, path: Path) -> None:
        self.found: list[Extracted] = []
        self._path = path
        self._held: list[str] = []
        self._style = ""
        self._in_list = False
        self._in_words = False

    def refuse(self, *_declared: object) -> None:
        """Word writes no document type; whoever puts one in wants entities to grow."""
        raise CannotImport(f"{self._path} declares a document type; a DOCX file has none")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.removeprefix(_WORD):
            case "p":
                self._held, self._style, self._in_list = [], "", False
            case "pStyle":
                self._style = attributes.get(f"{_WORD}val", "")
            case "numPr":
                self._in_list = True
            case "t":
                self._in_words = True
            case "tab" | "br" | "cr":
                self._held.append(" ")
            case _:
                pass

    def words(self, data: str) -> None:
        if self._in_words:
            self._held.append(data)

    def end(self, name: str) -> None:
        match name.removeprefix(_WORD):
            case "t":
                self._in_words = False
            case "p":
                self._paragraph("".join(self._held).strip())
            case _:
                pass

    def _paragraph(self, text: str) -> None:
        style = self._style.casefold()
        if not text:
            return
        if style == "title" or style.startswith("heading"):
            self.found.append(Extracted(kind="heading" if self.found else "title", text=text))
        elif self._in_list or style.startswith("list"):
            self.found.append(Extracted(kind="bullet", text=text))
        else:
            self.found.append(_item(text) or Extracted(kind="paragraph", text=text))


_READERS: Final[dict[str, Callable[[Path], list[Extracted]]]] = {
    ".txt": _read_txt,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".docx": _read_docx,
    ".pdf": _read_pdf,
}
