"""What does a message say, as far as the rules can read it?

Words are repaired, concepts and figures found, each mention weighed (who has it, is it denied, past, unsure), and the
circumstances gathered. Nothing is decided here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from corpus.everyday import everyday_frequency
from corpus.spelling import Speller
from corpus.vocabulary import Found, Spelling, Vocabulary, spellings_of
from corpus.words import Word, fold, words_of
from corpus.yaml_source import Problems, YamlValue, read_yaml
from intents.cues import Cues, Told
from intents.measures import Figure, Measured, Measures
from intents.polarity import MarkedText, Means, Polarity, standing
from intents.rule import PRODUCTS, Circumstances, Performer, Phase, When
from intents.rulebook import GAP, IMPLIED, NEAR, PRODUCT, SAID, Rulebook

Receiver = Literal["self", "other"]
THING: Final = "thing:"
REGION: Final = "region:"
_SHORTEST_ILLNESS: Final = 6
"""Letters of a word whose ending may tell an illness."""
_REMEMBERED: Final = 65_536
"""How many words are remembered as illnesses or none."""
_EVERYDAY: Final = 4
"""A word as common as this, on the Zipf scale, is no illness that only its ending tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something named in a message: a condition, a gap or an unknown illness, and whether it counts."""

    name: str
    words: tuple[int, ...]
    polarity: Polarity
    implied: bool = False
    """A medicine or doubtful sign named it."""
    effect: bool = False
    """It is named as what something may cause or prevent, not as what somebody has."""
    carried: bool = False
    """It was named in the turn before, not in this message."""
    near: str | None = None
    """For what no list knows: the condition that is its nearest relative."""

    @property
    def counts(self) -> bool:
        """Whether it is active for the person who is to be treated."""
        return self.polarity in {Polarity.PRESENT, Polarity.UNSURE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was found in one message."""

    text: str
    words: tuple[Word, ...]
    typed: tuple[Word, ...]
    """The words before repair."""
    found: tuple[Found, ...]
    conditions: tuple[Mention, ...]
    gaps: tuple[Mention, ...]
    unknown: tuple[Mention, ...]
    """Illnesses that no list knows, by the asker's own words."""
    things: frozenset[str]
    products: frozenset[str]
    receiver: Receiver | None
    asks: frozenset[str]
    """Which of permission, factual, reassurance, bare the wording shows (`Cues.asks`)."""
    case: Circumstances
    measured: Measured
    """The figures that mean something for a body."""
    marked: MarkedText
    """The text with its cues, as the mentions were weighed."""

    @property
    def questions(self) -> frozenset[int]:
        """Sentences that end in a question mark."""
        return self.marked.questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What the turn before was about, for a follow-up to lean on. It holds no words of the person's.

    Only terms the corpus itself uses are in it, so that it may be remembered for a while.
    """

    terms: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    """Canonical names of what counted."""


NO_TOPIC: Final = Topic()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A text with everything that tells how its mentions are meant."""

    marked: MarkedText
    receiver: Receiver | None
    someone: Sequence[int]
    """Words that end the naming of another person, in order."""
    holders: Sequence[int]
    """Words that begin the naming of a person who is said to have something."""
    own: Sequence[int]
    """Words by which people speak of themselves, in order."""

    @property
    def words(self) -> Sequence[Word]:
        return self.marked.words


