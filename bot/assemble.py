"""The one place where things are built and joined."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from bot.answer import Answerer
from bot.browse_talk import BrowseTalk
from bot.conversation import Conversation
from bot.due_talk import DueTalk
from bot.guided_check import TODAY, GuidedCheck
from bot.inline_talk import InlineTalk
from bot.person_talk import PersonTalk
from bot.question_talk import QuestionTalk
from bot.reminder_talk import ReminderTalk
from bot.report_talk import ReportTalk
from bot.routine_talk import RoutineTalk
from corpus.library import Library, read_library
from corpus.originals import NO_ORIGINALS, Originals, read_originals
from corpus.page import read_page
from corpus.passage import Disclaimer
from corpus.search import Search
from corpus.spelling import Speller
from corpus.vocabulary import Spelling, Vocabulary, read_together, read_vocabulary, spellings_of
from corpus.words import forms_of, words_of
from corpus.yaml_source import Problems, read_yaml
from intents.check_steps import Steps, read_steps
from intents.cues import read_cues
from intents.measures import read_measures
from intents.reading import Reader, read_scopes
from intents.recognise import Recogniser
from intents.red_flags import RedFlags, read_red_flags
from intents.request import Courtesy
from intents.routines import Routine, read_routines
from intents.rulebook import GAP, Rulebook, read_rulebook
from intents.wording import SPOKEN, Wording, read_wording
from intents.zones import Zones, read_zones

ROOT: Final = Path(__file__).resolve().parent.parent
CORPUS: Final = ROOT / "corpus"
INTENTS: Final = ROOT / "intents"
_ABSENT: Final = "absent.yaml"
_STOP_WORDS: Final = "stop_words.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything that is written rather than programmed, read and joined."""

    library: Library
    notes: Library
    vocabulary: Vocabulary
    rulebook: Rulebook
    red_flags: RedFlags
    search: Search
    reader: Reader
    recogniser: Recogniser
    wording: Wording
    disclaimers: Mapping[str, Disclaimer]
    originals: Originals
    check_steps: Steps
    routines: Mapping[str, Routine]
    zones: Zones

    def conversation(self, *, default_language: str = "en", default_zone: str = "UTC") -> Conversation:
        """Who talks: the same for every front door."""
        answerer, wording = self.answerer(), self.wording
        today = next(each for each in self.check_steps.checklists if each.name == TODAY)
        guided = GuidedCheck(
            steps=self.check_steps,
            red_flags=self.red_flags,
            rulebook=self.rulebook,
            answerer=answerer,
            reader=self.reader,
            wording=wording,
        )
        due = DueTalk(
            answerer=answerer,
            wording=wording,
            routines=self.routines,
            today=today,
            rulebook=self.rulebook,
            default_zone=default_zone,
        )
        reminders = ReminderTalk(
            answerer=answerer, wording=wording, routines=self.routines, due=due, default_zone=default_zone
        )
        browse = BrowseTalk(answerer=answerer, wording=wording, library=self.library, routines=self.routines)
        reports = ReportTalk(answerer=answerer, wording=wording, library=self.library)
        return Conversation(
            answerer=answerer,
            wording=wording,
            questions=QuestionTalk(
                answerer=answerer,
                wording=wording,
                library=self.library,
                browse=browse,
                reports=reports,
                default_zone=default_zone,
            ),
            guided=guided,
            reminders=reminders,
            routines=RoutineTalk(
                answerer=answerer, wording=wording, routines=self.routines, reminders=reminders, guided=guided
            ),
            browse=browse,
            person=PersonTalk(answerer=answerer, wording=wording, zones=self.zones, default_zone=default_zone),
            inline=InlineTalk(answerer=answerer, wording=wording, default_language=default_language),
            reports=reports,
            default_language=default_language,
        )

    def answerer(self) -> Answerer:
        """Whoever turns requests into answers."""
        return Answerer(
            library=self.library,
            notes=self.notes,
            search=self.search,
            reader=self.reader,
            recogniser=self.recogniser,
            wording=self.wording,
            disclaimers=self.disclaimers,
            originals=self.originals,
            conflicts=self.rulebook.conflicts,
        )


def read_content(
    *,
    corpus: Path = CORPUS,
    intents: Path = INTENTS,
    rules_overlay: Path | None = None,
    sources: Path | None = None,
    problems: Problems | None = None,
) -> Content:
    """Read all content once, whole.

    Raises:
        ContentError: with all mistakes, unless `problems` is given to collect them.
        WrongOriginal: when an original in `sources` is missing or changed.
    """
    with collecting_later():
        return _read_content(corpus, intents, rules_overlay, sources, problems)


