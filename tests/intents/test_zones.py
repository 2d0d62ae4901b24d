"""Zones by the names people use, and by a location pin."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assemble import INTENTS
from corpus.yaml_source import Problems
from intents.zones import Zones, read_zones, zone_at


@pytest.fixture(scope="module")
def zones() -> Zones:
    problems = Problems()
    read = read_zones(INTENTS / "cities.yaml", problems)
    problems.raise_if_any()
    return read


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        (" new_york ", "America/New_York"),
        ("Санкт-Петербург", "Europe/Moscow"),
        ("новосибирск", "Asia/Novosibirsk"),
        ("UTC", "UTC"),
        ("Munich", "Europe/Berlin"),
    ],
)
def test_a_zone_is_known_by_its_name_its_city_and_what_people_call_it(zones, said, zone):
    assert zones.named(said) == zone


def test_a_name_that_is_no_zone_is_not_guessed(zones):
    assert zones.named("Middle-earth") is None
    assert zones.named("") is None


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ((52.52, 13.40), "Europe/Berlin"),
        ((55.75, 37.62), "Europe/Moscow"),
        ((-33.87, 151.21), "Australia/Sydney"),
        ((40.71, -74.01), "America/New_York"),
    ],
)
def test_a_pin_in_a_large_city_gives_the_citys_zone(place, zone):
    assert zone_at(*place) == zone


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_on_earth_has_a_zone(latitude, longitude):
    assert ZoneInfo(zone_at(latitude, longitude))
