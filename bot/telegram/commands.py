"""What does Telegram show about the bot before anybody writes: its commands and profile texts, per language?"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from telegram.error import TelegramError

from bot.telegram.sending import Api

log = logging.getLogger(__name__)

LONGEST_DESCRIPTION: Final = 512
LONGEST_ABOUT: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileTexts:
    """Commands and texts for one language; the one whose `language` is empty is for everybody else.

    `description` stands in the empty chat (at most 512 characters), `about` on the profile (at most 120).
    """

    language: str
    commands: tuple[tuple[str, str], ...]
    description: str
    about: str
    in_groups: tuple[str, ...] = ()
    """Which of the commands are offered in groups, where nothing personal is answered."""

    def __post_init__(self) -> None:
        if len(self.description) > LONGEST_DESCRIPTION or len(self.about) > LONGEST_ABOUT:
            raise ValueError(f"the profile texts for {self.language or 'everybody'} are longer than Telegram takes")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """One thing to set: how it is read, how it is written, and what it should be."""

    read: str
    write: str
    field: str
    wanted: Any
    where: Mapping[str, Any]
    """Language and scope it is for."""

    @property
    def told(self) -> str:
        """What it is, for people."""
        scope = " in groups" if "scope" in self.where else ""
        return f"{self.field}{scope}, for {self.where.get('language_code') or 'everybody'}"

    def current(self, answer: Any) -> Any:
        """What the reading method's answer says it is now."""
        return answer if self.read == "getMyCommands" else answer.get(self.field, "")


def _settings(texts: ProfileTexts) -> Iterator[_Setting]:
    commands = [{"command": name, "description": what} for name, what in texts.commands]
    where = {"language_code": texts.language} if texts.language else {}
    for read, write, field, wanted in (
        ("getMyCommands", "setMyCommands", "commands", commands),
        ("getMyDescription", "setMyDescription", "description", texts.description),
        ("getMyShortDescription", "setMyShortDescription", "short_description", texts.about),
    ):
        yield _Setting(read=read, write=write, field=field, wanted=wanted, where=where)
    if texts.in_groups:
        yield _Setting(
            read="getMyCommands",
            write="setMyCommands",
            field="commands",
            wanted=[each for each in commands if each["command"] in texts.in_groups],
            where={**where, "scope": {"type": "all_group_chats"}},
        )


async def publish(api: Api, profile: tuple[ProfileTexts, ...]) -> int:
    """Sets what differs from what Telegram has; how many calls that took. Failures are only logged."""
    changed = 0
    for texts in profile:
        for setting in _settings(texts):
            try:
                changed += await _set_if_other(api, setting)
            except TelegramError as error:
                log.warning("%s failed (%s): %s", setting.write, setting.told, type(error).__name__)
    return changed


async def _set_if_other(api: Api, setting: _Setting) -> bool:
    if setting.current(await api.call(setting.read, setting.where)) == setting.wanted:
        return False
    await api.call(setting.write, {setting.field: setting.wanted, **setting.where})
    return True


async def differences(api: Api, profile: tuple[ProfileTexts, ...]) -> list[str]:
    """What Telegram shows otherwise than the profile says. Raises TelegramError."""
    return [
        setting.told
        for texts in profile
        for setting in _settings(texts)
        if setting.current(await api.call(setting.read, setting.where)) != setting.wanted
    ]