class Reader:
    """Reads messages by the rule files' spellings and cues."""

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        rulebook: Rulebook,
        cues: Cues,
        measures: Measures,
        scopes: Scopes,
        speller: Speller,
    ) -> None:
        self._vocabulary = vocabulary
        ruled = {spelling.concept for spelling in rulebook.spellings}
        self._named = vocabulary.part(ruled)
        self._rulebook = rulebook
        self._takers: dict[str, list[tuple[str, When]]] = {}
        """By a condition's name: those that take its place, and when."""
        for condition in rulebook.conditions.values():
            if condition.takes_over is not None:
                taken, when = condition.takes_over
                for name in taken:
                    self._takers.setdefault(name, []).append((condition.name, when))
        self._cues = cues
        self._measures = measures
        self._scopes = scopes
        self._speller = speller
        self._products = vocabulary.part(concept for concept in ruled if concept.startswith(PRODUCT))
        self._said = vocabulary.part(concept for concept in ruled if concept.startswith(SAID))

    def words(self, text: str) -> tuple[Word, ...]:
        """The words of a text, repaired."""
        return self._speller.repair(words_of(text))

    def read(self, text: str, *, before: Topic = NO_TOPIC) -> Reading:
        """Read a message; `before` is what a follow-up leans on."""
        typed = words_of(text)
        words = self._speller.repair(typed)
        about = self._scopes.find(words)
        things = frozenset(
            match.concept.removeprefix(THING)
            for match in about
            if match.concept.startswith(THING) and not _is_left_out(match, words)
        )
        products = self._named_products(words, things, before)
        found = self._named.find(words, keep=lambda concept, _: self._is_asked_of(concept, products))
        measured = self._measures.read(words)
        told = self._cues.told("persons", words)
        heard = _heard(self._marked(text, words, found, measured), told)
        conditions = self._conditions(found, measured, heard, products)
        if all(self._changes_only_the_case(mention) for mention in conditions):
            conditions = [*conditions, *self._carried_over(before, conditions, measured)]
        unknown = [*self._relatives(text, found, heard), *self._unknown(found, heard)]
        asks = self._cues.asks(words, heard.marked.questions)
        regions = frozenset(match.concept.removeprefix(REGION) for match in about if match.concept.startswith(REGION))
        scopes = self._scopes_asked(things, products, conditions, before)
        case = self._case(words, measured, conditions, scopes=scopes, regions=regions)
        gaps = self._gaps(found, heard, conditions, case)
        return Reading(
            text=text,
            words=words,
            typed=typed,
            found=self._vocabulary.find(words),
            conditions=tuple(conditions),
            gaps=tuple(gaps),
            unknown=tuple(unknown),
            things=things,
            products=products,
            receiver=heard.receiver,
            asks=asks,
            case=case,
            measured=measured,
            marked=heard.marked,
        )

    def _marked(self, text: str, words: Sequence[Word], found: Iterable[Found], measured: Measured) -> MarkedText:
        figures = (
            measured.fever,
            measured.normal_temperature,
            measured.high_pressure,
            measured.normal_pressure,
            measured.grade,
            measured.age,
        )
        named = {index for match in found for index in match.words}
        named |= {index for figure in figures if figure for index in figure.words}
        return self._cues.marked(words, questions=_questions(text, words), named=frozenset(named))

    def _conditions(
        self, found: Sequence[Found], measured: Measured, heard: _Heard, products: frozenset[str]
    ) -> list[Mention]:
        mentions: list[Mention] = []
        for match in found:
            name = match.concept.removeprefix(IMPLIED)
            if name in self._rulebook.conditions:
                mention = self._mention(name, match.words, heard)
                mentions.append(mention if match.concept == name else replace(mention, implied=True))
        if measured.age is not None:
            mentions = [mention for mention in mentions if not self._has_age_limit(mention.name)]
        if measured.fever is not None or measured.normal_temperature is not None:
            mentions = [mention for mention in mentions if not self._only_announces(mention, heard.words)]
        mentions += self._measured(measured, heard, products)
        grade = int(measured.grade.value) if measured.grade else None
        return _merged([self._taken_over(mention, grade) for mention in mentions])

    def _is_asked_of(self, name: str, products: frozenset[str]) -> bool:
        """Whether a condition can speak: what an ointment is for does so only when that ointment is asked about."""
        condition = self._rulebook.conditions.get(name)
        if condition is None or condition.kind != "indication":
            return True
        return any(rule.scopes & products for rule in condition.rules)

    def _changes_only_the_case(self, mention: Mention) -> bool:
        """Whether a mention names no illness of its own: a technique, a use of an ointment, the acute stage."""
        return mention.name in _CIRCUMSTANCES or self._rulebook.conditions[mention.name].kind != "condition"

    def _carried_over(self, before: Topic, named: Sequence[Mention], measured: Measured) -> list[Mention]:
        """What the turn before was about, for a follow-up that names no illness itself: "and at home by my wife?"."""
        grade = int(measured.grade.value) if measured.grade else None
        known = before.conditions & self._rulebook.conditions.keys() - {mention.name for mention in named}
        return [
            self._taken_over(Mention(name=name, words=(), polarity=Polarity.PRESENT, carried=True), grade)
            for name in sorted(known)
        ]

    def _measured(self, measured: Measured, heard: _Heard, products: frozenset[str]) -> list[Mention]:
        """Conditions that a figure gives: a temperature, a pressure, an age below a product's limit."""
        mentions: list[Mention] = []
        for name, figure in (
            ("high_body_temperature", measured.fever),
            ("high_blood_pressure", measured.high_pressure),
            ("hematopoietic_disorder", measured.low_haemoglobin),
        ):
            if figure is not None:
                mentions.append(self._mention(name, figure.words, heard))
        for name, figure in (
            ("high_body_temperature", measured.normal_temperature),
            ("high_blood_pressure", measured.normal_pressure),
        ):
            if figure is not None:
                mentions.append(Mention(name=name, words=figure.words, polarity=Polarity.DENIED))
        if measured.age is not None:
            mentions += self._ages(measured.age, products)
        return mentions

    def _only_announces(self, mention: Mention, words: Sequence[Word]) -> bool:
        """Whether a mention is the bare word "temperature": where a figure is given, that decides."""
        named = [words[index] for index in mention.words]
        return mention.name == "high_body_temperature" and len(named) == 1 and self._measures.is_temperature(named)

    def _has_age_limit(self, name: str) -> bool:
        """Whether the condition is an age below a limit: a known age decides it better than the word "child"."""
        return any(rule.when.age_under is not None for rule in self._rulebook.conditions[name].rules)

    def _ages(self, age: Figure, products: frozenset[str]) -> list[Mention]:
        """An age limit of a product that was named: below it the condition counts, at and above it is denied."""
        mentions: list[Mention] = []
        for condition in self._rulebook.conditions.values():
            for rule in condition.rules:
                if rule.when.age_under is not None and rule.scopes & products:
                    young = age.value < rule.when.age_under
                    polarity = Polarity.PRESENT if young else Polarity.DENIED
                    mentions.append(Mention(name=condition.name, words=age.words, polarity=polarity))
        return mentions

    def _taken_over(self, mention: Mention, grade: int | None) -> Mention:
        for name, when in self._takers.get(mention.name, ()):
            if when.holds(Circumstances(grade=grade)):
                return replace(mention, name=name)
        return mention

    def _mention(self, name: str, indices: tuple[int, ...], heard: _Heard) -> Mention:
        stands = standing(indices, heard.marked)
        polarity = self._polarity(name, stands.means)
        if self._is_held(name) and _holder_is_not_treated(indices, heard):
            polarity = Polarity.SOMEONE_ELSES
        return Mention(name=name, words=indices, polarity=polarity, effect=stands.effect)

    def _is_held(self, name: str) -> bool:
        """Whether it is something a person has; a technique or a product's use is nobody's."""
        condition = self._rulebook.conditions.get(name)
        return condition is None or condition.kind == "condition"

    def _polarity(self, name: str, means: Means) -> Polarity:
        """Whether it counts, as far as the cues say: what is not clearly denied or over does."""
        match means:
            case Means.DENIED | Means.RULED_OUT:
                return Polarity.DENIED
            case Means.SOMEONE_ELSE:
                return Polarity.SOMEONE_ELSES
            case Means.PAST:
                return self._past(name)
            case Means.UNSURE | Means.HYPOTHETICAL:
                return Polarity.UNSURE
            case _:
                return Polarity.PRESENT

    def _past(self, name: str) -> Polarity:
        """A past serious disease stays flagged; a fever that is over is over."""
        condition = self._rulebook.conditions.get(name)
        gone = condition is not None and condition.past == "gone"
        return Polarity.PAST if gone else Polarity.UNSURE

    def _unknown(self, found: Sequence[Found], heard: _Heard) -> list[Mention]:
        taken = {index for match in found for index in match.words}
        mentions: list[Mention] = []
        for index, word in enumerate(heard.words):
            if self._scopes.names_illness(word) and index not in taken and not self._speller.knows(word):
                mentions.append(self._mention(word.form, (index,), heard))
        return mentions

    def _gaps(
        self, found: Sequence[Found], heard: _Heard, conditions: Sequence[Mention], case: Circumstances
    ) -> list[Mention]:
        """What no article treats; where the same words name a condition, the condition speaks for them."""
        taken = {index for mention in conditions for index in mention.words}
        return [
            self._mention(name, match.words, heard)
            for match in found
            if match.concept.startswith(GAP)
            and taken.isdisjoint(match.words)
            and self._is_gap(name := match.concept.removeprefix(GAP), case)
        ]

    def _is_gap(self, name: str, case: Circumstances) -> bool:
        only = self._rulebook.gaps[name].only_for
        return not only or bool(only & case.scopes)

    def _relatives(self, text: str, found: Sequence[Found], heard: _Heard) -> list[Mention]:
        """Things no article names whose nearest relative a rule file tells; called as the person called them."""
        return [
            replace(self._mention(text[match.start : match.end], match.words, heard), near=match.concept[len(NEAR) :])
            for match in found
            if match.concept.startswith(NEAR)
        ]

    def _named_products(self, words: Sequence[Word], things: frozenset[str], before: Topic) -> frozenset[str]:
        found = self._products.find(words)
        meant = [match for match in found if not _is_told_apart(match, words)] or found
        if meant:
            return frozenset(match.concept.removeprefix(PRODUCT) for match in meant)
        if "ointment" in things:
            return frozenset(PRODUCTS)
        return frozenset() if things else before.products

    def _scopes_asked(
        self,
        things: frozenset[str],
        products: frozenset[str],
        conditions: Iterable[Mention],
        before: Topic,
    ) -> frozenset[str]:
        """What the question is about. An ointment's limits never answer a massage question, nor the reverse."""
        if products and products == frozenset(PRODUCTS) and "massage_itself" in things:
            return products | {"massage"}
        if products:
            return products | self._beside_ointments(products, conditions)
        scopes = set(things & {"massage", "exercise"})
        if not scopes and not things:
            scopes = set(before.scopes - frozenset(PRODUCTS))
        if not scopes:
            scopes = {"massage"}
        scopes |= things & {"scent", "oil"}
        for mention in conditions:
            own = frozenset().union(*(rule.scopes for rule in self._rulebook.conditions[mention.name].rules))
            scopes |= own & {"scent", "oil", "exercise", "self_massage"}
        return frozenset(scopes)

    def _beside_ointments(self, products: frozenset[str], conditions: Iterable[Mention]) -> frozenset[str]:
        """A scent that is rubbed in is no ointment: where no ointment is named, it is asked about as well."""
        if products != frozenset(PRODUCTS):
            return frozenset()
        rules = [rule for mention in conditions for rule in self._rulebook.conditions[mention.name].rules]
        return frozenset(scope for rule in rules for scope in rule.scopes & {"scent", "oil"})

    def _case(
        self,
        words: Sequence[Word],
        measured: Measured,
        conditions: Sequence[Mention],
        *,
        scopes: frozenset[str],
        regions: frozenset[str],
    ) -> Circumstances:
        performs_self = any(mention.name.startswith("self_massage") for mention in conditions)
        performer: Performer | None = "self" if performs_self else None
        return Circumstances(
            scopes=scopes,
            techniques=frozenset(mention.name for mention in conditions),
            regions=regions,
            performer=performer,
            phase=_phase(self._cues.told("phase", words)),
            pain=_pain(self._cues.told("pain", words)),
            grade=int(measured.grade.value) if measured.grade else None,
            age=measured.age.value if measured.age else None,
            said=frozenset(match.concept for match in self._said.find(words)),
        )


