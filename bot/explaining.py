"""What was understood of a message, which rules spoke, and why each passage scored (`massage-bot explain`)?

For whoever writes rules and spellings: plain lines, in the order in which a message is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from bot.assemble import Content
from corpus.search import Hit, Question
from intents.decide import Finding
from intents.measures import Figure
from intents.polarity import deciding
from intents.reading import Mention, Reading
from intents.recognise import When as Written
from intents.request import AskAdvice, AskPassage, Nothing, RedFlag, Remind, Request, SmallTalk
from intents.rule import Circumstances, Rule, When

_MOST_HITS: Final = 5
_MOST_REASONS: Final = 8
_NOTHING: Final = "-"


def explain(text: str, content: Content, *, written: Written | None = None) -> str:
    """The whole way of a message from its words to its passages, as readable text.

    Reminders are understood only when it is known when and in which zone the message was `written`.
    """
    request = content.recogniser.recognise(text, when=written)
    reading = content.reader.read(text)
    parts = [
        _section("Words", _words(reading)),
        _section("Concepts", _concepts(reading)),
        _section("Mentions", _mentions(reading)),
        _section("Figures", _figures(reading)),
        _section("Circumstances", _circumstances(reading)),
        _section("Red flag", _red_flag(reading, content)),
        _section("Taken as", [_taken_as(request)]),
        _section("Rules", _rules(request, reading)),
        _section("Search", _search(reading, content)),
    ]
    return "\n".join(parts)


def _section(title: str, lines: Iterable[str]) -> str:
    told = [f"  {line}" for line in lines] or [f"  {_NOTHING}"]
    return "\n".join([title, *told])


def _words(reading: Reading) -> list[str]:
    if not reading.words:
        return []
    lines = [" ".join(f"{word.form}({word.stem})" if word.stem != word.form else word.form for word in reading.words)]
    lines += [
        f"repaired: {typed.form} -> {word.form}"
        for typed, word in zip(reading.typed, reading.words, strict=True)
        if typed.form != word.form
    ]
    return lines


def _concepts(reading: Reading) -> list[str]:
    return [f"{found.concept}: “{reading.text[found.start : found.end]}”" for found in reading.found]


def _mentions(reading: Reading) -> list[str]:
    lines = [_mention("condition", mention, reading) for mention in reading.conditions]
    lines += [_mention("gap", mention, reading) for mention in reading.gaps]
    lines += [_mention("in no list", mention, reading) for mention in reading.unknown]
    return lines


def _mention(kind: str, mention: Mention, reading: Reading) -> str:
    cues = [
        f"{mark.means.value} by “{_said(reading, mark.first, mark.last)}”"
        for mark in (deciding(mention.words, reading.marked) if mention.words else ())
    ]
    notes = [f"“{_said(reading, mention.words[0], mention.words[-1])}”" if mention.words else "carried over"]
    notes += ["only implied, so unsure"] if mention.implied else []
    notes += ["named as what something causes or prevents"] if mention.effect else []
    notes += [f"nearest relative: {mention.near}"] if mention.near else []
    counts = "counts" if mention.counts else "does not count"
    return f"{mention.name} ({kind}): {mention.polarity.value}, {counts}; {', '.join([*notes, *cues])}"


def _said(reading: Reading, first: int, last: int) -> str:
    return reading.text[reading.words[first].start : reading.words[last].end]


def _figures(reading: Reading) -> list[str]:
    measured = reading.measured
    named: tuple[tuple[str, Figure | None], ...] = (
        ("fever", measured.fever),
        ("high pressure", measured.high_pressure),
        ("pressure that is not high", measured.normal_pressure),
        ("grade", measured.grade),
        ("age in years", measured.age),
    )
    return [
        f"{name}: {figure.value:g} (“{_said(reading, figure.words[0], figure.words[-1])}”)"
        for name, figure in named
        if figure is not None
    ]


def _circumstances(reading: Reading) -> list[str]:
    case = reading.case
    told = (
        ("who is treated", reading.receiver or "not said"),
        ("about", ", ".join(sorted(case.scopes))),
        ("things named", ", ".join(sorted(reading.things))),
        ("products", ", ".join(sorted(reading.products))),
        ("regions", ", ".join(sorted(case.regions))),
        ("done by", case.performer or ""),
        ("phase", case.phase or ""),
        ("pain", "" if case.pain is None else "yes" if case.pain else "no"),
        ("it asks", ", ".join(sorted(reading.asks)) or "for nothing in particular"),
    )
    return [f"{name}: {value}" for name, value in told if value]


def _red_flag(reading: Reading, content: Content) -> list[str]:
    flag = content.red_flags.find(reading)
    return [f"{flag.id} ({flag.kind}), {flag.place}"] if flag is not None else []


def _taken_as(request: Request) -> str:
    match request:
        case RedFlag(kind=kind):
            return f"an alarm ({kind}): one fixed text, before everything else"
        case AskAdvice():
            return "a matter for the rules"
        case AskPassage(parts=parts):
            return "a question for the search" if len(parts) < 2 else f"{len(parts)} questions for the search"
        case Remind():
            return "a matter of reminders"
        case SmallTalk(kind=kind):
            return f"courtesy ({kind})"
        case Nothing():
            return "nothing: it holds no words"
    assert_never(request)


def _rules(request: Request, reading: Reading) -> list[str]:
    if not isinstance(request, AskAdvice):
        return ["none was asked"]
    verdict = request.verdict
    lines = [f"verdict: {verdict.severity.value}"]
    for finding in verdict.findings:
        lines += _finding(finding, reading.case)
    for item in verdict.not_covered:
        why = "the rules name it only for something else" if item.listed else "no rule names it"
        nearest = ", ".join(citation.place for citation in item.nearest)
        lines.append(f"not covered: {item.name} ({why}{'; nearest: ' + nearest if nearest else ''})")
    lines += [f"conflict: {conflict.topic}, {conflict.place}" for conflict in verdict.conflicts]
    lines += [f"does not count: {name}" for name in verdict.denied]
    return lines


def _finding(finding: Finding, case: Circumstances) -> list[str]:
    lines = [f"{finding.condition.name}: {finding.severity.value}"]
    for rule in finding.condition.rules:
        spoke = rule in finding.rules
        outcome = "spoke" if spoke else f"silent, {_why_silent(rule, case)}"
        lines.append(f"  {rule.severity.value} for {_scopes(rule)}, {rule.citation.place}; {rule.place}: {outcome}")
    return lines


def _why_silent(rule: Rule, case: Circumstances) -> str:
    if not rule.in_scope(case):
        return "it is about something else"
    return f"it wants {_wishes(rule.when)}"


def _scopes(rule: Rule) -> str:
    return ", ".join(sorted(rule.scopes))


def _wishes(when: When) -> str:
    told: tuple[tuple[str, object], ...] = (
        ("phase", when.phase),
        ("pain", when.pain),
        ("grade", when.grade),
        ("age under", when.age_under),
        ("unsure", when.unsure),
        ("region", when.region),
        ("done by", when.performer),
        ("with", ", ".join(sorted(when.also)) or None),
        ("words", when.said),
    )
    return ", ".join(f"{name} {value}" for name, value in told if value is not None) or "nothing more"


def _search(reading: Reading, content: Content) -> list[str]:
    question = Question(text=reading.text, words=reading.words, found=reading.found, before={})
    searched = content.search.find(question, most=_MOST_HITS)
    evidence = searched.evidence
    shares = f"{evidence.explained:.2f} of the question is in the best passage, {evidence.unknown:.2f} in none"
    covered = "covered" if evidence.covered else "not covered"
    lines = [f"evidence: {shares}; confidence {evidence.confidence:+.2f} ({covered})"]
    if evidence.absent:
        lines.append(f"named, and known to be absent: {', '.join(evidence.absent)}")
    for number, hit in enumerate(searched.hits, 1):
        lines += _hit(number, hit, content.search.reasons(question, hit.passage))
    return lines


def _hit(number: int, hit: Hit, reasons: Sequence[tuple[str, float]]) -> list[str]:
    return [
        f"{number}. {hit.passage.id} ({hit.citation.place}) {hit.score:.2f}: {hit.passage.title}",
        f"   {_reasons(reasons)}",
    ]


def _reasons(reasons: Sequence[tuple[str, float]]) -> str:
    told = ", ".join(f"{term} {value:.2f}" for term, value in reasons[:_MOST_REASONS])
    return told or "by a search phrase alone"
