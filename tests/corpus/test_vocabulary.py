"""Spellings: what they find, and what they must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.pattern import PatternError, example_words, variants
from corpus.vocabulary import Spelling, Vocabulary
from corpus.words import words_of
from corpus.yaml_source import Place, Problems

HERE = Place("case.yaml")


def vocabulary(*spellings: str) -> Vocabulary:
    """Each spelling names itself."""
    return Vocabulary(Spelling(concept=pattern, pattern=pattern, place=HERE) for pattern in spellings)


def found(text: str, *spellings: str) -> list[str]:
    """What is found, as it stands in the text."""
    return [text[match.start : match.end] for match in vocabulary(*spellings).find(words_of(text))]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("slipped disc", "my slipped discs"),
        ("high|raised blood pressure", "raised blood pressures"),
        ("high blood? pressure", "high pressure"),
        ("pressure ... high", "pressure is way too high"),
        ("hypert*", "hypertensive"),
        ("pain in neck", "pain in my neck"),
        ("pain in neck", f"pain in {'my ' * 11}neck"),
        ("ёлка", "Елки"),
        ("muscular-tonic", "muscular tonic"),
        ("высокое давление", "высокого давления"),
    ],
)
def test_a_spelling_finds(pattern: str, text: str) -> None:
    assert len(found(text, pattern)) == 1


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("=stroke", "strokes"),
        ("pressure ... high", "pressure. High"),
        ("pressure ... high", "pressure, high"),
        ("pressure ... high", "pressure one two three four high"),
        ("slipped disc", "disc slipped"),
        ("hypert*", "hyper"),
        ("blood pressure", "blood. Pressure"),
        ("pain in neck", f"pain in {'my ' * 12}neck"),
    ],
)
def test_a_spelling_does_not_find(pattern: str, text: str) -> None:
    assert found(text, pattern) == []


def test_the_longest_spelling_wins_over_those_it_contains() -> None:
    assert found("low back pain", "back", "back pain", "low back pain") == ["low back pain"]


def test_two_concepts_may_share_the_same_words() -> None:
    both = [Spelling(concept=name, pattern="sciatica", place=HERE) for name in ("one", "two")]
    assert [match.concept for match in Vocabulary(both).find(words_of("sciatica"))] == ["one", "two"]


def test_a_look_alike_names_nothing_and_speaks_for_its_own_concept_alone() -> None:
    spellings = [
        Spelling(concept="heart", pattern="heart", place=HERE),
        Spelling(concept="heart", pattern="broken heart", place=HERE, blocks=True),
        Spelling(concept="fracture", pattern="broken", place=HERE),
    ]
    named = Vocabulary(spellings)
    assert [match.concept for match in named.find(words_of("my heart"))] == ["heart"]
    assert [match.concept for match in named.find(words_of("a broken heart"))] == ["fracture"]


def test_what_is_turned_down_leaves_room_for_the_next_longest() -> None:
    words = words_of("low back pain")
    kept = vocabulary("back pain", "low back pain").find(words, keep=lambda concept, _: concept != "low back pain")
    assert [match.concept for match in kept] == ["back pain"]


@pytest.mark.parametrize("pattern", ["", "a ...", "... a", "kid*", "a? b?", "&", "a? b? c? d? e? f"])
def test_a_spelling_that_cannot_be_read_is_refused_or_noted(pattern: str) -> None:
    with pytest.raises(PatternError):
        variants(pattern)
    problems = Problems()
    Vocabulary([Spelling(concept="case", pattern=pattern, place=HERE)], problems)
    assert len(problems.found) == 1
    assert example_words(pattern) == []


words = st.sampled_from("neck back pain high blood pressure the my a, . ! slipped disc шея болит".split())
patterns = st.lists(
    st.sampled_from(["neck", "back|neck", "pain?", "high", "...", "disc", "шея"]), min_size=1, max_size=5
)


@given(st.lists(words, max_size=20).map(" ".join), st.lists(patterns.map(" ".join), max_size=6))
def test_what_is_found_lies_inside_the_text_and_never_overlaps(text: str, spellings: list[str]) -> None:
    problems = Problems()
    named = [Spelling(concept=f"{number}", pattern=each, place=HERE) for number, each in enumerate(spellings)]
    read = words_of(text)
    taken: dict[int, tuple[int, ...]] = {}
    for match in Vocabulary(named, problems).find(read):
        assert 0 <= match.start < match.end <= len(text)
        assert match.start == read[match.first].start
        assert match.end == read[match.last].end
        assert list(match.words) == sorted(set(match.words))
        for index in match.words:
            assert taken.setdefault(index, match.words) == match.words


@given(patterns.map(" ".join))
def test_a_spelling_is_found_in_its_own_examples(pattern: str) -> None:
    for example in example_words(pattern):
        assert vocabulary(pattern).find_all(example)


@given(st.text(max_size=30), st.text(max_size=60))
def test_any_spelling_and_any_text_can_be_read(pattern: str, text: str) -> None:
    Vocabulary([Spelling(concept="case", pattern=pattern, place=HERE)], Problems()).find(words_of(text))


@given(st.lists(st.tuples(st.sampled_from("abc"), patterns.map(" ".join)), max_size=8), st.lists(words, max_size=9))
def test_a_part_finds_what_a_vocabulary_of_its_own_would(told: list[tuple[str, str]], text: list[str]) -> None:
    spellings = [Spelling(concept=concept, pattern=pattern, place=HERE) for concept, pattern in told]
    read = words_of(" ".join(text))
    part = Vocabulary(spellings, Problems()).part({"a", "b"})
    alone = Vocabulary([spelling for spelling in spellings if spelling.concept != "c"], Problems())
    assert part.find(read) == alone.find(read)
    assert part.find(read) == alone.find(read)  # a text met again is read as it was the first time
