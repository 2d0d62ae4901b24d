"""Does any text that people are shown promise that nothing can happen?

The words stand in wording/forbidden.yaml. Search words and examples are not shown, so they may ask "is it safe?".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpus.library import Library
from corpus.page import Page
from corpus.passage import PassageId
from corpus.vocabulary import Spelling, Vocabulary
from corpus.words import words_of
from corpus.yaml_source import Place, Problems, YamlValue, read_text, read_yaml
from intents.wording import SPOKEN

FORBIDDEN: Final = "forbidden.yaml"
_SHOWN: Final = frozenset({"names", "about"})
"""Names in rule files whose texts are shown to people."""
_SEARCHED: Final = re.compile(r"find(?:-[a-z]+)?:")
_PASSAGE: Final = re.compile(r"### .*\{#([^\s}]+)")
_STARTS_ANEW: Final = re.compile(r"(?:$|[-*•#]|\d{1,3}[.)] |(?:ru|en|de|es):)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A reassuring word that an article itself holds at a place."""

    passage: PassageId
    words: str
    place: Place


class Reassurances:
    """The forbidden words, and where the articles themselves use them."""

    def __init__(self, vocabulary: Vocabulary, claims: Iterable[_Claim], problems: Problems) -> None:
        self._vocabulary = vocabulary
        self._claims = tuple(claims)
        self._met: set[_Claim] = set()
        self._problems = problems

    def note_in_text(self, text: str, place: Place) -> None:
        """Note what reassures in a text that starts at a place."""
        for words, _ in self._found(text):
            self._note(words, place)

    def note_in_yaml(self, value: YamlValue, *, shown: bool = False) -> None:
        """Note what reassures in the shown texts of a rule file, or in all texts of a wording file."""
        if value.is_mapping:
            for name, _, child in value.entries():
                self.note_in_yaml(child, shown=shown or name in _SHOWN)
        elif value.is_list:
            for child in value.items():
                self.note_in_yaml(child, shown=shown)
        elif shown:
            self.note_in_text(value.text(), value.place)

    def note_in_page(self, page: Page, text: str) -> None:
        """Note what reassures in a page, except where the article itself says it."""
        passage = ""
        for number, paragraph in _paragraphs(text):
            heading = _PASSAGE.match(paragraph)
            passage = heading[1] if heading else passage
            for words, position in self._found(paragraph):
                if not self._claimed(passage, words):
                    before = paragraph[:position]
                    column = position - before.rfind("\n")
                    self._note(words, Place(page.file, number + before.count("\n"), column))

    def note_unmet_claims(self) -> None:
        """Note claims of the articles that no page repeats any more."""
        for claim in self._claims:
            if claim not in self._met:
                self._problems.add(claim.place, f"passage {claim.passage} no longer says '{claim.words}'; delete this")

    def _found(self, text: str) -> Iterator[tuple[str, int]]:
        # A single line end is a blank to the reader: "go" / "ahead" is found across it.
        joined = re.sub(r"\n(?=[^\n])", " ", text)
        for match in self._vocabulary.find(words_of(joined)):
            yield joined[match.start : match.end], match.start

    def _claimed(self, passage: str, words: str) -> bool:
        holding = [claim for claim in self._claims if claim.passage == passage and claim.words == words.casefold()]
        self._met.update(holding)
        return bool(holding)

    def _note(self, words: str, place: Place) -> None:
        self._problems.add(
            place, f"'{words}' reassures; say what the sources list instead (see intents/wording/{FORBIDDEN})"
        )


def read_reassurances(path: Path, library: Library, problems: Problems) -> Reassurances:
    """Read forbidden.yaml; mistakes are noted."""
    fields = read_yaml(path, problems, shown_as=f"intents/wording/{path.name}").fields(
        required=SPOKEN, optional=("not", "claimed")
    )
    look_alikes = fields["not"].fields(optional=SPOKEN) if "not" in fields else {}
    spellings = [
        Spelling(concept=language, pattern=item.text(), place=item.place, blocks=blocks)
        for language in SPOKEN
        for listed, blocks in ((fields, False), (look_alikes, True))
        if language in listed
        for item in listed[language].items()
    ]
    claims = _claims(fields["claimed"], library) if "claimed" in fields else []
    return Reassurances(Vocabulary(spellings, problems), claims, problems)


def _claims(value: YamlValue, library: Library) -> Iterator[_Claim]:
    for item in value.items():
        fields = item.fields(required=("passage", "says"), optional=("reason",))
        citation = library.cite(fields["passage"]) if len(fields.keys() & {"passage", "says"}) == 2 else None
        if citation is not None:
            for words in fields["says"].texts():
                yield _Claim(passage=citation.passage.id, words=words.casefold(), place=fields["says"].place)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """The shown paragraphs of a page with the number of their first line; search words are left out."""
    lines = text.splitlines()
    first, held = 1, list[str]()
    for number, line in enumerate(lines, 1):
        if held and (_STARTS_ANEW.match(line.lstrip()) or _SEARCHED.match(line)):
            yield first, "\n".join(held)
            held = []
        if _SEARCHED.match(line) or not line.strip():
            continue
        if not held:
            first = number
        held.append(line)
    if held:
        yield first, "\n".join(held)


def note_reassurances(
    *,
    reassurances: Reassurances,
    pages: Mapping[Path, Page],
    shown_files: Mapping[Path, str],
    wording: Mapping[Path, str],
    problems: Problems,
) -> None:
    """Look through everything that people are shown.

    Args:
        reassurances: what is forbidden, and what the articles claim themselves.
        pages: articles and notes by their files.
        shown_files: rule files with the name they go by: names and explanations are shown, the rest is not.
        wording: files of which every text is shown.
        problems: where mistakes are noted; files that cannot be read have been noted before.
    """
    unread = Problems()
    for path, page in pages.items():
        reassurances.note_in_page(page, read_text(path, unread) or "")
    for path, name in shown_files.items():
        reassurances.note_in_yaml(read_yaml(path, unread, shown_as=name))
    for path, name in wording.items():
        reassurances.note_in_yaml(read_yaml(path, unread, shown_as=name), shown=True)
    if not problems.found:
        reassurances.note_unmet_claims()
