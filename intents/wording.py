"""What does the bot say in a language?

`wording/en.yaml` and `wording/ru.yaml` hold the same names; `{places}` in a text are filled in by whoever says it.
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


@dataclass(frozen=True, slots=True)
class Wording:
    """All texts, by language and name."""

    texts: Mapping[str, Mapping[str, str]]

    def say(self, language: str, name: str, **filled: object) -> str:
        """A text with its blanks filled in; raises KeyError for a name or blank that does not exist."""
        return self.texts[language][name].format(**filled)


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
    first, second = SPOKEN
    for one, other in ((first, second), (second, first)):
        for name in texts[one].keys() - texts[other].keys():
            problems.add(places[one, name], f"'{name}' is missing in {other}.yaml; add it there")
    for name in texts[first].keys() & texts[second].keys():
        if blanks(texts[first][name]) != blanks(texts[second][name]):
            problems.add(places[second, name], f"'{name}' has other {{blanks}} than in {first}.yaml; use the same")
    return Wording(texts)


def blanks(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_BLANK.findall(text))