class Scopes:
    """What a question can be about, and how an unknown illness shows itself (scopes.yaml)."""

    def __init__(
        self,
        spellings: Iterable[Spelling],
        endings: Iterable[str],
        rare_endings: Iterable[str],
        not_illness: Iterable[str],
        problems: Problems,
    ) -> None:
        self.vocabulary = Vocabulary(spellings, problems)
        self._rare_endings = tuple(rare_endings)
        self._any_ending = (*endings, *self._rare_endings)
        self._not_illness = frozenset(not_illness)
        self._ends_like_illness = lru_cache(maxsize=_REMEMBERED)(self._has_ending_of_illness)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_ends_like_illness"}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._ends_like_illness = lru_cache(maxsize=_REMEMBERED)(self._has_ending_of_illness)

    @property
    def forms(self) -> frozenset[str]:
        """Every word of these spellings."""
        return frozenset(self.vocabulary.forms)

    def find(self, words: Sequence[Word]) -> tuple[Found, ...]:
        """The things and regions named."""
        return self.vocabulary.find(words)

    def names_illness(self, word: Word) -> bool:
        """Whether a word, if no list knows it, has the ending of an illness."""
        return self._ends_like_illness(word.form)

    def _has_ending_of_illness(self, form: str) -> bool:
        if len(form) < _SHORTEST_ILLNESS or not form.endswith(self._any_ending) or form in self._not_illness:
            return False
        if form.endswith(self._rare_endings):
            return not everyday_frequency(form)
        return everyday_frequency(form) < _EVERYDAY


