"""What is the running bot made of? The content of `bot.assemble`, joined to the Telegram edge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bot.assemble import CORPUS, INTENTS, read_content
from bot.telegram.commands import ProfileTexts
from bot.telegram.handling import Words
from bot.telegram.run import Parts
from corpus.yaml_source import Problems, read_yaml

if TYPE_CHECKING:
    from bot.reminders import Due
    from bot.settings import Settings

PROFILE = INTENTS / "profile.yaml"


def parts(settings: Settings) -> Parts:
    """All the edge needs, from content that is read whole.

    Raises:
        ContentError: with all mistakes of the content.
        WrongOriginal: an original in SOURCES_DIR is missing or changed.
    """
    content = read_content(corpus=settings.corpus_dir or CORPUS, sources=settings.sources_dir)
    conversation = content.conversation(default_language=settings.default_language)
    return Parts(
        words=Words(
            conversation=conversation,
            on_failure=conversation.failure,
            default_language=settings.default_language,
        ),
        profile=read_profile(PROFILE),
        remind=_no_reminders,
        parse=_no_rules,
    )


def read_profile(path: Path) -> tuple[ProfileTexts, ...]:
    """Commands and profile texts per language; raises ContentError with all mistakes."""
    problems = Problems()
    found = []
    for language, _, value in read_yaml(path, problems, shown_as=f"intents/{path.name}").entries():
        fields = value.fields(required=("commands", "description", "about"))
        found.append(
            ProfileTexts(
                language="" if language == "everybody" else language,
                commands=tuple((name, what.text()) for name, _, what in fields["commands"].entries()),
                description=fields["description"].text(),
                about=fields["about"].text(),
            )
        )
    problems.raise_if_any()
    return tuple(found)


async def _no_reminders(due: Due) -> NoReturn:
    """No conversation makes reminders yet, so none can be due."""
    raise LookupError(f"reminder {due.reminder.id} is due, but nothing words reminders")


def _no_rules(_text: str) -> NoReturn:
    """No conversation makes recurrences yet, so none can be stored."""
    raise ValueError("nothing reads recurrences")
