"""Which words say how something is meant, who is meant, and what the question wants?

The words stand in cues.yaml, by language; this module finds them in a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpus.vocabulary import LANGUAGES, Spelling, Vocabulary
from corpus.words import Word, fold, stem
from corpus.yaml_source import Problems, YamlValue, read_yaml
from intents.polarity import REACH, Direction, Mark, Means

_DIRECTIONS: Final = ("before", "after", "both")
PERSON_CUES: Final = ("someone", "receiver", "self")
PHASE_CUES: Final = ("acute", "remission", "not_remission")
PAIN_CUES: Final = ("yes_pain", "no_pain")
ASKING_CUES: Final = ("permission", "factual", "reassurance")


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
        self, polarity: Sequence[tuple[_Cue, Spelling]], groups: dict[str, list[Spelling]], problems: Problems
    ) -> None:
        self._polarity_cues = {spelling.concept: cue for cue, spelling in polarity}
        self._polarity = Vocabulary((spelling for _, spelling in polarity), problems)
        self._groups = {name: Vocabulary(spellings, problems) for name, spellings in groups.items()}
        self.forms: frozenset[str] = frozenset().union(
            self._polarity.forms, *(group.forms for group in self._groups.values())
        )
        """Every word of a cue: known words, never repaired into something else."""

    def marks(self, words: Sequence[Word]) -> tuple[Mark, ...]:
        """The polarity cues of a text; where cues overlap, the longer one counts."""
        found = self._polarity.find(words, keep=lambda concept, matched: self._holds(concept, matched, words))
        marks = []
        for match in found:
            cue = self._polarity_cues[match.concept]
            marks.append(
                Mark(means=cue.means, direction=cue.direction, reach=cue.reach, first=match.first, last=match.last)
            )
        return tuple(marks)

    def told(self, group: str, words: Sequence[Word]) -> tuple[Told, ...]:
        """The cues of one group ("persons", "phase", "pain", "asks") in a text."""
        return tuple(
            Told(name=match.concept, first=match.first, last=match.last) for match in self._groups[group].find(words)
        )

    def _holds(self, concept: str, matched: Iterable[int], words: Sequence[Word]) -> bool:
        needs = self._polarity_cues[concept].needs
        return not needs or any(words[index].stem in needs for index in matched)


def read_cues(path: Path, problems: Problems) -> Cues:
    """Read cues.yaml; mistakes are noted."""
    fields = read_yaml(path, problems, shown_as=f"intents/{path.name}").fields(
        required=("polarity", "pseudo", "ends", "list_joiners", "answers", "persons", "phase", "pain", "asks"),
        optional=("reviewed", "reviewer"),
    )
    polarity: list[tuple[_Cue, Spelling]] = []
    for section in ("polarity", "pseudo"):
        if section in fields:
            for item in _by_language(fields[section]):
                polarity.extend(_polarity_cue(item, len(polarity)))
    for section, means in (("ends", Means.ENDS), ("list_joiners", Means.JOINS)):
        if section in fields:
            for item in _by_language(fields[section]):
                polarity.append(_plain(item, means, len(polarity)))
    if "answers" in fields:
        for name, _, body in fields["answers"].entries():
            means = Means.ANSWERS_YES if name == "yes" else Means.ANSWERS_NO
            polarity.extend(
                _plain(item, means, len(polarity) + number) for number, item in enumerate(_by_language(body))
            )
    groups = {
        name: _group(fields[name], known)
        for name, known in (
            ("persons", PERSON_CUES),
            ("phase", PHASE_CUES),
            ("pain", PAIN_CUES),
            ("asks", ASKING_CUES),
        )
        if name in fields
    }
    return Cues(polarity, groups, problems)


def _by_language(value: YamlValue) -> list[YamlValue]:
    return [item for field in value.fields(optional=LANGUAGES).values() for item in field.items()]


def _polarity_cue(item: YamlValue, number: int) -> list[tuple[_Cue, Spelling]]:
    fields = item.fields(required=("cue", "means"), optional=("direction", "reach", "needs"))
    if len(fields.keys() & {"cue", "means"}) < 2:
        return []
    direction = fields["direction"].choice(_DIRECTIONS) if "direction" in fields else "both"
    cue = _Cue(
        means=Means(fields["means"].choice([means.value for means in Means])),
        direction=direction,  # type: ignore[arg-type]
        reach=fields["reach"].integer() if "reach" in fields else REACH,
        needs=frozenset(stem(fold(word)) for word in fields["needs"].text().split("|"))
        if "needs" in fields
        else frozenset(),
    )
    return [(cue, Spelling(concept=f"{number}", pattern=fields["cue"].text(), place=fields["cue"].place))]


def _plain(item: YamlValue, means: Means, number: int) -> tuple[_Cue, Spelling]:
    cue = _Cue(means=means, direction="both", reach=0, needs=frozenset())
    return cue, Spelling(concept=f"{number}", pattern=item.text(), place=item.place)


def _group(value: YamlValue, known: Sequence[str]) -> list[Spelling]:
    fields = value.fields(required=known)
    return [
        Spelling(concept=name, pattern=item.text(), place=item.place)
        for name, body in fields.items()
        for item in _by_language(body)
    ]
