"""Does a message tell of an emergency, now?

The signs stand in red_flags.yaml. They outrank everything the articles say. A sign that is denied, over, or only asked
about does not fire; one that is doubtful does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from corpus.vocabulary import Spelling, Vocabulary, read_vocabulary, spellings_of
from corpus.yaml_source import Place, Problems, YamlValue, read_yaml
from intents.polarity import Mark, MarkedText, Means, standing
from intents.reading import Reading
from intents.rule import Example
from intents.wording import SPOKEN

AlarmKind = Literal["emergency", "self_harm"]
RED_FLAG_KINDS: Final[tuple[AlarmKind, ...]] = ("emergency", "self_harm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One emergency: it is raised when all signs of one of its combinations are present in a message."""

    id: str
    kind: AlarmKind
    in_check: Mapping[str, str]
    """How the guided check names it, in plain words, by language."""
    combinations: tuple[frozenset[str], ...]
    place: Place
    asked: tuple[Example, ...]
    not_asked: tuple[Example, ...]


class RedFlags:
    """All red flags, ready to be found."""

    def __init__(
        self,
        flags: Sequence[Flag],
        spellings: Iterable[Spelling],
        problems: Problems,
        *,
        not_asked: Sequence[Example] = (),
    ) -> None:
        self.flags = tuple(flags)
        self.not_asked = tuple(not_asked)
        """Sentences in which no flag at all may be raised."""
        self.vocabulary = Vocabulary(spellings, problems)
        combinations = list(dict.fromkeys(wanted for flag in self.flags for wanted in flag.combinations))
        uses = Counter(sign for wanted in combinations for sign in wanted)
        self._combinations: dict[str, list[frozenset[str]]] = {}
        """By the sign that the fewest share: a message that does not name it need not be compared with the others."""
        for wanted in combinations:
            rarest = min(sorted(wanted), key=uses.__getitem__)
            self._combinations.setdefault(rarest, []).append(wanted)
        self._heeded = {_LONG_STANDING, _NEW, *(sign for sign in uses if ":" not in sign)}
        """What tells how the others are meant."""
        self._at_any_age = frozenset[str]().union(
            *(wanted for flag in flags if flag.kind == "self_harm" for wanted in flag.combinations)
        )
        """Signs that count however long they have been there."""

    @property
    def forms(self) -> frozenset[str]:
        """Every word of a sign."""
        return frozenset(self.vocabulary.forms)

    def find(self, reading: Reading) -> Flag | None:
        """The first red flag a message raises, self-harm before all; None when it raises none."""
        met = self.vocabulary.named(reading.words)
        near = [wanted for sign in met for wanted in self._combinations.get(sign, ()) if wanted <= met]
        if not near:
            return None
        named: _Named = {}
        for end, words in self.vocabulary.find_each(reading.words, self._heeded.union(*near)):
            named.setdefault(end.concept, []).append(words)
        possible = {wanted: ways for wanted in near if wanted <= named.keys() and (ways := _ways(wanted, named))}
        if not possible:
            return None
        told = self._told(named, frozenset[str]().union(*possible), reading)
        raised = (
            flag
            for flag in self.flags
            if any(all(map(told, way)) for wanted in flag.combinations for way in possible.get(wanted, ()))
        )
        return min(raised, key=lambda flag: flag.kind != "self_harm", default=None)

    def _told(self, named: _Named, needed: Iterable[str], reading: Reading) -> Callable[[_Sign], bool]:
        """What says whether a message tells of a sign as being there now; each stretch of words is weighed once."""
        # Only whole signs are passed over by a cue, not words that need others beside them.
        passed_over = frozenset(
            index for concept in named if ":" not in concept for words in named[concept] for index in words
        )
        signs = dict.fromkeys(words for concept in needed for words in named[concept])
        marked = replace(reading.marked, named=passed_over, marks=_outside(signs, reading.marked.marks))
        old = _clauses(named.get(_LONG_STANDING, ()), reading) - _clauses(named.get(_NEW, ()), reading)
        is_now = cache(lambda words: _is_now(words, marked))

        def told(sign: _Sign) -> bool:
            concept, words = sign
            lasts = concept in self._at_any_age or reading.words[words[0]].clause not in old
            return lasts and is_now(words)

        return told


_Named = dict[str, list[tuple[int, ...]]]
"""By concept: the words that name it."""
_Sign = tuple[str, tuple[int, ...]]
"""A sign and the indices of the words that tell it."""


def _ways(wanted: Collection[str], named: Mapping[str, Sequence[tuple[int, ...]]]) -> list[tuple[_Sign, ...]]:
    """The ways in which a message names every sign of a combination, near the others and by words of its own."""
    first, *others = sorted(wanted, key=lambda sign: (len(named[sign]), sign))
    ways: list[tuple[_Sign, ...]] = [((first, words),) for words in named[first]]
    for sign in others:
        ways = list(islice(_further(ways, sign, sorted(named[sign])), _MOST_WAYS))
    return ways


def _further(
    ways: Iterable[tuple[_Sign, ...]], sign: str, named: Sequence[tuple[int, ...]]
) -> Iterable[tuple[_Sign, ...]]:
    """The ways that go on with one more sign, which is named in these places, in order."""
    for way in ways:
        at = way[0][1][0]
        nearby = named[bisect_left(named, (at - _NEARBY,)) : bisect_left(named, (at + _NEARBY + 1,))]
        taken = {index for _, words in way for index in words}
        for words in nearby:
            if taken.isdisjoint(words):
                yield (*way, (sign, words))


