"""Every sentence that a rule file promises about holds; each is a test named by its place."""

from __future__ import annotations

import pytest

from intents.proving import Promise, note_broken, promises
from tests.shipped import shipped

PROMISES = promises(shipped().rulebook, shipped().reader, shipped().red_flags)


def named(promise: Promise) -> str:
    place = promise.example.place
    return f"{place.file}:{place.line}:{place.column}"


@pytest.mark.parametrize("promise", PROMISES, ids=named)
def test_an_example_holds(promise: Promise) -> None:
    assert promise.broken() is None, promise.example.text


def test_progress_is_told_for_every_example() -> None:
    from corpus.yaml_source import Problems  # noqa: PLC0415 (beside its only use)

    heard: list[tuple[int, int]] = []
    note_broken(PROMISES[:3], Problems(), progress=lambda done, everything: heard.append((done, everything)))
    assert heard == [(1, 3), (2, 3), (3, 3)]
