"""Which words say how something is meant, who is meant, and what the question wants?

The words stand in cues.yaml, by language; this module finds them in a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from corpus.vocabulary import LANGUAGES, Found, Spelling, Vocabulary
from corpus.words import Word, fold, stem
from corpus.yaml_source import Problems, YamlValue, read_yaml
from intents.polarity import REACH, Direction, Mark, MarkedText, Means

_DIRECTIONS: Final = ("before", "after", "both")
PERSON_CUES: Final = ("someone", "reports", "receiver", "self", "unclear")
PHASE_CUES: Final = ("acute", "remission", "not_remission")
PAIN_CUES: Final = ("yes_pain", "no_pain")
ASKING_CUES: Final = ("permission", "factual", "opening", "closing", "reassurance", "other")
"""`opening` words ask for a fact only where they begin a clause: "what is", not "nobody knows what it is"."""


_LONGEST_BARE: Final = 11
_ASKING_VERBS: Final = frozenset(
    (
        "do does did is are was were has have who whom how ли бывает бывают есть кто как "
        "wie was welche welcher welches wo wann warum wer tut ist sind hat gibt que qué cual cómo cuánto dónde por es"
    ).split()
)
_BEFORE_QUESTION: Final = frozenset("and or so but then for in on about to а и но так от для в на с о".split())
_BORDERS: Final = {"ends": Means.ENDS, "ends_denial": Means.ENDS_DENIAL, "list_joiners": Means.JOINS}
_GROUPS: Final = {"persons": PERSON_CUES, "phase": PHASE_CUES, "pain": PAIN_CUES, "asks": ASKING_CUES}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cue:
    means: Means
    direction: Direction
    reach: int
    needs: frozenset[str]
    """Stems of which the matched words must hold one; empty: no demand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A cue of a group found in a text: its name and the indices of its first and last word."""

    name: str
    first: int
    last: int


class Cues:
    """All cues, ready to be found."""

    def __init__(
        self,
        *,
        polarity: Sequence[tuple[_Cue, Spelling]],
        borders: Sequence[tuple[_Cue, Spelling]],
        answers: Sequence[tuple[_Cue, Spelling]],
        groups: dict[str, list[Spelling]],
        problems: Problems,
    ) -> None:
        cues = [*polarity, *borders, *answers]
        vocabulary = self.vocabulary = Vocabulary(
            [*(spelling for _, spelling in cues), *(spelling for group in groups.values() for spelling in group)],
            problems,
        )
        self._polarity = _CueGroup(polarity, vocabulary)
        self._borders = _CueGroup(borders, vocabulary)
        self._answers = _CueGroup(answers, vocabulary)
        self._groups = {
            name: vocabulary.part(spelling.concept for spelling in spellings) for name, spellings in groups.items()
        }
        self.forms = frozenset(vocabulary.forms)
        """Every word of a cue: known words, never repaired into something else."""

    def marked(self, words: Sequence[Word], *, questions: frozenset[int], named: frozenset[int]) -> MarkedText:
        """A text with its polarity cues; where cues overlap, the longer one counts."""
        return MarkedText(
            words=words,
            questions=questions,
            marks=self._polarity.find(words),
            borders=self._borders.find(words),
            answers=self._answers.find(words) if questions else (),
            named=named,
        )

    def asks(self, words: Sequence[Word], questions: frozenset[int]) -> frozenset[str]:
        """What the wording asks for: permission, a fact ("factual"), reassurance.

        "bare" is a short question with no verb of its own ("Finalgon?"), which may ask for permission.
        """
        told = self.told("asks", words)
        named = {cue.name for cue in told if cue.name not in {"opening", "closing", "other"}}
        if any(cue.name == "opening" and _begins(cue.first, words) for cue in told):
            named.add("factual")
        if any(cue.name == "closing" and _ends_question(cue.last, words, questions) for cue in told):
            named.add("permission")
        if "factual" not in named and questions:
            sentences = groupby(words, key=lambda word: word.sentence)
            if any(number in questions and _is_bare(sentence) for number, sentence in sentences):
                named.add("bare")
        return frozenset(named)

    def told(self, group: str, words: Sequence[Word]) -> tuple[Told, ...]:
        """The cues of one group ("persons", "phase", "pain", "asks") in a text."""
        return tuple(
            Told(name=match.concept.removeprefix(f"{group}:"), first=match.first, last=match.last)
            for match in self._groups[group].find(words)
        )


def _is_bare(question: Iterable[Word]) -> bool:
    """Whether a question begins with no verb that asks for a fact: "Finalgon?", "and at home by my wife?"."""
    forms = [word.form for word in question]
    return len(forms) <= _LONGEST_BARE and forms[0] not in _ASKING_VERBS


def _begins(index: int, words: Sequence[Word]) -> bool:
    """Whether a word begins a clause, or only a joining word stands before it."""
    before = index - 1
    if before >= 0 and words[before].form in _BEFORE_QUESTION:
        before -= 1
    return before < 0 or words[before].clause != words[index].clause


def _ends_question(index: int, words: Sequence[Word], questions: frozenset[int]) -> bool:
    """Whether a word is the last of a question: "Elbows over the kidneys, fine?"."""
    last = index + 1 == len(words) or words[index + 1].sentence != words[index].sentence
    return last and words[index].sentence in questions


class _CueGroup:
    """Cues that compete with each other for the same words."""

    def __init__(self, cues: Sequence[tuple[_Cue, Spelling]], vocabulary: Vocabulary) -> None:
        self._cues = {spelling.concept: cue for cue, spelling in cues}
        self._spellings = vocabulary.part(self._cues)

    def find(self, words: Sequence[Word]) -> tuple[Mark, ...]:
        found = self._spellings.find(words, keep=lambda concept, matched: self._holds(concept, matched, words))
        return tuple(self._mark(match) for match in found)

    def _mark(self, match: Found) -> Mark:
        cue = self._cues[match.concept]
        return Mark(means=cue.means, direction=cue.direction, reach=cue.reach, words=match.words)

    def _holds(self, concept: str, matched: Iterable[int], words: Sequence[Word]) -> bool:
        needs = self._cues[concept].needs
        return not needs or any(words[index].stem in needs for index in matched)


def read_cues(path: Path, problems: Problems) -> Cues:
    """Read cues.yaml; mistakes are noted."""
    fields = read_yaml(path, problems, shown_as=f"intents/{path.name}").fields(
        required=("polarity", "pseudo", *_BORDERS, "answers", *_GROUPS),
        optional=("reviewed", "reviewer"),
    )
    polarity: list[tuple[_Cue, Spelling]] = []
    for section in ("polarity", "pseudo"):
        for item in _by_language(fields.get(section)):
            polarity.extend(_polarity_cue(item, f"polarity:{len(polarity)}", only_cancels=section == "pseudo"))
    borders: list[tuple[_Cue, Spelling]] = []
    for section, means in _BORDERS.items():
        for item in _by_language(fields.get(section)):
            borders.append(_plain(item, means, f"border:{len(borders)}"))
    answers: list[tuple[_Cue, Spelling]] = []
    for name, _, body in fields["answers"].entries() if "answers" in fields else ():
        for item in _by_language(body):
            answers.append(_plain(item, Means(name), f"answer:{len(answers)}"))
    groups = {name: _group(name, fields[name], known) for name, known in _GROUPS.items() if name in fields}
    return Cues(polarity=polarity, borders=borders, answers=answers, groups=groups, problems=problems)


def _by_language(value: YamlValue | None) -> list[YamlValue]:
    if value is None:
        return []
    return [item for field in value.fields(optional=LANGUAGES).values() for item in field.items()]


def _polarity_cue(item: YamlValue, concept: str, *, only_cancels: bool) -> list[tuple[_Cue, Spelling]]:
    fields = item.fields(required=("cue", "means"), optional=("direction", "reach", "needs"))
    if len(fields.keys() & {"cue", "means"}) < 2:
        return []
    direction = fields["direction"].choice(_DIRECTIONS) if "direction" in fields else "both"
    means = Means(fields["means"].choice([means.value for means in Means]))
    cue = _Cue(
        means=Means.CANCELS if only_cancels and means is Means.PRESENT else means,
        direction=direction,  # type: ignore[arg-type]
        reach=fields["reach"].integer() if "reach" in fields else REACH,
        needs=_stems(fields["needs"].text()) if "needs" in fields else frozenset(),
    )
    return [(cue, Spelling(concept=concept, pattern=fields["cue"].text(), place=fields["cue"].place))]


def _stems(alternatives: str) -> frozenset[str]:
    return frozenset(stem(fold(word)) for word in alternatives.split("|"))


def _plain(item: YamlValue, means: Means, concept: str) -> tuple[_Cue, Spelling]:
    cue = _Cue(means=means, direction="both", reach=0, needs=frozenset())
    return cue, Spelling(concept=concept, pattern=item.text(), place=item.place)


def _group(group: str, value: YamlValue, known: Sequence[str]) -> list[Spelling]:
    fields = value.fields(required=known)
    return [
        Spelling(concept=f"{group}:{name}", pattern=item.text(), place=item.place)
        for name, body in fields.items()
        for item in _by_language(body)
    ]