def read_scopes(path: Path, problems: Problems) -> Scopes:
    """Read scopes.yaml; mistakes are noted."""
    fields = read_yaml(path, problems, shown_as=f"intents/{path.name}").fields(
        required=("things", "regions", "illness_endings", "rare_illness_endings", "illness_words", "not_illness")
    )
    spellings: list[Spelling] = []
    for section, prefix in (("things", THING), ("regions", REGION)):
        if section in fields:
            spellings += _concepts(fields[section], prefix)

    def folded(name: str) -> list[str]:
        return [fold(text) for text in fields[name].texts()] if name in fields else []

    return Scopes(spellings, folded("illness_endings"), folded("rare_illness_endings"), folded("not_illness"), problems)


def _is_left_out(match: Found, words: Sequence[Word]) -> bool:
    """Whether an ointment is what the question is not about: "an ordinary massage, no creams", "без мазей"."""
    return match.concept == THING + "ointment" and _word_before(match.first, words) in _LEAVES_OUT


def _is_told_apart(match: Found, words: Sequence[Word]) -> bool:
    """Whether a product is named only to say which one is not meant: "not Fastum, Finalgon"."""
    return _word_before(match.first, words) in _TELLS_APART


def _word_before(index: int, words: Sequence[Word]) -> str:
    """The word before in the same clause; empty where there is none."""
    return words[index - 1].form if index and words[index - 1].clause == words[index].clause else ""


