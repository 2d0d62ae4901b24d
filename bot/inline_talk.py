"""What is offered to somebody who types after the bot's name in any chat?

Passages that anybody may read, each with its place and the doctor line; no verdict, no word about the person, nothing
remembered. An emergency outranks them: then its fixed text is all there is to pick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.answer import Answer, Answerer
from bot.browse_talk import link_named
from bot.reply import Choice, Reply
from corpus.passage import Passage
from corpus.words import language_of
from intents.request import AskAdvice, AskPassage, RedFlag
from intents.wording import SPOKEN, Wording

MOST_OFFERS: Final = 6
LONGEST_QUERY: Final = 256
"""Characters of a query that are read, as many as Telegram sends."""
_LONGEST_DESCRIPTION: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing to pick; picking it sends its reply into the chat."""

    id: str
    title: str
    description: str
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What there is to pick, and the words of the button above it that leads to the private chat."""

    offers: tuple[Offer, ...]
    private: str


class InlineTalk:
    """Offers passages."""

    def __init__(self, *, answerer: Answerer, wording: Wording, default_language: str) -> None:
        self._answerer = answerer
        self._wording = wording
        self._default_language = default_language

    def offers(self, query: str, *, language_code: str | None, bot: str) -> Offers:
        """What fits a query, best first; nothing when the sources do not cover it.

        Args:
            query: what was typed after the bot's name.
            language_code: what the person's app says.
            bot: our own name, for links.
        """
        text = query.strip()[:LONGEST_QUERY]
        language = self._language(text, language_code)
        private = self._wording.say(language, "button_in_private")
        if not text:
            return Offers(offers=(), private=private)
        answer = self._answerer.answer(text, language=language)
        return Offers(offers=self._found(answer, language, bot), private=private)

    def _found(self, answer: Answer, language: str, bot: str) -> tuple[Offer, ...]:
        match answer.request:
            case RedFlag():
                title = self._wording.say(language, "inline_emergency")
                return (Offer(id="emergency", title=title, description=_cut(answer.reply.lead), reply=answer.reply),)
            case AskAdvice() | AskPassage() if not answer.abstained:
                found = {each.citation.passage.id: each.citation for each in answer.ranked}
                return tuple(
                    Offer(
                        id=str(number),
                        title=citation.passage.title,
                        description=_cut(_gist(citation.passage, language)),
                        reply=self._answerer.place(
                            citation, language, choices=self._link(citation.passage, language, bot)
                        ),
                    )
                    for number, citation in enumerate(list(found.values())[:MOST_OFFERS])
                )
            case _:
                return ()

    def _link(self, passage: Passage, language: str, bot: str) -> tuple[tuple[Choice, ...], ...]:
        link = link_named(f"p_{passage.id}", bot)
        if not link:
            return ()
        return ((Choice(label=self._wording.say(language, "button_in_private"), link=link),),)

    def _language(self, text: str, language_code: str | None) -> str:
        if any(character.isalpha() for character in text):
            return language_of(text)
        short = (language_code or "")[:2]
        return short if short in SPOKEN else self._default_language


def _gist(passage: Passage, language: str) -> str:
    return passage.summary.get(language) or passage.text


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    if len(one_line) <= _LONGEST_DESCRIPTION:
        return one_line
    return one_line[: _LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"
