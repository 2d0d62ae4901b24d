"""Which time zone does a person mean: by name, by city, by a location pin?

IANA names and their last parts are known by themselves; cities.yaml adds what people say. A location is matched to the
nearest city of the IANA table (`zone1970.tab` of the `tzdata` package), which is right away from borders; the person is
told the zone and can correct it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

from corpus.words import fold
from corpus.yaml_source import Problems, read_yaml

_PLACE: Final = re.compile(r"([+-]\d{4,6})([+-]\d{5,7})")


@dataclass(frozen=True, slots=True)
class Zones:
    """Names people use for zones, folded, and the zone each means."""

    by_name: Mapping[str, str]

    def named(self, text: str) -> str | None:
        """The zone a text names, such as `Europe/Berlin`, `berlin`, `Санкт-Петербург`; None when it names none."""
        return self.by_name.get(_folded(text))


def read_zones(path: Path, problems: Problems) -> Zones:
    """Read cities.yaml; a zone that does not exist is noted."""
    known = available_timezones()
    names: dict[str, str] = {}
    for zone in sorted(known):
        names.setdefault(_folded(zone.rpartition("/")[2]), zone)
        names[_folded(zone)] = zone
    for city, _, value in read_yaml(path, problems, shown_as=f"intents/{path.name}").entries():
        if value.text() not in known:
            value.problem(f"'{value.text()}' is not a time zone; write an IANA name such as Europe/Berlin")
        names[_folded(city)] = value.text()
    return Zones(names)


def _folded(text: str) -> str:
    return fold(text.strip()).replace("_", " ").replace("-", " ")


def zone_at(latitude: float, longitude: float) -> str:
    """The zone of the nearest city of the IANA table; degrees, north and east positive."""
    return min(_cities(), key=lambda city: _distance(latitude, longitude, city[0], city[1]))[2]


@lru_cache(maxsize=1)
def _cities() -> tuple[tuple[float, float, str], ...]:
    table = resources.files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text(encoding="utf-8")
    found = []
    for line in table.splitlines():
        parts = line.split("\t")
        place = _PLACE.fullmatch(parts[1]) if len(parts) > 2 and not line.startswith("#") else None
        if place:
            found.append((_degrees(place[1], 2), _degrees(place[2], 3), parts[2]))
    return tuple(found)


def _degrees(text: str, whole: int) -> float:
    """`+5230` (52°30'), `+0131946` (13°19'46")."""
    sign = -1.0 if text[0] == "-" else 1.0
    digits = text[1:]
    minutes = float(digits[whole : whole + 2])
    seconds = float(digits[whole + 2 :] or 0)
    return sign * (float(digits[:whole]) + minutes / 60 + seconds / 3600)


def _distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance in radians (haversine)."""
    one, two = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other_longitude - longitude)
    half = math.sin((two - one) / 2) ** 2 + math.cos(one) * math.cos(two) * math.sin(across / 2) ** 2
    return 2 * math.asin(min(1.0, math.sqrt(half)))
