"""What does the bot say in a language?

`wording/en.yaml` and `wording/ru.yaml` hold the same names; `{places}` in a text are filled in by whoever says it. A
text about a number has a variant for each form the language has: `{count} раз | {count} раза | {count} раз`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpus.yaml_source import Place, Problems, read_yaml

_BLANK: Final = re.compile(r"\{([a-z_]+)\}")
SPOKEN: Final = ("en", "ru")
"""The languages every screen exists in."""
_VARIANTS: Final = " | "
_FORMS: Final = {"en": 2, "ru": 3}
"""How many variants a counted text has in each language."""


@dataclass(frozen=True, slots=True)
class Wording:
    """All texts, by language and name."""

    texts: Mapping[str, Mapping[str, str]]

    def say(self, language: str, name: str, **filled: object) -> str:
        """A text with its blanks filled in; raises KeyError for a name or blank that does not exist."""
        return self.texts[language][name].format(**filled)

    def counted(self, language: str, name: str, count: int, **filled: object) -> str:
        """The variant of a text that fits a number, with `{count}` and its other blanks filled in."""
        variants = self.texts[language][name].split(_VARIANTS)
        return variants[plural_form(language, count)].format(count=count, **filled)

    def words(self, language: str, name: str) -> tuple[str, ...]:
        """A text that is a list: phrases with semicolons between them."""
        return tuple(part.strip() for part in self.texts[language][name].split(";"))


def plural_form(language: str, count: int) -> int:
    """Which variant a number takes: English has one and many; Russian 1 раз, 2 раза, 5 раз."""
    if language != "ru":
        return 0 if count == 1 else 1
    if count % 10 == 1 and count % 100 != 11:
        return 0
    return 1 if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else 2


def read_wording(folder: Path, problems: Problems) -> Wording:
    """Read both languages; names or blanks that only one of them has are noted."""
    texts: dict[str, dict[str, str]] = {}
    places: dict[tuple[str, str], Place] = {}
    for language in SPOKEN:
        path = folder / f"{language}.yaml"
        texts[language] = {}
        for name, key, value in read_yaml(path, problems, shown_as=f"intents/wording/{path.name}").entries():
            texts[language][name] = value.text()
            places[language, name] = key.place
            if (variants := value.text().count(_VARIANTS) + 1) not in {1, _FORMS[language]}:
                value.problem(f"'{name}' has {variants} variants; write {_FORMS[language]} with | between them, or one")
    first, second = SPOKEN
    for one, other in ((first, second), (second, first)):
        for name in texts[one].keys() - texts[other].keys():
            problems.add(places[one, name], f"'{name}' is missing in {other}.yaml; add it there")
    for name in texts[first].keys() & texts[second].keys():
        if blanks(texts[first][name]) != blanks(texts[second][name]):
            problems.add(places[second, name], f"'{name}' has other {{blanks}} than in {first}.yaml; use the same")
        if (_VARIANTS in texts[first][name]) != (_VARIANTS in texts[second][name]):
            problems.add(places[second, name], f"'{name}' is counted in one language only; write its variants in both")
    return Wording(texts)


def blanks(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_BLANK.findall(text))
