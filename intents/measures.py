"""Which figures does a message give: temperature, blood pressure, a grade, an age?

Limits and words stand in measures.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

from corpus.words import Word, fold, stem
from corpus.yaml_source import Problems, YamlValue, read_yaml

_DECIMAL: Final = re.compile(r"\d+(?:[.,]\d+)?")
_PRESSURE: Final = re.compile(r"(\d{2,3})[/:](\d{1,3})")
_WORD_LISTS: Final = (
    "grade_words",
    "age_words",
    "month_words",
    "aged_words",
    "young_words",
    "counted_words",
    "degrees_words",
    "temperature_words",
    "thing_words",
    "haemoglobin_words",
    "surroundings_words",
    "pressure_words",
)
_LIMITS: Final = ("fever_celsius", "fever_fahrenheit", "high_systolic", "high_diastolic", "low_haemoglobin")
_NEVER: Final = float("inf")
"""Stands where a limit cannot be read; the file's mistake is noted, and nothing starts on it."""
_BELOW: Final = frozenset("under below до младше меньше моложе".split())
"""Before a figure these mean an age short of it: "a child under 12 years old" is not twelve."""
_A_LITTLE: Final = 0.5
_IN_DECILITRES: Final = 20
"""A haemoglobin up to this is one for a decilitre."""
_LEAST_HAEMOGLOBIN: Final = 30
_COLD: Final = 35
_COLD_FAHRENHEIT: Final = 95
"""Below these a figure is no body temperature."""
_NEAR: Final = 4
"""How many words a figure may stand from the word that says what it measures."""
_TENTHS: Final = frozenset({"и", "с", "and", "point"})
"""What joins a figure and its tenths: "37 и 8", "thirty-eight point five", "38 с половиной"."""
_HALF: Final = frozenset({"half", "половиной"})
_BODY_HEAT: Final = range(34, 43)
"""Degrees Celsius; only a figure of this size is followed by tenths."""
_HUNDRED: Final = 100
_OVER: Final = frozenset({"over", "to", "на", "к", "x", "х"})
"""What joins the two readings of a pressure: "170 over 100"."""
_OVER_WHERE_NAMED: Final = frozenset({"by", "and", "on", "upon", "x"})
"""What joins them only where a pressure is named: "pressure 150 and 95"."""
_HIGHEST: Final = 260
_SLASH_BETWEEN: Final = (2, 3)
"""Characters between the figures of "171 / 99"."""
_TELLS: Final = frozenset(
    (
        "is was are at of around about now today yesterday it touched touches hit hits reached "
        "still reads shows says stays like near roughly "
        "это сейчас примерно около"
    ).split()
)
"""Words between a pressure and its figure."""
_PARTS: Final = frozenset({"half", "quarter", "quarters", "bit", "половиной"})
_WILL_BE: Final = frozenset({("will", "be"), ("not", "yet"), ("to", "turn"), ("will", "turn"), ("to", "be")})
_SOON: Final = frozenset("almost nearly turns turning soon скоро почти".split())
"""Before a figure these mean an age that is not reached yet."""
_TEN: Final = 10
_SHORT: Final = 6
"""Letters; a longer number word is also known by its stem: "двухлетнему"."""
_SUFFIXES: Final = frozenset({"st", "nd", "rd", "th", "й", "я", "ой", "ей", "го", "ая", "ый"})
"""Endings that are typed after a figure: "4th", "4-й"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure found: what it measures, and which words hold it."""

    words: tuple[int, ...]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All figures of a message that mean something for a body."""

    fever: Figure | None = None
    normal_temperature: Figure | None = None
    """A temperature that is no fever: whoever gives it denies one."""
    high_pressure: Figure | None = None
    normal_pressure: Figure | None = None
    """A pressure below the limits: whoever gives it denies high pressure."""
    low_haemoglobin: Figure | None = None
    grade: Figure | None = None
    age: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The words and limits by which figures are read."""

    limits: Mapping[str, float]
    numbers: Mapping[str, float]
    ordinals: Mapping[str, int]
    life_stages: Mapping[str, float]
    words: Mapping[str, frozenset[str]]
    """Stems by list name (measures.yaml)."""

    def read(self, words: Sequence[Word]) -> Measured:
        """The figures of a message."""
        known = self.numbers.keys()
        numbers = [
            index
            for index, word in enumerate(words)
            if word.form in known or word.stem in known or word.form[0].isdigit()
        ]
        high, normal = self._pressure(words, numbers)
        return Measured(
            fever=self._fever(words, numbers),
            normal_temperature=self._normal_temperature(words, numbers),
            high_pressure=high,
            normal_pressure=None if high else normal,
            low_haemoglobin=self._low_haemoglobin(words, numbers),
            grade=self._grade(words),
            age=self._age(words, numbers),
        )

    def _number(self, word: Word) -> float | None:
        if _DECIMAL.fullmatch(word.form):
            return float(word.form.replace(",", "."))
        return self.numbers.get(word.form, self.numbers.get(word.stem))

    def _any_near(self, words: Sequence[Word], index: int, listed: str) -> bool:
        near = words[max(0, index - _NEAR) : index + _NEAR + 1]
        return any(word.stem in self.words[listed] for word in near)

    def _fever(self, words: Sequence[Word], numbers: Iterable[int]) -> Figure | None:
        for index in numbers:
            word = words[index]
            value, last = self._spoken(words, index)
            if value is None or any(self._counts_something_else(words, place) for place in (index, last)):
                continue
            if self._is_of_a_thing(words, index):
                continue
            celsius = self.limits["fever_celsius"] <= value <= 43
            fahrenheit = self.limits["fever_fahrenheit"] <= value <= 110
            decimal = "." in word.form or "," in word.form or (last > index and word.form[0].isdigit())
            if (celsius or fahrenheit) and (
                self._any_near(words, index, "degrees_words") or (celsius and decimal and len(words) < 12)
            ):
                return Figure(words=tuple(range(index, last + 1)), value=value)
        return None

    def _is_of_a_thing(self, words: Sequence[Word], index: int) -> bool:
        """Whether a temperature or pressure near is one of a room, of water, of a tyre."""
        return self._any_near(words, index, "thing_words") or self._is_of_surroundings(words, index)

    def _is_of_surroundings(self, words: Sequence[Word], index: int) -> bool:
        """Whether the temperature near a figure is that of the air or of water: "water temperature 38"."""
        return any(
            self._is_listed(words, near, "degrees_words")
            and words[near].sentence == words[index].sentence
            and (
                self._is_listed(words, near - 1, "surroundings_words")
                or self._is_listed(words, near + 1, "surroundings_words")
            )
            for near in range(max(0, index - _NEAR), index + _NEAR + 1)
        )

    def _normal_temperature(self, words: Sequence[Word], numbers: Sequence[int]) -> Figure | None:
        """The last body temperature that is no fever, where a temperature is named."""
        for index in reversed(numbers):
            value, last = self._spoken(words, index)
            if value is None or any(self._counts_something_else(words, place) for place in (index, last)):
                continue
            celsius = _COLD <= value < self.limits["fever_celsius"]
            fahrenheit = _COLD_FAHRENHEIT <= value < self.limits["fever_fahrenheit"]
            if (celsius or fahrenheit) and self.is_temperature(words):
                return Figure(words=tuple(range(index, last + 1)), value=value)
        return None

    def is_temperature(self, words: Sequence[Word]) -> bool:
        """Whether one of the words only says that a temperature is told, not how high it is."""
        return any(word.stem in self.words["temperature_words"] for word in words)

    def _counts_something_else(self, words: Sequence[Word], index: int) -> bool:
        """Whether a figure is an age, weeks, kilograms: "I'm 38", "39 weeks", "мне 38 лет"."""
        before = words[index - 1].form if index else ""
        after = words[index + 1] if index + 1 < len(words) else None
        if after and after.sentence == words[index].sentence and after.stem in self.words["counted_words"]:
            return True
        return before in {"i'm", "im", "am", "мне", "aged"} and words[index].form.isdigit()

    def _pressure(self, words: Sequence[Word], numbers: Iterable[int]) -> tuple[Figure | None, Figure | None]:
        """The first pressure that is high, and the first that is not: "mostly 128 over 80, sometimes 150"."""
        high: Figure | None = None
        normal: Figure | None = None
        for index in numbers:
            reading = self._pressure_at(words, index, told=high is not None or normal is not None)
            if reading is None:
                continue
            upper, lower = reading
            last = (
                index if _PRESSURE.fullmatch(words[index].form) else self._spoken(words, index)[1] + (2 if lower else 0)
            )
            figure = Figure(words=tuple(range(index, last + 1)), value=upper)
            if upper >= self.limits["high_systolic"] or lower >= self.limits["high_diastolic"]:
                high = high or figure
            else:
                normal = normal or figure
        return high, normal

    def _pressure_at(self, words: Sequence[Word], index: int, *, told: bool) -> tuple[float, float] | None:
        """The two readings of a pressure that begins at `index`, the lower one 0 when it is not said.

        Where one pressure was `told` already, a further figure needs no word that says so.
        """
        named = told or self._any_near(words, index, "pressure_words")
        if named and self._is_of_a_thing(words, index):
            return None
        if both := _PRESSURE.fullmatch(words[index].form):
            return _reading(float(both[1]), float(both[2]), named=named and "/" in words[index].form)
        value, last = self._spoken(words, index)
        if value is None or self._counts_something_else(words, last):
            return None
        lower = self._lower_reading(words, last, named=named)
        if lower is not None:
            return _reading(value, lower, named=named)
        if last + 1 < len(words) and words[last + 1].start - words[last].end in _SLASH_BETWEEN:
            following = self._number(words[last + 1]) if words[last + 1].form.isdigit() else None
            if following is not None and following <= 130 <= value and not self._counts_something_else(words, last + 1):
                return _reading(value, following, named=False)
        if self._follows_pressure(words, index) and value <= _HIGHEST / 10:
            value *= 10
        return (value, 0.0) if named and self.limits["high_systolic"] <= value <= _HIGHEST else None

    def _spoken(self, words: Sequence[Word], index: int) -> tuple[float | None, int]:
        """The figure that begins at a word, and the index of its last word: "165", "сто шестьдесят", "one sixty"."""
        value = self._number(words[index])
        if value is None:
            return None, index
        last = index
        if not words[index].form[0].isdigit():
            while last + 1 < len(words) and (larger := self._with_next(words, index, value, last + 1)) is not None:
                value, last = larger, last + 1
        tenths = self._tenths(words, last) if value in _BODY_HEAT else None
        return (value, last) if tenths is None else (value + tenths[0], tenths[1])

    def _with_next(self, words: Sequence[Word], first: int, value: float, index: int) -> float | None:
        """A figure in words with the next word taken in; None where that word does not go on with it."""
        word = words[index]
        if word.clause != words[first].clause:
            return None
        if word.form == "hundred":
            return value * _HUNDRED if value < _TEN else None
        if word.form == "and":
            return value if value >= _HUNDRED and value % _HUNDRED == 0 else None
        more = None if word.form[0].isdigit() or word.form == "a" else self._number(word)
        if more is None:
            return None
        if words[first].form == "one" and value == 1 and more >= _TEN:
            return _HUNDRED + more
        if value >= _HUNDRED and value % _HUNDRED == 0:
            return value + more if more < _HUNDRED else None
        return value + more if value >= 2 * _TEN and value % _TEN == 0 and 0 < more < _TEN else None

    def _tenths(self, words: Sequence[Word], last: int) -> tuple[float, int] | None:
        """The tenths behind a temperature and the index of their last word: "37 и 8", "38 and a half"."""
        if last + 2 >= len(words) or words[last + 1].form not in _TENTHS:
            return None
        at = last + 3 if words[last + 2].form == "a" and last + 3 < len(words) else last + 2
        if words[at].form in _HALF:
            return 0.5, at
        value = self._number(words[at])
        counted = self._is_listed(words, at + 1, "counted_words")
        return (value / _TEN, at) if value is not None and 0 < value < _TEN and not counted else None

    def _follows_pressure(self, words: Sequence[Word], index: int) -> bool:
        """Whether a pressure is named right before a figure: "my pressure is 17", "давление 17"."""
        before = index - 1
        while before >= 0 and words[before].form in _TELLS:
            before -= 1
        return before >= 0 and words[before].stem in self.words["pressure_words"]

    def _lower_reading(self, words: Sequence[Word], index: int, *, named: bool) -> float | None:
        """The second figure of "170 over 100", "130 на 85"."""
        joined = _OVER | _OVER_WHERE_NAMED if named else _OVER
        if (
            index + 2 < len(words)
            and words[index + 1].form in joined
            and not self._counts_something_else(words, index + 2)
        ):
            return self._spoken(words, index + 2)[0] or self._number(words[index + 2])
        return None

    def _low_haemoglobin(self, words: Sequence[Word], numbers: Iterable[int]) -> Figure | None:
        """A haemoglobin below the limit, in grams for a decilitre or for a litre: "hb 8.5", "haemoglobin of 85"."""
        for index in numbers:
            value = self._number(words[index]) if words[index].form[0].isdigit() else None
            before = words[max(0, index - 3) : index]
            if value is None or not any(word.stem in self.words["haemoglobin_words"] for word in before):
                continue
            for_a_litre = value * 10 if value <= _IN_DECILITRES else value
            if _LEAST_HAEMOGLOBIN <= for_a_litre < self.limits["low_haemoglobin"]:
                return Figure(words=(index,), value=for_a_litre)
        return None

    def _grade(self, words: Sequence[Word]) -> Figure | None:
        for index, word in enumerate(words):
            if word.stem not in self.words["grade_words"]:
                continue
            suffixed = index > 0 and words[index - 1].form in _SUFFIXES
            for other in (index - 2 if suffixed else index - 1, index + 1, index + 2):
                if 0 <= other < len(words) and (value := self._grade_number(words[other])) is not None:
                    return Figure(words=tuple(sorted((index, other))), value=value)
        return None

    def _grade_number(self, word: Word) -> int | None:
        found = self.ordinals.get(word.form, self.ordinals.get(word.stem))
        if found is None and (value := self._number(word)) is not None and value in {1, 2, 3, 4}:
            found = int(value)
        return found

    def _age(self, words: Sequence[Word], numbers: Iterable[int]) -> Figure | None:
        """An age in figures or words; where there is none, that of the first stage of life that is named."""
        return self._explicit_age(words, numbers) or self._life_stage(words)

    def _life_stage(self, words: Sequence[Word]) -> Figure | None:
        for index, word in enumerate(words):
            stage = self.life_stages.get(word.form, self.life_stages.get(word.stem))
            if stage is not None:
                return Figure(words=(index,), value=stage)
        return None

    def _explicit_age(self, words: Sequence[Word], numbers: Iterable[int]) -> Figure | None:
        for index in numbers:
            word = words[index]
            value = self._number(word)
            if value is None or not 0 <= value <= 110:
                continue
            tens = self._tens(words[index - 1]) if index and words[index - 1].clause == word.clause else 0
            if tens > value and value < _TEN:
                value += tens
            figure = self._age_at(words, index, value)
            if figure is not None:
                return figure
        return None

    def _tens(self, word: Word) -> float:
        """The tens before a number word, "eighty" of "eighty-nine"; 0 when it is no such word."""
        value = self.numbers.get(word.form, self.numbers.get(word.stem, 0.0))
        return value if value % 10 == 0 else 0.0

    def _age_at(self, words: Sequence[Word], index: int, value: float) -> Figure | None:
        """The age that the number at `index` gives, if it gives one."""
        unit = _after_fraction(words, index)
        below = _A_LITTLE if _is_below(words, index) else 0.0
        if self._says_age(words, unit):
            return Figure(words=(index, unit), value=value - below)
        young = self._follows_young(words, index)
        if self._is_listed(words, unit, "month_words") and (young or self._is_old(words, unit + 1)):
            return Figure(words=(index, unit), value=value / 12)
        if words[index].stem.endswith(("летн", "летк")) or (index and self._is_listed(words, index - 1, "aged_words")):
            return Figure(words=(index,), value=value)
        if below and self._any_near(words, index, "young_words"):
            return Figure(words=(index,), value=value - below)
        return Figure(words=(index,), value=value) if young and self._ends_clause(words, unit - 1) else None

    def _follows_young(self, words: Sequence[Word], index: int) -> bool:
        """Whether a number stands right behind a child: "a boy of nine", "my kid, 4", "he's three", "сыну семь"."""
        before = index - 1
        if before >= 1 and (words[before - 1].form, words[before].form) in _WILL_BE:
            before -= 2
        if before >= 0 and words[before].form in {
            "is",
            "of",
            "just",
            "only",
            "about",
            "almost",
            "nearly",
            "turns",
            "turning",
            "soon",
            "уже",
            "всего",
        }:
            before -= 1
        return before >= 0 and words[before].stem in self.words["young_words"]

    def _ends_clause(self, words: Sequence[Word], index: int) -> bool:
        following = words[index + 1] if index + 1 < len(words) else None
        return (
            following is None
            or following.clause != words[index].clause
            or not following.form.isalpha()
            or following.form in {"and", "may", "can", "could", "should", "или", "можно", "и", "use", "so", "too"}
        )

    def _is_listed(self, words: Sequence[Word], index: int, listed: str) -> bool:
        return 0 <= index < len(words) and words[index].stem in self.words[listed]

    def _says_age(self, words: Sequence[Word], index: int) -> bool:
        """Whether the word after a number makes it an age: "5 years old", "5-year-old", "5 лет"; not "5 years ago"."""
        if not self._is_listed(words, index, "age_words"):
            return False
        following = words[index + 1].form if index + 1 < len(words) else ""
        if following in {"ago", "назад", "later", "back", "спустя", "подряд", "опыт", "стаж"}:
            return False
        if "а" <= words[index].form[0] <= "я":
            return True
        following = following.removesuffix("'s")
        return words[index].form in {"yo", "y", "yr", "yrs"} or following in {"old", "olds", "of", "girl", "boy"}

    def _is_old(self, words: Sequence[Word], index: int) -> bool:
        following = words[index].form if index < len(words) else ""
        russian = "а" <= words[index - 1].form[0] <= "я"
        return following in {"old", "olds"} or (russian and following not in {"назад", "беременности", "подряд"})


