"""What is the running bot made of? The content of `bot.assemble`, joined to the Telegram edge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from bot.assemble import INTENTS, Content
from bot.reply import Reply
from bot.telegram.commands import ProfileTexts
from bot.telegram.handling import Words
from bot.telegram.run import Parts
from corpus.yaml_source import Problems, read_yaml
from intents.schedule import Schedule

if TYPE_CHECKING:
    from bot.settings import Settings

PROFILE = INTENTS / "profile.yaml"


def parts(settings: Settings, content: Content) -> Parts:
    """All the edge needs, of content that was read whole; raises ContentError where the profile has mistakes."""
    conversation = content.conversation(
        default_language=settings.default_language, default_zone=settings.default_timezone
    )
    answerer = content.answerer()

    def on_limit(language: str, name: str) -> Reply:
        return answerer.note(name, language, lead=answerer.say(language, name.replace("-", "_")))

    return Parts(
        words=Words(
            conversation=conversation,
            on_failure=conversation.failure,
            on_limit=on_limit,
            default_language=settings.default_language,
        ),
        profile=read_profile(PROFILE),
        remind=conversation.reminder,
        parse=read_schedule,
    )


def read_profile(path: Path) -> tuple[ProfileTexts, ...]:
    """Commands and profile texts per language; raises ContentError with all mistakes."""
    problems = Problems()
    found = []
    for language, _, value in read_yaml(path, problems, shown_as=f"intents/{path.name}").entries():
        fields = value.fields(required=("commands", "description", "about"), optional=("in_groups",))
        commands = tuple((name, what.text()) for name, _, what in fields["commands"].entries())
        known = [name for name, _ in commands]
        found.append(
            ProfileTexts(
                language="" if language == "everybody" else language,
                commands=commands,
                description=fields["description"].text(),
                about=fields["about"].text(),
                in_groups=tuple(each.choice(known) for each in fields["in_groups"].items())
                if "in_groups" in fields
                else (),
            )
        )
    problems.raise_if_any()
    return tuple(found)


def read_schedule(text: str) -> Schedule:
    """A stored schedule. Raises ValueError when it is not one of ours."""
    return Schedule.from_json(orjson.loads(text))