_NEARBY: Final = 60
"""Words within which the signs of a combination stand: what is told a page apart belongs to two stories."""
_MOST_WAYS: Final = 50
"""Ways to tell the signs of a combination that are followed up: more only repeat each other."""


def _clauses(told: Iterable[Sequence[int]], reading: Reading) -> frozenset[int]:
    """The clauses in which these words begin."""
    return frozenset(reading.words[words[0]].clause for words in told)


_LONG_STANDING: Final = ":long_standing"
_NEW: Final = ":new"


def _outside(signs: Iterable[Sequence[int]], marks: Sequence[Mark]) -> list[Mark]:
    """The cues without those negations that belong to a sign, such as "no feeling": they deny nothing else."""
    denying: dict[int, list[Mark]] = {}
    for mark in marks:
        if mark.means is Means.DENIED:
            denying.setdefault(mark.first, []).append(mark)
    inside = {
        mark for words in signs for index in words for mark in denying.get(index, ()) if set(mark.words) <= set(words)
    }
    return [mark for mark in marks if mark not in inside]


def _is_now(sign: Sequence[int], marked: MarkedText) -> bool:
    """Denied, over, imagined, inherited or asked-about signs do not fire; doubtful ones and other people's do."""
    stands = standing(sign, marked)
    return stands.means not in _NOT_NOW and not stands.effect


_NOT_NOW: Final = frozenset({Means.DENIED, Means.RULED_OUT, Means.PAST, Means.HYPOTHETICAL, Means.SOMEONE_ELSE})
"""`SOMEONE_ELSE` is what runs in a family or what somebody died of; a relative's sign of now has no such cue."""


def read_red_flags(path: Path, problems: Problems) -> RedFlags:
    """Read red_flags.yaml; mistakes are noted."""
    value = read_yaml(path, problems, shown_as=f"intents/{path.name}")
    fields = value.fields(
        required=("flags",), optional=("reviewed", "reviewer", "long_standing", "words", "not_asked", "note")
    )
    flags: list[Flag] = []
    spellings: list[Spelling] = []
    words: dict[str, list[Spelling]] = {}
    if "words" in fields:
        for spelling in read_vocabulary(fields["words"]):
            words.setdefault(spelling.concept, []).append(spelling)
    if "long_standing" in fields:
        spellings.extend(spellings_of(_LONG_STANDING, fields["long_standing"]))
        spellings.extend(replace(spelling, concept=_NEW) for spelling in words.get("suddenly", ()))
    if "flags" in fields:
        for name, key, body in fields["flags"].entries():
            flags.append(_flag(name, key.place, body, spellings, words))
    return RedFlags(flags, spellings, problems, not_asked=_sentences(fields.get("not_asked")))


_Words = Mapping[str, Sequence[Spelling]]
"""Groups of words that several flags share, by name."""


def _flag(name: str, place: Place, body: YamlValue, spellings: list[Spelling], words: _Words) -> Flag:
    fields = body.fields(
        required=("names", "in_check"),
        optional=("kind", "signs", "all_of", "look_alikes", "needs", "asked", "not_asked", "note"),
    )
    combinations: list[frozenset[str]] = []
    if "signs" in fields:
        spellings.extend(spellings_of(name, fields["signs"]))
        combinations.append(frozenset({name}))
    if "all_of" in fields:
        combinations.extend(_combinations(name, fields["all_of"], spellings, words))
    if "look_alikes" in fields:
        spellings.extend(spellings_of(name, fields["look_alikes"], blocks=True))
    if not combinations:
        body.problem("the flag has no sign; add 'signs:' or 'all_of:'")
    kind = fields["kind"].choice(RED_FLAG_KINDS) if "kind" in fields else "emergency"
    return Flag(
        id=name,
        kind="self_harm" if kind == "self_harm" else "emergency",
        in_check=_plainly(fields.get("in_check")),
        combinations=tuple(combinations),
        place=place,
        asked=_sentences(fields.get("asked")),
        not_asked=_sentences(fields.get("not_asked")),
    )


def _plainly(value: YamlValue | None) -> dict[str, str]:
    """Words for people, in every language that is spoken."""
    if value is None:
        return {}
    return {language: text.text() for language, text in value.fields(required=SPOKEN).items()}


def _combinations(name: str, value: YamlValue, spellings: list[Spelling], words: _Words) -> Iterable[frozenset[str]]:
    """Groups of signs that must come together: one spelling of each group, in any order.

    A group is a list of spellings, or the name of one that stands under `words`.
    """
    taken: set[str] = set()
    for _, _, by_language in value.entries():
        for groups in by_language.items():
            wanted: set[str] = set()
            for group in groups.items():
                if group.is_list:
                    concept = f"{name}:{group.place.line}:{group.place.column}"
                    spellings.extend(
                        Spelling(concept=concept, pattern=item.text(), place=item.place) for item in group.items()
                    )
                elif not words:
                    group.problem("a group is a list of spellings; no groups stand under 'words:'")
                    continue
                else:
                    shared = group.choice(words)
                    concept = f"{name}:{shared}"
                    if shared not in taken:
                        # A copy of the flag's own, so that the flag's look-alikes hold for it.
                        spellings.extend(replace(spelling, concept=concept) for spelling in words.get(shared, ()))
                        taken.add(shared)
                wanted.add(concept)
            if wanted:
                yield frozenset(wanted)


def _sentences(value: YamlValue | None) -> tuple[Example, ...]:
    return tuple(Example(text=item.text(), place=item.place) for item in value.items()) if value is not None else ()
