"""How do cues vote about a mention? Each rule of `intents.polarity`, with cues made for the case."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from corpus.words import Word, words_of
from intents.polarity import REACH, Direction, Mark, MarkedText, Means, deciding, standing
from intents.polarity import Standing as Vote

BEFORE: dict[str, Means] = {
    "no": Means.DENIED,
    "not": Means.DENIED,
    "no sign of": Means.DENIED,
    "had": Means.PAST,
    "maybe": Means.UNSURE,
    "what is": Means.HYPOTHETICAL,
    "causes": Means.EFFECT,
    "chronic": Means.PRESENT,
    "no trace of": Means.PRESENT,
    "excluded": Means.RULED_OUT,
}
AFTER: dict[str, Means] = {"ago": Means.PAST, "absent": Means.DENIED, "again": Means.PRESENT}
BOTH: dict[str, Means] = {"now": Means.PRESENT, "hers": Means.SOMEONE_ELSE}
BORDERS: dict[str, Means] = {
    "but": Means.ENDS,
    "i have": Means.ENDS_DENIAL,
    "and": Means.JOINS,
    "or": Means.JOINS,
}
ANSWERS: dict[str, Means] = {"none": Means.DENIED, "yes": Means.PRESENT}
NAMED = ("fever", "rash", "hernia", "cough", "wounds")


def places(words: Sequence[Word], phrase: str) -> list[tuple[int, ...]]:
    """Where a phrase stands, by the indices of its words."""
    forms, wanted = [word.form for word in words], phrase.split()
    starts = range(len(forms) - len(wanted) + 1)
    return [tuple(range(at, at + len(wanted))) for at in starts if forms[at : at + len(wanted)] == wanted]


def marks(
    words: Sequence[Word], cues: dict[str, Means], direction: Direction = "both", reach: int = REACH
) -> list[Mark]:
    return [
        Mark(means=means, direction=direction, reach=reach, words=place)
        for phrase, means in cues.items()
        for place in places(words, phrase)
    ]


def marked(text: str, reach: int = REACH) -> MarkedText:
    """A text with the cues above; a question is what its sentence's mark says."""
    words = words_of(text)
    last = {word.sentence: word.end for word in words}
    return MarkedText(
        words=words,
        questions=frozenset(sentence for sentence, end in last.items() if text[end : end + 1] == "?"),
        marks=sorted(
            [
                *marks(words, BEFORE, "before", reach),
                *marks(words, AFTER, "after", reach),
                *marks(words, BOTH, "both", reach),
            ],
            key=lambda mark: mark.words,
        ),
        borders=marks(words, BORDERS),
        answers=sorted(marks(words, ANSWERS), key=lambda mark: mark.words),
        named=frozenset(index for name in NAMED for place in places(words, name) for index in place),
    )


def vote(text: str, mention: str, *, reach: int = REACH) -> Vote:
    made = marked(text, reach)
    return standing(places(made.words, mention)[0], made)


def means(text: str, mention: str, *, reach: int = REACH) -> Means:
    return vote(text, mention, reach=reach).means


# Direction and reach


def test_without_a_cue_a_mention_counts() -> None:
    assert vote("a fever", "fever") == Vote(means=Means.PRESENT, effect=False, hypothetical=False)


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("there is no fever", Means.DENIED),
        ("fever no", Means.PRESENT),
        ("a fever weeks ago", Means.PAST),
        ("ago a fever", Means.PRESENT),
        ("now a fever", Means.PRESENT),
        ("hers is the fever", Means.SOMEONE_ELSE),
        ("the fever is hers", Means.SOMEONE_ELSE),
    ],
)
def test_a_cue_looks_in_its_own_direction(text: str, is_meant: Means) -> None:
    assert means(text, "fever") is is_meant


@pytest.mark.parametrize(("between", "is_meant"), [(2, Means.DENIED), (3, Means.PRESENT)])
def test_a_cue_reaches_as_far_as_it_says(between: int, is_meant: Means) -> None:
    assert means(f"no {'very ' * between}fever", "fever", reach=2) is is_meant


@pytest.mark.parametrize(("between", "is_meant"), [(2, Means.PAST), (3, Means.PRESENT)])
def test_a_cue_reaches_as_far_backwards(between: int, is_meant: Means) -> None:
    assert means(f"fever {'weeks ' * between}ago", "fever", reach=2) is is_meant


def test_a_word_that_nothing_names_is_reached_as_far_as_any() -> None:
    assert standing((1,), marked("very lumbago weeks weeks ago", 2)).means is Means.PAST


def test_a_text_without_words_can_be_marked() -> None:
    assert not marked("").marks


def test_articles_and_other_mentions_do_not_use_up_reach() -> None:
    assert means("no rash the my fever", "fever", reach=0) is Means.DENIED


def test_a_joiner_uses_up_no_reach_but_other_words_do() -> None:
    assert means("no rash and fever", "fever", reach=0) is Means.DENIED
    assert means("no rash with fever", "fever", reach=0) is Means.PRESENT