_LEAVES_OUT: Final = frozenset({"no", "without", "без", "никаких"})
_TELLS_APART: Final = frozenset({"not", "не"})


def _concepts(value: YamlValue, prefix: str) -> list[Spelling]:
    return [spelling for name, _, body in value.entries() for spelling in spellings_of(prefix + name, body)]


def _questions(text: str, words: Sequence[Word]) -> frozenset[int]:
    last = {word.sentence: word.end for word in words}
    return frozenset(sentence for sentence, end in last.items() if "?" in text[end : end + 3])


def _receiver(told: Sequence[Told]) -> Receiver | None:
    """Who is to be treated; None when the message does not say, or says both."""
    other = any(cue.name == "receiver" for cue in told)
    own = any(cue.name == "self" for cue in told)
    if other == own:
        return None
    return "other" if other else "self"


def _holder_is_not_treated(mention: tuple[int, ...], heard: _Heard) -> bool:
    """Whether the person a mention belongs to is clearly not the one to be treated."""
    first, last = mention[0], mention[-1]
    if heard.receiver is None or (heard.receiver == "self" and _is_called_own(first, heard)):
        return False
    other, own = _nearest_before(first, heard.someone, heard), _nearest_before(first, heard.own, heard)
    if heard.receiver == "other":
        return own > other
    if other > own:
        return not _is_on_own_body(last, heard)
    return own < 0 and _is_followed_by_holder(last, heard)


def _is_called_own(first: int, heard: _Heard) -> bool:
    """Whether the writer calls it theirs: "my hernia", "про мою грыжу"."""
    return first > 0 and heard.words[first - 1].form in _OWN


def _nearest_before(first: int, indices: Sequence[int], heard: _Heard) -> int:
    """The last of these words before a mention, in its sentence; -1 when there is none."""
    number = bisect_left(indices, first) - 1
    found = indices[number] if number >= 0 else -1
    return found if found >= 0 and heard.words[found].sentence == heard.words[first].sentence else -1


