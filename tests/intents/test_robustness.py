"""Does a verdict stand when people write it in their own way?

Laws over the shipped rules: sentences are built from the names the rule files give their conditions, in English and
Russian, then written otherwise. A warning must never turn milder by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answer import Answer
from corpus.everyday import everyday_frequency
from corpus.words import fold
from intents.red_flags import Flag
from intents.request import AskAdvice, RedFlag, Request
from intents.rule import Condition, Gap
from tests.shipped import shipped

LANGUAGES: Final = ("en", "ru")
FRAMES: Final = {
    "en": ("Can I have {thing} with {x}?", "I have {x}. May I have {thing}?", "{x} and {thing}, is that allowed?"),
    "ru": ("У меня {x}, можно мне {thing}?", "{x}. Можно {thing}?", "Можно ли {thing}, если у меня {x}?"),
}
DENYING: Final = {
    "en": (
        "I have no {x}. Can I have {thing}?",
        "No {x}. May I have {thing}?",
        "I don't have {x}, may I have {thing}?",
    ),
    "ru": ("У меня нет {x}, можно {thing}?", "Нет {x}. Можно мне {thing}?", "У меня не было {x}."),
}
PLEASE: Final = {"en": "please", "ru": "пожалуйста"}
AND: Final = {"en": " and ", "ru": " и "}
THINGS: Final = {
    "massage": ("a massage", "массаж"),
    "dolobene": ("Dolobene", "долобене"),
    "finalgon": ("Finalgon", "финалгон"),
    "fastum_gel": ("Fastum gel", "фастум гель"),
    "exercise": ("exercises", "упражнения"),
    "scent": ("aromatic oils", "ароматические масла"),
    "oil": ("massage oil", "массажное масло"),
}
"""What a question can be about, in both languages; the first that a condition has a rule for is asked about."""
EMERGENCY: Final = -1
NO_VERDICT: Final = 99
"""A message that is answered like a plain question: milder than every verdict."""
QUICK: Final = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A condition as a person would call it, and what may be asked about it."""

    condition: str
    language: str
    name: str
    about: str
    thing: str
    age: bool
    """An age that is stated counts whatever stands around it: nobody denies an age."""

    def said(self, frame: str) -> str:
        """A sentence about it."""
        return frame.format(x=self.name, thing=self.thing)


def strictness(text: str) -> int:
    """The rank of what the bot makes of a message: the smaller, the stricter."""
    return rank(shipped().recogniser.recognise(text))


def rank(request: Request) -> int:
    match request:
        case RedFlag():
            return EMERGENCY
        case AskAdvice(verdict=verdict):
            return verdict.severity.rank
        case _:
            return NO_VERDICT


def asked_about(condition: Condition) -> str:
    scopes = frozenset[str]().union(*(rule.scopes for rule in condition.rules))
    return next((thing for thing in list(THINGS)[1:] if thing in scopes and "massage" not in scopes), "massage")


@cache
def named() -> tuple[Named, ...]:
    """Every condition that warns, as the rule files call it; remarks in brackets are no part of a name."""
    found = []
    for condition in shipped().rulebook.conditions.values():
        if condition.kind != "condition" or not any(rule.severity.warns for rule in condition.rules):
            continue
        for number, language in enumerate(LANGUAGES):
            name = re.sub(r"\s*\([^)]*\)", "", condition.names.get(language, "")).strip()
            if name:
                about = asked_about(condition)
                age = any(rule.when.age_under is not None for rule in condition.rules)
                found.append(
                    Named(
                        condition=condition.name,
                        language=language,
                        name=name,
                        about=about,
                        thing=THINGS[about][number],
                        age=age,
                    )
                )
    return tuple(found)


def of_massage(language: str) -> list[Named]:
    return [one for one in named() if one.language == language and one.about == "massage"]


each = st.sampled_from(named())
each_language = st.sampled_from(LANGUAGES)


def never_milder(plain: str, otherwise: str) -> None:
    """A warning must not turn milder when the same is written otherwise."""
    before, after = strictness(plain), strictness(otherwise)
    assert after <= before or before > 5, f"{plain!r} is class {before}, {otherwise!r} only {after}"


# What people call things


@pytest.mark.parametrize("one", named(), ids=lambda one: f"{one.condition}-{one.language}")
def test_a_condition_is_known_by_the_name_its_card_shows(one: Named) -> None:
    for frame in FRAMES[one.language]:
        reading = shipped().reader.read(one.said(frame))
        counting = {mention.name for mention in reading.conditions if mention.counts}
        assert one.condition in counting, f"{one.said(frame)!r} is read as {sorted(counting)}"