def test_only_a_joiner_is_free_not_every_border() -> None:
    assert means("maybe rash i have fever", "fever", reach=1) is Means.PRESENT
    assert means("maybe rash i have fever", "fever", reach=2) is Means.UNSURE


def test_a_cue_of_several_words_is_measured_from_its_nearer_end() -> None:
    assert means("no sign of fever", "fever", reach=0) is Means.DENIED


# What ends a reach


@pytest.mark.parametrize(
    "text", ["no rash. fever", "no rash? fever", "no rash; fever", "no rash but fever", "no rash i have fever"]
)
def test_sentences_and_contrasts_end_a_denial(text: str) -> None:
    assert means(text, "fever") is Means.PRESENT


def test_what_ends_a_denial_does_not_end_a_doubt() -> None:
    assert means("maybe rash i have fever", "fever") is Means.UNSURE
    assert means("maybe rash but fever", "fever") is Means.PRESENT


@pytest.mark.parametrize("cue", ["no", "excluded", "had", "hers", "what is"])
def test_a_new_statement_ends_whatever_is_no_doubt(cue: str) -> None:
    assert means(f"{cue} rash i have fever", "fever") is Means.PRESENT


def test_a_border_outside_changes_nothing() -> None:
    assert means("but no fever", "fever") is Means.DENIED
    assert means("no fever but rash", "fever") is Means.DENIED


# The vote


def test_the_nearest_cue_decides() -> None:
    assert means("no old chronic fever", "fever") is Means.PRESENT
    assert means("chronic but no fever", "fever") is Means.DENIED
    assert means("chronic and now had fever", "fever") is Means.PAST


def test_at_the_same_distance_the_longer_cue_decides() -> None:
    made = marked("no fever absent")
    assert standing((1,), made).means is Means.DENIED
    assert means("no trace of fever absent", "fever") is Means.PRESENT


def test_at_the_same_distance_and_length_presence_beats_the_past_and_a_doubt_beats_a_denial() -> None:
    assert means("had fever again", "fever") is Means.PRESENT
    assert means("maybe fever absent", "fever") is Means.UNSURE
    assert means("had fever absent", "fever") is Means.DENIED


def test_an_effect_is_told_and_does_not_vote() -> None:
    assert vote("causes fever", "fever") == Vote(means=Means.PRESENT, effect=True, hypothetical=False)
    assert vote("no causes fever", "fever") == Vote(means=Means.DENIED, effect=True, hypothetical=False)


def test_what_is_asked_about_is_hypothetical() -> None:
    assert vote("what is fever", "fever") == Vote(means=Means.HYPOTHETICAL, effect=False, hypothetical=True)
    assert not vote("what is chronic fever", "fever").hypothetical


def test_the_cues_that_were_heard_are_told_the_nearest_first() -> None:
    made = marked("maybe no fever")
    assert [mark.means for mark in deciding((2,), made)] == [Means.DENIED, Means.UNSURE]
    assert deciding((0,), marked("fever")) == ()


def test_cues_at_the_same_distance_are_told_in_the_order_of_the_file() -> None:
    assert [mark.means for mark in deciding((1,), marked("had fever again"))] == [Means.PAST, Means.PRESENT]


# Cues inside and across a mention


def test_a_negation_that_is_part_of_the_spelling_denies_nothing() -> None:
    made = marked("not turn fever")
    assert standing((0, 2), made).means is Means.PRESENT


def test_a_cue_in_a_gap_of_the_mention_counts_whatever_its_direction() -> None:
    made = marked("rash no fever")
    assert standing((0, 2), made).means is Means.DENIED
    assert deciding((0, 2), made)[0].words == (1,)


def test_a_word_that_is_a_cue_and_a_mention_at_once_denies_nothing() -> None:
    assert standing((1,), marked("fever absent")).means is Means.PRESENT


@pytest.mark.parametrize("mention", [(0, 1), (2, 3), (1,), (2,)])
def test_a_cue_over_the_edge_of_the_mention_counts(mention: tuple[int, ...]) -> None:
    assert standing(mention, marked("fever what is rash")).hypothetical


def test_a_cue_inside_is_as_near_as_one_beside() -> None:
    assert standing((1, 3), marked("chronic rash no fever")).means is Means.DENIED


# Lists


@pytest.mark.parametrize(
    "text",
    [
        "no rash, fever",
        "no rash, wounds or fever",
        "no rash, open wounds, fever",
        "no rash, very bad fever",
        "thanks, no rash, fever",
        "no rash, cough ago, fever",
        "no rash, fever. now cough",
        "no sign, of very bad high fever",
    ],
)
def test_members_of_a_list_share_a_denial(text: str) -> None:
    assert means(text, "fever") is Means.DENIED


def test_a_denial_behind_the_last_member_of_a_list_is_its_own_alone() -> None:
    assert means("fever, rash absent", "fever") is Means.PRESENT