@contextmanager
def collecting_later() -> Iterator[None]:
    """Nothing that is read or imported becomes garbage: looking for it again and again would be half of the start.

    Nor does it later: what is there by then is left out of the searches that every few messages bring about.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def _read_content(
    corpus: Path, intents: Path, rules_overlay: Path | None, sources: Path | None, problems: Problems | None
) -> Content:
    noted = problems if problems is not None else Problems()
    library = read_library(corpus, noted)
    notes = _read_notes(corpus / "notes", noted)
    words = {path.name: path for path in sorted((corpus / "vocabulary").glob("*.yaml"))}
    stop_words = _read_stop_words(words.pop(_STOP_WORDS, None), noted)
    absent = _read_spellings(words.pop(_ABSENT, None), noted)
    shared = [spelling for path in words.values() for spelling in _read_spellings(path, noted)]
    rulebook = read_rulebook(intents / "rules", library, noted, overlay=rules_overlay)
    vocabulary = Vocabulary([*shared, *absent, *rulebook.spellings], noted)
    cues = read_cues(intents / "cues.yaml", noted)
    red_flags = read_red_flags(intents / "red_flags.yaml", noted)
    measures = read_measures(intents / "measures.yaml", noted)
    scopes = read_scopes(intents / "scopes.yaml", noted)
    courtesies = _read_courtesies(intents / "courtesies.yaml", noted)
    read_together([vocabulary, cues.vocabulary, scopes.vocabulary, red_flags.vocabulary, *courtesies.values()])
    check_steps = read_steps(intents / "guided_check.yaml", rulebook, noted)
    routines = read_routines(intents / "routines.yaml", library, rulebook, noted)
    zones = read_zones(intents / "cities.yaml", noted)
    wording = read_wording(intents / "wording", noted)
    disclaimers = _read_disclaimers(corpus / "disclaimer.yaml", noted)
    if problems is None:
        noted.raise_if_any()
    spelt = vocabulary.forms | cues.forms | scopes.forms | red_flags.forms | stop_words
    speller = Speller(Counter(spelt) + _written_words(library), beginnings=vocabulary.beginnings)
    reader = Reader(
        vocabulary=vocabulary, rulebook=rulebook, cues=cues, measures=measures, scopes=scopes, speller=speller
    )
    missing = {spelling.concept for spelling in absent} | {GAP + name for name in rulebook.gaps}
    return Content(
        library=library,
        notes=notes,
        vocabulary=vocabulary,
        rulebook=rulebook,
        red_flags=red_flags,
        search=Search(library, vocabulary, stop_words=stop_words, absent=frozenset(missing)),
        reader=reader,
        recogniser=Recogniser(
            reader=reader, rulebook=rulebook, red_flags=red_flags, courtesies=courtesies, stop_words=stop_words
        ),
        wording=wording,
        disclaimers=disclaimers,
        check_steps=check_steps,
        routines=routines,
        zones=zones,
        originals=read_originals(sources, library.documents) if sources else NO_ORIGINALS,
    )


def _read_notes(folder: Path, problems: Problems) -> Library:
    paths = [folder / f"{language}.md" for language in SPOKEN]
    pages = [read_page(path, problems, shown_as=f"corpus/notes/{path.name}") for path in paths]
    return Library(page for page in pages if page is not None)


def _read_stop_words(path: Path | None, problems: Problems) -> frozenset[str]:
    """Forms and stems that say nothing about a topic."""
    if path is None:
        return frozenset()
    found: set[str] = set()
    for _, _, words in read_yaml(path, problems, shown_as=f"corpus/vocabulary/{path.name}").entries():
        for text in words.texts():
            for part in words_of(text):
                found |= {part.form, part.stem}
    return frozenset(found)


def _read_spellings(path: Path | None, problems: Problems) -> list[Spelling]:
    if path is None:
        return []
    return read_vocabulary(read_yaml(path, problems, shown_as=f"corpus/vocabulary/{path.name}"))


def _read_courtesies(path: Path, problems: Problems) -> dict[Courtesy, Vocabulary]:
    fields = read_yaml(path, problems, shown_as=f"intents/{path.name}").fields(required=get_args(Courtesy))
    kinds: tuple[Courtesy, ...] = get_args(Courtesy)
    return {kind: Vocabulary(spellings_of(kind, fields[kind]), problems) for kind in kinds if kind in fields}


def _read_disclaimers(path: Path, problems: Problems) -> dict[str, Disclaimer]:
    fields = read_yaml(path, problems, shown_as=f"corpus/{path.name}").fields(required=SPOKEN)
    return {language: Disclaimer(text=value.text()) for language, value in fields.items() if value.text().strip()}


def _written_words(library: Library) -> Counter[str]:
    """How often each word stands in the corpus and its search words."""
    found: Counter[str] = Counter()
    for passage in library.passages:
        texts = [passage.title, passage.section, passage.text, *passage.summary.values()]
        texts += [phrase for phrases in passage.search_words.values() for phrase in phrases]
        found.update(form for text in texts for form in forms_of(text))
    return found