def _reading(upper: float, lower: float, *, named: bool) -> tuple[float, float] | None:
    """A pressure in mmHg from its two figures, if they can be one; where it is named, "16 over 10" is in cmHg."""
    if 70 <= upper <= _HIGHEST and 40 <= lower <= 160 and lower < upper:
        return upper, lower
    if named and 9 <= upper <= _HIGHEST / 10 and 5 <= lower <= 16 and lower < upper:
        return upper * 10, lower * 10
    return None


def _after_fraction(words: Sequence[Word], index: int) -> int:
    """Where a number ends that may go on with a part: "twelve and a half years", "3 and three quarters"."""
    at = index + 1
    if at < len(words) and words[at].form in {"and", "с"}:
        part = next((after for after in range(at + 1, min(at + 3, len(words))) if words[after].form in _PARTS), None)
        return index + 1 if part is None else part + 1
    return at + 1 if at < len(words) and words[at].form in {"1/2", "3/4", "1/4"} else at


def _is_below(words: Sequence[Word], index: int) -> bool:
    """Whether the age at `index` is not reached: "under 12", "turns 12 in May", "will be 12"."""
    before = words[index - 1].form if index else ""
    two = (words[index - 2].form, before) if index > 1 else ("", before)
    return before in _BELOW | _SOON or two in _WILL_BE