@pytest.mark.parametrize(
    "text",
    [
        "no rash, very bad high fever",
        "no rash, thanks, fever",
        "no rash, chronic cough, fever",
        "no rash, cough again, fever",
        "no rash, he got fever",
        "no rash, you fever",
        "fever, thanks, rash absent",
    ],
)
def test_a_comma_ends_a_denial_where_no_list_goes_on(text: str) -> None:
    assert means(text, "fever") is Means.PRESENT


def test_a_doubt_runs_on_over_a_clause_with_a_subject() -> None:
    assert means("maybe rash, he got fever", "fever") is Means.UNSURE


def test_a_second_denial_stands_for_its_own_member() -> None:
    assert means("maybe rash, no cough, fever", "fever") is Means.DENIED
    assert means("maybe rash, excluded cough, fever", "fever") is Means.RULED_OUT


def test_a_plain_no_answers_and_denies_nothing_after_its_comma() -> None:
    assert means("no, fever", "fever") is Means.PRESENT
    assert means("a rash. no, fever", "fever") is Means.PRESENT
    assert means("rash. no, fever", "fever") is Means.PRESENT
    assert means("maybe, fever", "fever") is Means.UNSURE
    assert means("rash no, fever", "fever") is Means.DENIED
    assert means("no rash, fever", "fever") is Means.DENIED


# Questions and their answers


def test_the_next_sentence_answers_a_short_question() -> None:
    assert means("fever? none.", "fever") is Means.DENIED
    assert means("no fever? yes.", "fever") is Means.PRESENT
    assert means("and one very high fever? none.", "fever") is Means.DENIED


@pytest.mark.parametrize(
    "text",
    [
        "fever. none.",
        "and one very very high fever? none.",
        "fever? a rash. none.",
        "none. fever?",
        "fever?",
    ],
)
def test_nothing_else_is_taken_for_an_answer(text: str) -> None:
    assert means(text, "fever") is Means.PRESENT


def test_the_first_answer_counts() -> None:
    assert means("fever? none yes", "fever") is Means.DENIED


def test_an_answer_leaves_what_was_asked_hypothetical() -> None:
    assert vote("what is fever? none.", "fever") == Vote(means=Means.DENIED, effect=False, hypothetical=True)


def test_one_answer_answers_several_short_questions() -> None:
    assert [means("fever? rash? cough? none.", name) for name in ("fever", "rash", "cough")] == [Means.DENIED] * 3
    assert [means("fever? yes. rash? none.", name) for name in ("fever", "rash")] == [Means.PRESENT, Means.DENIED]
    assert means("fever? what a very long question is this? none.", "fever") is Means.PRESENT


# What was suspected, and cleared afterwards


@pytest.mark.parametrize(
    "text",
    [
        "maybe a hernia, the scan excluded it",
        "maybe a hernia but excluded",
        "maybe a hernia but the scan excluded it",
        "maybe a hernia, but the scan excluded it",
        "maybe a hernia. excluded",
        "rash, maybe a hernia, the scan excluded it",
        "maybe a hernia but excluded, then walks, then sits, then maybe",
        "maybe a hernia, it was now excluded",
    ],
)
def test_what_was_suspected_is_ruled_out_when_it_is_cleared_next(text: str) -> None:
    assert means(text, "hernia") is Means.RULED_OUT


@pytest.mark.parametrize(
    "text",
    [
        "maybe a hernia excluded",
        "maybe a hernia and excluded",
        "maybe a hernia, then he walked home, the scan excluded it",
        "maybe a hernia, the scan of a rash excluded it",
        "maybe a hernia but rash excluded",
        "maybe a hernia, rash but excluded, maybe",
        "maybe a hernia, excluded, maybe",
        "maybe a hernia but excluded maybe",
        "maybe a hernia, now then",
        "but excluded, then walks, maybe a hernia",
    ],
)
def test_what_was_suspected_stays_so_when_something_else_is_cleared(text: str) -> None:
    assert means(text, "hernia") is Means.UNSURE


def test_only_what_is_doubted_is_cleared_afterwards() -> None:
    assert means("a hernia, the scan excluded it", "hernia") is Means.PRESENT
    assert means("no hernia, the scan excluded it", "hernia") is Means.DENIED


# Dates and doubts in a clause of their own


def test_a_date_behind_a_comma_dates_the_statement_before_it() -> None:
    assert means("i once lay at school with a very high fever, long ago", "fever") is Means.PAST
    assert means("i once lay at school with a fever, walked home, long ago", "fever") is Means.PRESENT
    assert means("i once lay at school with a fever, a rash came long ago", "fever") is Means.PRESENT
    assert means("i once lay at school with a fever, she moved there long ago", "fever") is Means.PRESENT


def test_a_doubt_alone_before_a_comma_doubts_what_follows() -> None:
    assert means("maybe, it is some kind of hernia", "hernia") is Means.UNSURE
    assert means("maybe you know, it is some kind of hernia", "hernia") is Means.PRESENT