def _is_on_own_body(last: int, heard: _Heard) -> bool:
    """Whether the same clause goes on about the writer's own body: "a lump on my back"."""
    clause = [word for word in heard.words[last + 1 : last + _NEAR] if word.clause == heard.words[last].clause]
    return any(word.form in _OWN and after.form in _BODY for word, after in pairwise(clause))


def _is_followed_by_holder(last: int, heard: _Heard) -> bool:
    """Whether a mention is followed by who has it: "asthma is what my brother has", "рак у бабушки"."""
    number = bisect_left(heard.holders, last + 1)
    if number >= len(heard.holders):
        return False
    holder = heard.holders[number]
    return heard.words[holder].clause == heard.words[last].clause


def _heard(marked: MarkedText, told: Sequence[Told]) -> _Heard:
    """A marked text with who is named in it."""
    words = marked.words
    reports = {cue.first for cue in told if cue.name == "reports"}
    someone = [cue for cue in told if cue.name == "someone"]
    return _Heard(
        marked=marked,
        receiver=_receiver(told),
        someone=sorted(cue.last for cue in someone if reports.isdisjoint(range(cue.last + 1, cue.last + 1 + _TO_VERB))),
        holders=sorted(cue.first for cue in someone if _has_something(cue, words)),
        own=[index for index, word in enumerate(words) if word.form in _SELF and not _is_only_told(words, index)],
    )


def _is_only_told(words: Sequence[Word], index: int) -> bool:
    """Whether the writer is the one somebody tells: "my client told me about her thrombosis"."""
    return index > 0 and words[index].form in {"me", "мне"} and words[index - 1].form in _TELLS


def _has_something(someone: Told, words: Sequence[Word]) -> bool:
    """Whether a person is named as having what stands before: "my brother has", "my brother's", "у брата"."""
    following = words[someone.last + 1].form if someone.last + 1 < len(words) else ""
    before = words[someone.first - 1].form if someone.first else ""
    return before == "у" or following in {"has", "had", "have"} or words[someone.last].form.endswith("'s")


_CIRCUMSTANCES: Final = frozenset({"exacerbation_acute_pain", "pain_after_massage", "severe_discomfort"})
"""Conditions that tell the stage of another one."""
_TO_VERB: Final = 2
"""Words from somebody to the verb of telling: "my mother always says"."""
_NEAR: Final = 10
"""Words within which a clause goes on about a mention."""
_OWN: Final = frozenset("my мой моя моей моем моём мою моих себе".split())
_BODY: Final = frozenset(
    (
        "back neck shoulder shoulders skin spine body arm leg head chest blade blades "
        "спине спина шее шея плече коже теле голове ноге руке"
    ).split()
)
_TELLS: Final = frozenset(
    (
        "told tells telling asked asks informed texted wrote writes messaged called calls showed shows confided "
        "сказала сказал говорит рассказала рассказал написала написал призналась признался пишет"
    ).split()
)
_SELF: Final = frozenset({"i", "im", "ive", "i'm", "i've", "me", "я", "меня", "мне", "мной"})


def _merged(mentions: Iterable[Mention]) -> list[Mention]:
    """One mention a condition: where it is named several times, the one that counts most.

    A medicine of the past yields to the condition's own denial: "I stopped warfarin and never had a clotting disorder".
    """
    order = (Polarity.PRESENT, Polarity.UNSURE, Polarity.PAST, Polarity.SOMEONE_ELSES, Polarity.DENIED)
    best: dict[str, Mention] = {}
    for mention in mentions:
        known = best.get(mention.name)
        if known is not None and _yields(mention, known):
            continue
        if known is None or _yields(known, mention) or order.index(mention.polarity) < order.index(known.polarity):
            best[mention.name] = mention
    return sorted(best.values(), key=lambda mention: (mention.words, mention.name))


def _yields(implied: Mention, other: Mention) -> bool:
    doubtful = implied.implied and implied.polarity is not Polarity.PRESENT
    return doubtful and not other.implied and other.polarity is Polarity.DENIED


def _phase(told: Sequence[Told]) -> Phase | None:
    if any(cue.name in {"acute", "not_remission"} for cue in told):
        return "acute"
    return "remission" if told else None


def _pain(told: Sequence[Told]) -> bool | None:
    if any(cue.name == "no_pain" for cue in told):
        return False
    return True if told else None