def read_measures(path: Path, problems: Problems) -> Measures:
    """Read measures.yaml; mistakes are noted."""
    fields = read_yaml(path, problems, shown_as=f"intents/{path.name}").fields(
        required=("limits", "numbers", "ordinals", "life_stages", *_WORD_LISTS)
    )
    limits = fields["limits"].fields(required=_LIMITS) if "limits" in fields else {}
    ordinals = _figures(fields["ordinals"]) if "ordinals" in fields else {}
    life_stages = _figures(fields["life_stages"]) if "life_stages" in fields else {}
    return Measures(
        limits={name: _figure(limits[name]) if name in limits else _NEVER for name in _LIMITS},
        numbers=_numbers(fields["numbers"]) if "numbers" in fields else {},
        ordinals={stem_or_form(name): int(value) for name, value in ordinals.items()},
        life_stages={stem_or_form(name): value for name, value in life_stages.items()},
        words={name: _stems(fields[name]) if name in fields else frozenset() for name in _WORD_LISTS},
    )


def _stems(value: YamlValue) -> frozenset[str]:
    return frozenset(stem(fold(word)) for word in value.texts() if word)


def stem_or_form(word: str) -> str:
    """The folded form of Latin words, the stem of Cyrillic ones, whose cases are many."""
    form = fold(word)
    return stem(form) if "а" <= form[0] <= "я" else form


def _figure(value: YamlValue) -> float:
    try:
        return float(value.text())
    except ValueError:
        value.problem(f"expected a figure such as 37.3, found '{value.text()}'")
        return _NEVER


def _figures(value: YamlValue) -> dict[str, float]:
    return {name: figure for name, _, text in value.entries() if name and isfinite(figure := _figure(text))}


def _numbers(value: YamlValue) -> dict[str, float]:
    found: dict[str, float] = {}
    for language, _, words in value.entries():
        if language == "other":
            figures = _figures(words)
            found |= {fold(name): figure for name, figure in figures.items()}
            found |= {stem_or_form(name): figure for name, figure in figures.items() if len(name) > _SHORT}
        else:
            found |= {fold(word): float(number) for number, word in enumerate(words.texts())}
    for tens, name in enumerate(("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 3):
        found[name] = tens * 10.0
    return found
