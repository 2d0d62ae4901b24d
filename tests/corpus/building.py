"""Small passages, pages and libraries for tests."""

from __future__ import annotations

from pathlib import Path

from corpus.library import Library
from corpus.page import Page, read_page
from corpus.passage import Block, Document, Lines, Passage, PassageId
from corpus.yaml_source import Problems

FRONT = """---
doc: {doc}
title: A leaflet
language: en
original: {{file: {doc}.txt, sha256: "0"}}
edition: own-words
---
"""
BODY = """# A leaflet {lines=1}

## Before {lines=2}
## Restored {editor}

### Cold packs {#leaf-cold lines=3,5-7}
ru: Холодный пакет на десять минут.
find: ice; frozen peas
find: cool the skin
find-ru: лёд

Cool the skin with:
a cold pack. {3}

- a pack from the fridge {5}
- frozen peas {6-7}

### Warmth {#leaf-warm lines=9 only-for=warmth}

Warmth relaxes. It may burn.
"""


def document(doc: str = "leaf") -> Document:
    return Document(id=doc, title="A leaflet", language="en", original_file=f"{doc}.txt", original_sha256="0")


def passage(text: str = "One. Two.", *, name: str = "leaf-one", lines: Lines | None = None) -> Passage:
    """A passage of one paragraph."""
    place = lines or Lines(1, 1)
    return Passage(
        id=PassageId(name),
        document=document(),
        section="Section",
        section_is_ours=False,
        title="Title",
        lines=(place,),
        blocks=(Block(kind="paragraph", text=text, lines=place),),
    )


def write_page(folder: Path, body: str = BODY, *, doc: str = "leaf") -> Path:
    """A page in `folder/articles`."""
    path = folder / "articles" / f"{doc}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FRONT.format(doc=doc) + body, encoding="utf-8")
    return path


def page_of(folder: Path, body: str = BODY, *, doc: str = "leaf") -> Page:
    """A page that reads without a problem."""
    problems = Problems()
    page = read_page(write_page(folder, body, doc=doc), problems)
    assert page is not None
    assert problems.found == []
    return page


def library_of(folder: Path, body: str = BODY) -> Library:
    return Library([page_of(folder, body)])
