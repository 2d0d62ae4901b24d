"""What does the pattern of a spelling say?

Words matched by stem, `a|b` alternatives, `word?` optional, `...` a gap, `=word` this form only, `word*` any word that
starts so; corpus/README.md shows them to editors.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from corpus.words import SKIPPED, Word, fold, stem

SHORTEST_START: Final = 4
"""Letters that a `word*` needs at least: shorter ones match by accident."""
MOST_OPTIONAL: Final = 4
GAP_STEP: Final = "..."
_MOST_EXAMPLES: Final = 64
"""Of each spelling's alternatives, when spellings are compared with one another."""
_PART: Final = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*\*?")
_PLAIN: Final = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
"""A spelling of nothing but words: most are."""

Steps = tuple[str, ...]
"""What the words of a text are compared with, one after the other: a stem, `=form`, `start*` or a gap."""
Token = str | tuple[Steps, ...]
"""One word of a spelling: its folded form, or its alternatives, each of several steps where it is hyphenated."""
_GAP: Final[Token] = ((GAP_STEP,),)


class PatternError(ValueError):
    """A spelling cannot be read; the message says why."""


def variants(pattern: str) -> list[tuple[Token, ...]]:
    """A spelling with and without its optional words; raises `PatternError` with the reason when it cannot be read."""
    if _PLAIN.fullmatch(pattern):
        return [tuple(_forms(pattern.split()))]
    choices: list[list[Token | None]] = []
    for token in pattern.split():
        if token in {GAP_STEP, "…"}:
            choices.append([_GAP])
            continue
        alternatives = tuple(dict.fromkeys(_steps(part) for part in token.removesuffix("?").split("|")))
        choices.append([alternatives, None] if token.endswith("?") else [alternatives])
    if not choices:
        raise PatternError("the spelling is empty; write the words or delete the line")
    if choices[0][0] == _GAP or choices[-1][0] == _GAP:
        raise PatternError(f"'{pattern}' starts or ends with '...'; a gap stands between words")
    optional = sum(len(options) > 1 for options in choices)
    if optional > MOST_OPTIONAL:
        raise PatternError(f"'{pattern}' has more than {MOST_OPTIONAL} optional words; split it into several spellings")
    found: dict[tuple[Token, ...], None] = {}
    for combination in itertools.product(*choices) if optional else [[options[0] for options in choices]]:
        tokens = _without_idle_gaps([token for token in combination if token is not None])
        if not tokens:
            raise PatternError(f"'{pattern}' matches without any word; make one word necessary")
        found[tuple(tokens)] = None
    return list(found)


def alternatives(token: Token) -> tuple[Steps, ...]:
    """The steps that one word of a spelling may be."""
    return token if isinstance(token, tuple) else _one_step(token)


@lru_cache(maxsize=65_536)
def _one_step(form: str) -> tuple[Steps, ...]:
    # A spelling may consist of a possessive or article alone ("some"): then it must be matched.
    return (("=" + form if form in SKIPPED else stem(form),),)


def _without_idle_gaps(tokens: list[Token]) -> list[Token]:
    """A gap beside a left-out optional word stands between nothing, or is one with the gap behind that word."""
    if _GAP not in tokens:
        return tokens
    doubled = [number for number in range(1, len(tokens)) if tokens[number] == _GAP == tokens[number - 1]]
    tokens = [token for number, token in enumerate(tokens) if number not in doubled]
    while tokens and tokens[0] == _GAP:
        tokens = tokens[1:]
    while tokens and tokens[-1] == _GAP:
        tokens = tokens[:-1]
    return tokens


def _forms(pieces: Sequence[str]) -> list[str]:
    """Folded words; raises `PatternError` where one of them is nothing but a mark."""
    forms = [fold(piece) for piece in pieces]
    if not all(forms):
        raise PatternError(f"'{' '.join(pieces)}' holds no word; write letters or digits")
    return forms


@lru_cache(maxsize=65_536)
def _steps(part: str) -> Steps:
    exact = part.startswith("=")
    pieces = _PART.findall(part.removeprefix("="))
    if not pieces:
        raise PatternError(f"'{part}' holds no word; write letters or digits")
    forms = _forms([piece.removesuffix("*") for piece in pieces])
    steps = []
    for piece, form in zip(pieces, forms, strict=True):
        if piece.endswith("*"):
            if len(form) < SHORTEST_START:
                raise PatternError(f"'{piece}' is too short; '*' needs {SHORTEST_START} letters before it")
            steps.append(form + "*")
        elif form in SKIPPED:
            continue
        else:
            steps.append("=" + form if exact else stem(form))
    return tuple(steps) or ("=" + forms[0],)


def example_words(pattern: str) -> list[tuple[Word, ...]]:
    """Some texts that a spelling is found in, as words; none for a spelling that cannot be read."""
    try:
        written = variants(pattern)
    except PatternError:
        return []
    found: list[tuple[Word, ...]] = []
    for tokens in written:
        named = [alternatives(token) for token in tokens if token != _GAP]
        for choice in itertools.islice(itertools.product(*named), _MOST_EXAMPLES):
            steps = [step.strip("=*") for part in choice for step in part]
            found.append(tuple(Word(step, step, place, place + 1, 0, 0) for place, step in enumerate(steps)))
    return found


def pattern_forms(pattern: str) -> Iterable[str]:
    """The whole words that stand in a spelling."""
    if _PLAIN.fullmatch(pattern):
        return map(fold, pattern.split())
    return [fold(piece) for piece in _PART.findall(pattern) if not piece.endswith("*") and not piece[0].isdigit()]


def pattern_beginnings(pattern: str) -> Iterable[str]:
    """The beginnings of words that stand in a spelling: "lymphom" of "lymphom*"."""
    return [fold(piece.removesuffix("*")) for piece in _PART.findall(pattern) if piece.endswith("*")]