def test_nearly_every_such_sentence_is_a_warning() -> None:
    """Else the laws below would hold for want of anything to hold for."""
    sentences = [one.said(frame) for one in named() for frame in FRAMES[one.language]]
    warned = [text for text in sentences if strictness(text) <= 5]
    assert len(warned) / len(sentences) > 0.9


# Written otherwise


@QUICK
@given(one=each, which=st.integers(0, 2), change=st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_case_makes_nothing_milder(one: Named, which: int, change: type[str]) -> None:
    text = one.said(FRAMES[one.language][which])
    never_milder(text, change(text))


@QUICK
@given(one=each, which=st.integers(0, 2), blanks=st.lists(st.sampled_from([" ", "  ", "\t", "\u00a0", " \u2009"])))
def test_spacing_makes_nothing_milder(one: Named, which: int, blanks: list[str]) -> None:
    text = one.said(FRAMES[one.language][which])
    words = text.replace("?", " ?").split(" ")
    gaps = [*blanks, *([" "] * len(words))]
    never_milder(text, "".join(gap + word for gap, word in zip(gaps, words, strict=False)) + " ")


def with_please(text: str, please: str) -> Iterator[str]:
    end = text[-1] if text[-1] in ".?" else ""
    bare = text.removesuffix(end) if end else text
    yield f"{please}, {text}"
    yield f"{please.title()} {text}"
    yield f"{please}! {text}"
    yield f"{bare}, {please}{end}"
    yield f"{bare} {please}{end}"
    yield f"{text} {please.title()}!"


@QUICK
@given(one=each, which=st.integers(0, 2))
def test_please_makes_nothing_milder(one: Named, which: int) -> None:
    text = one.said(FRAMES[one.language][which])
    for polite in with_please(text, PLEASE[one.language]):
        never_milder(text, polite)


def misspelt(word: str) -> Iterator[str]:
    """A letter dropped, doubled, or swapped with the next."""
    for at, letter in enumerate(word):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + letter + word[at:]
        yield word[:at] + word[at + 1 : at + 2] + letter + word[at + 2 :]


@cache
def is_a_word(form: str) -> bool:
    """Whether the slip makes another word, which nobody could know to be a slip ("vertebral", "vertebra")."""
    folded = fold(form)
    content = shipped()
    known = content.vocabulary.forms | content.red_flags.forms
    return folded in known or everyday_frequency(folded) > 0


@settings(QUICK, max_examples=400)
@given(one=each, which=st.integers(0, 2), data=st.data())
def test_one_slip_in_a_long_word_makes_nothing_milder(one: Named, which: int, data: st.DataObject) -> None:
    long_words = re.findall(r"[^\W\d_]{7,}", one.name)
    if not long_words:
        return
    word = data.draw(st.sampled_from(long_words))
    slips = [slip for slip in misspelt(word) if slip != word and not is_a_word(slip)]
    slip = data.draw(st.sampled_from(slips))
    frame = FRAMES[one.language][which]
    never_milder(one.said(frame), frame.format(x=one.name.replace(word, slip, 1), thing=one.thing))


# Several conditions


@QUICK
@given(language=each_language, data=st.data())
def test_the_order_of_a_list_makes_nothing_milder(language: str, data: st.DataObject) -> None:
    three = data.draw(st.lists(st.sampled_from(of_massage(language)), min_size=3, max_size=3, unique=True))
    frame = data.draw(st.sampled_from(FRAMES[language]))
    lists = [f"{first.name}, {second.name}{AND[language]}{third.name}" for first, second, third in permutations(three)]
    ranks = {text: strictness(frame.format(x=text, thing=three[0].thing)) for text in lists}
    assert len(set(ranks.values())) == 1 or min(ranks.values()) > 5, ranks


@settings(QUICK, max_examples=300)
@given(language=each_language, data=st.data())
def test_one_more_condition_makes_nothing_milder(language: str, data: st.DataObject) -> None:
    one, more = data.draw(st.lists(st.sampled_from(of_massage(language)), min_size=2, max_size=2, unique=True))
    for frame in FRAMES[language]:
        plain = one.said(frame)
        never_milder(plain, frame.format(x=one.name + AND[language] + more.name, thing=one.thing))
        never_milder(plain, frame.format(x=more.name + AND[language] + one.name, thing=one.thing))


# What is denied


@pytest.mark.parametrize(
    "one", [one for one in named() if not one.age], ids=lambda one: f"{one.condition}-{one.language}"
)
def test_a_denied_condition_never_decides(one: Named) -> None:
    for frame in DENYING[one.language]:
        request = shipped().recogniser.recognise(one.said(frame))
        if isinstance(request, AskAdvice):
            deciding = {finding.condition.name for finding in request.verdict.findings}
            assert one.condition not in deciding, one.said(frame)


# What is said

REASSURANCES: Final = re.compile(
    r"\bsafe(?:ly)?\b|\bharmless|risk.free|\bno (?:risks?|danger|harm|problems?|contraindications?)\b"
    r"|\bgo ahead\b|\byou(?:'re| are) (?:fine|ok|okay|good)\b|\bfeel free\b|\bgreen light\b|\brest assured\b"
    r"|\bnothing to (?:worry|fear)|\bdon't worry\b|\bguaranteed\b"
    r"|безопасн|безвредн|безобидн|\bсмело\b|без проблем|без риска|нет проблем|противопоказаний (?:нет|никаких)"
    r"|нет (?:никаких )?противопоказаний|не (?:повредит|навредит)\b|ничего страшного|вам можно|гарантированно"
    r"|не (?:бойтесь|волнуйтесь|беспокойтесь|переживайте)",
    re.IGNORECASE,
)
"""Words by which a bot would promise that nothing can happen."""
DENIED_PROMISE: Final = re.compile(
    r"(?:never tells anyone|никому не обещает)[^.]*\.",
    re.IGNORECASE,
)
"""Sentences that say that nothing is promised."""


def shown(answer: Answer) -> str:
    """Our own words in a reply: what the bot itself says, without the buttons and the articles' passages."""
    reply = answer.reply
    notes = [
        quoted.citation.passage for quoted in reply.quotes if quoted.citation.passage.document.id.startswith("bot")
    ]
    return "\n".join([reply.lead, reply.disclaimer.text, *(note.text for note in notes)])


@cache
def answered() -> tuple[tuple[str, Answer], ...]:
    """Every example of the rules and red flags with its answer, by place."""
    rulebook, red_flags, answerer = shipped().rulebook, shipped().red_flags, shipped().answerer()
    entries: list[Condition | Gap | Flag] = [*rulebook.conditions.values(), *rulebook.gaps.values(), *red_flags.flags]
    examples = [example for entry in entries for example in (*entry.asked, *entry.not_asked)]
    return tuple((str(example.place), answerer.answer(example.text)) for example in (*examples, *red_flags.not_asked))


@pytest.mark.parametrize("promise", ["You're fine.", "No risk at all", "Это безопасно", "Противопоказаний нет"])
def test_a_promise_is_seen_for_what_it_is(promise: str) -> None:
    assert REASSURANCES.search(promise)


def test_no_reply_to_any_example_reassures() -> None:
    promises = {
        place: found.group()
        for place, answer in answered()
        if (found := REASSURANCES.search(DENIED_PROMISE.sub("", shown(answer))))
    }
    assert not promises


def test_every_reply_to_an_example_cites_and_sends_to_a_doctor() -> None:
    for place, answer in answered():
        assert answer.reply.citations, place
        assert re.search(r"doctor|врач", answer.reply.disclaimer.text), place


def test_a_red_flag_shows_no_passage_of_an_article() -> None:
    """The neck article recommends massage for signs of an emergency; none of its words may stand beside one."""
    alarms = [(place, answer) for place, answer in answered() if answer.intent == "emergency"]
    assert len(alarms) > 80
    for place, answer in alarms:
        documents = {citation.passage.document.id for citation in answer.reply.citations}
        assert all(document.startswith("bot-") for document in documents), place
        assert (answer.ranked, answer.reply.see_also, answer.verdict) == ((), (), None), place
        assert re.search(r"\b112\b", answer.reply.lead), place


def test_a_verdict_says_its_class_in_words() -> None:
    """Nothing hangs on a colour or a symbol: the first line names the class, or says that nothing counts."""
    wording = shipped().wording
    verdicts = [(place, answer, answer.verdict) for place, answer in answered() if answer.verdict is not None]
    assert len(verdicts) > 300
    for place, answer, verdict in verdicts:
        said = wording.say(answer.reply.language, f"class_{verdict.severity.value}")
        nothing = wording.say(answer.reply.language, "nothing_active")
        first = answer.reply.lead.splitlines()[0]
        assert said in first or first == nothing, place


def test_beside_a_verdict_stands_only_what_its_rules_cite() -> None:
    """Search ranks by words: a passage that praises massage must not stand beside a ban."""
    for place, answer in answered():
        if answer.verdict is None:
            continue
        nearest = [citation for item in answer.verdict.not_covered for citation in item.nearest]
        cited = {citation.passage.id for citation in (*answer.verdict.citations, *nearest)}
        shown_ids = {citation.passage.id for citation in (*answer.reply.citations, *answer.reply.see_also)}
        assert all(name in cited or name.startswith(("en-", "ru-")) for name in shown_ids), place
