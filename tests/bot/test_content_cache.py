"""Kept content: what is kept answers as what is read does, and nothing else is ever taken for it."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from pathlib import Path

import pytest

from bot import content_cache
from bot.assemble import CORPUS, Content, read_content
from bot.content_cache import content_of
from bot.render import plain
from corpus.yaml_source import ContentError

QUESTIONS = (
    "How long does a neck massage last?",
    "можно ли массаж шеи при гипертонии",
    "I have a fever and osteochondrosis, is a back massge okay?",
    "who won the match yesterday",
    "my chest hurts and I can't breathe",
)


@pytest.fixture(scope="module")
def shipped() -> Content:
    return read_content()


@pytest.fixture
def reads(shipped: Content, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each time content was read; reading the shipped content is made short."""
    seen: list[object] = []

    def read(**given: Path | None) -> Content:
        seen.append(given)
        return shipped if given["corpus"] == CORPUS else read_content(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(content_cache, "read_content", read)
    return seen


def file_in(cache: Path) -> Path:
    (file,) = cache.iterdir()
    return file


def test_what_is_kept_answers_as_what_was_read(shipped, reads, tmp_path):
    cache = tmp_path / "deep" / "cache"
    content_of(cache=cache)
    kept = content_of(cache=cache)
    assert (len(reads), kept is shipped) == (1, False)
    ours, theirs = kept.answerer(), shipped.answerer()
    for question in QUESTIONS:
        assert plain(ours.answer(question).reply) == plain(theirs.answer(question).reply)
    assert kept.check_steps.checklists
    assert kept.recogniser.recognise(QUESTIONS[2]) is not None
    assert cache.stat().st_mode & 0o777 == 0o700
    assert file_in(cache).stat().st_mode & 0o077 == 0


def test_a_changed_page_is_read_and_a_mistake_in_it_told(reads, tmp_path):
    corpus = tmp_path / "corpus"
    shutil.copytree(CORPUS, corpus, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    content_of(corpus=corpus, cache=tmp_path / "cache")
    page = corpus / "articles" / "neck.md"
    page.write_text(page.read_text("utf-8").replace("lines=", "lnes=", 1), "utf-8")
    for _ in range(2):
        with pytest.raises(ContentError, match=r"neck\.md"):
            content_of(corpus=corpus, cache=tmp_path / "cache")
    assert len(reads) == 3


@pytest.mark.parametrize("where", [0, 40, 5_000_000, -1])
def test_a_damaged_file_is_not_used(reads, tmp_path, where):
    content_of(cache=tmp_path / "cache")
    file = file_in(tmp_path / "cache")
    whole = bytearray(file.read_bytes())
    whole[where] ^= 1
    file.write_bytes(whole)
    content_of(cache=tmp_path / "cache")
    file.write_bytes(bytes(whole)[:-100])
    content_of(cache=tmp_path / "cache")
    content_of(cache=tmp_path / "cache")
    assert len(reads) == 3


def test_a_file_that_others_may_write_is_not_used(reads, tmp_path):
    content_of(cache=tmp_path / "cache")
    file_in(tmp_path / "cache").chmod(0o666)
    content_of(cache=tmp_path / "cache")
    assert len(reads) == 2


def test_where_nothing_can_be_written_content_is_read(reads, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder would be")
    for _ in range(2):
        assert content_of(cache=tmp_path / "cache").library.passages
    assert len(reads) == 2


class Harmful:
    """What a pickle may ask for."""

    def __init__(self, *asked: object) -> None:
        self.asked = asked

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.asked[0], self.asked[1:]


@pytest.mark.parametrize("asked", [(os.mkdir, "harm"), (eval, "open('harm', 'w')"), (getattr, "text", "upper")])
def test_a_file_that_asks_for_anything_but_our_classes_runs_nothing(reads, tmp_path, monkeypatch, asked):
    monkeypatch.chdir(tmp_path)
    content_of(cache=tmp_path / "cache")
    file = file_in(tmp_path / "cache")
    made_of = file.read_bytes()[:32]
    kept = pickle.dumps(Harmful(*asked))
    file.write_bytes(made_of + hashlib.sha256(made_of + kept).digest() + kept)
    content_of(cache=tmp_path / "cache")
    assert len(reads) == 2
    assert not (tmp_path / "harm").exists()
