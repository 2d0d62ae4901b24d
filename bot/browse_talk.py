"""What does somebody see who would rather tap: the menu, the articles by section, a passage and what is near it?

A passage names its place, so every button here works for anyone, at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.answer import Answerer
from bot.incoming import Door
from bot.known import Point, Said
from bot.presses import Press
from bot.reply import Choice
from corpus.library import Library
from corpus.page import Page
from corpus.passage import Passage
from intents.routines import Routine
from intents.wording import Wording

_MENU: Final = (("ask", "check"), ("routines", "browse"))
_LONGEST_LABEL: Final = 60
Rows = tuple[tuple[Choice, ...], ...]


class BrowseTalk:
    """Shows menus and passages."""

    def __init__(
        self, *, answerer: Answerer, wording: Wording, library: Library, routines: Mapping[str, Routine]
    ) -> None:
        self._answerer = answerer
        self._wording = wording
        self._library = library
        self._routines = routines

    def menu(self, language: str) -> Rows:
        """The four things there are to do."""
        return tuple(
            tuple(self._choice(language, f"menu_{name}", Press(act="menu", argument=name)) for name in row)
            for row in _MENU
        )

    def examples(self, at: Point) -> Said:
        """Questions that can be tapped."""
        rows = tuple(
            (Choice(label=_label(text), press=str(Press(act="ask", argument=str(number)))),)
            for number, text in enumerate(self._wording.words(at.language, "examples"))
        )
        lead = self._wording.say(at.language, "ask_usage")
        return Said(reply=self._answerer.note("help", at.language, lead=lead, choices=rows), memory=at.memory)

    def example(self, number: str, language: str) -> str | None:
        """The question of a button."""
        texts = self._wording.words(language, "examples")
        return texts[int(number)] if number.isascii() and number.isdigit() and int(number) < len(texts) else None

    # The articles

    def documents(self, at: Point) -> Said:
        """Which articles there are, and pictures of what they describe step by step."""
        articles = [
            (Choice(label=_label(page.document.title), press=str(Press(act="doc", argument=page.document.id))),)
            for page in self._library.pages
        ]
        pictures = [
            (
                Choice(
                    label=_label(self._wording.say(at.language, "browse_picture", routine=routine.called(at.language))),
                    press=str(Press(act="rou", argument=f"picture.{name}")),
                ),
            )
            for name, routine in self._routines.items()
            if routine.steps
        ]
        rows = (*articles, *pictures)
        lead = self._wording.say(at.language, "browse_documents")
        return Said(
            reply=self._answerer.note("about", at.language, lead=lead, choices=rows), memory=at.memory, in_place=True
        )

    def sections(self, document: str, at: Point) -> Said | None:
        """The sections of an article."""
        page = self._page(document)
        if page is None:
            return None
        rows = [
            (Choice(label=_heading(section), press=str(Press(act="sec", argument=f"{document}.{number}"))),)
            for number, section in enumerate(_sections(page))
        ]
        rows.append((self._choice(at.language, "browse_back", Press(act="menu", argument="browse")),))
        lead = self._wording.say(at.language, "browse_sections", title=page.document.title)
        reply = self._answerer.note("about", at.language, lead=lead, choices=tuple(rows))
        return Said(reply=reply, memory=at.memory, in_place=True)

    def section(self, argument: str, at: Point) -> Said | None:
        """The passages of a section, by their short titles."""
        document, _, number = argument.partition(".")
        page = self._page(document)
        sections = _sections(page) if page is not None else []
        if page is None or not number.isdigit() or int(number) >= len(sections):
            return None
        passages = sections[int(number)]
        rows = [
            (Choice(label=_label(each.title), press=str(Press(act="show", argument=each.id))),) for each in passages
        ]
        rows.append((self._choice(at.language, "browse_back", Press(act="doc", argument=document)),))
        lead = self._wording.say(at.language, "browse_passages", section=_heading(passages))
        reply = self._answerer.note("about", at.language, lead=lead, choices=tuple(rows))
        return Said(reply=reply, memory=at.memory, in_place=True)

    def _page(self, document: str) -> Page | None:
        return next((page for page in self._library.pages if page.document.id == document), None)

    # One passage

    def passage(self, passage_id: str, at: Point) -> Said | None:
        """A passage by itself."""
        passage = self._library.get(passage_id)
        if passage is None:
            return None
        reply = self._answerer.passage(passage, at.language, choices=self.neighbours(passage, at))
        return Said(reply=reply, memory=at.memory)

    def around(self, passage_id: str, at: Point) -> Said | None:
        """A passage between those before and after it."""
        passage = self._library.get(passage_id)
        if passage is None:
            return None
        before, after = self._library.around(passage)
        passages = [near for near in (before, passage, after) if near is not None]
        reply = self._answerer.passages(passages, at.language, choices=self.neighbours(passage, at))
        return Said(reply=reply, memory=at.memory)

    def turned_to(self, passage_id: str, at: Point) -> Said | None:
        """The passage before or after, in the place of the one that was shown."""
        said = self.passage(passage_id, at)
        return replace(said, in_place=True) if said is not None else None

    def neighbours(self, passage: Passage, at: Point) -> Rows:
        """Buttons to what stands before and after, to the section, and for a link to this place."""
        before, after = self._library.around(passage)
        row = []
        if before is not None:
            row.append(self._choice(at.language, "previous", Press(act="back", argument=before.id)))
        if after is not None:
            row.append(self._choice(at.language, "next", Press(act="next", argument=after.id)))
        rows = [tuple(row)] if row else []
        link = link_to(f"p_{passage.id}", at)
        if link and passage.document.original_file and at.incoming.door is Door.PRIVATE:
            rows.append((Choice(label=self._wording.say(at.language, "copy_link"), copy=link),))
        return tuple(rows)

    def _choice(self, language: str, name: str, press: Press) -> Choice:
        return Choice(label=self._wording.say(language, name), press=str(press))


def link_to(place: str, at: Point) -> str:
    """The address that opens our private chat at a place; empty where we have no name."""
    return link_named(place, at.incoming.bot)


def link_named(place: str, bot: str) -> str:
    """The same for a bot of this name; empty where there is none."""
    return f"https://t.me/{bot}?start={place}" if bot else ""


def _sections(page: Page) -> list[list[Passage]]:
    """The passages of a page, section by section; those that only a question by name may find are left out."""
    found: list[list[Passage]] = []
    for passage in page.passages:
        if passage.only_for is not None:
            continue
        if found and found[-1][0].section == passage.section:
            found[-1].append(passage)
        else:
            found.append([passage])
    return found


def _heading(passages: Sequence[Passage]) -> str:
    return _label(passages[0].section or passages[0].title)


def _label(text: str) -> str:
    """What fits a button; a cut is shown."""
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rsplit(" ", 1)[0] + "…"
