"""What does the bot say about itself: names, descriptions and command lists, per language and scope?"""

import dataclasses
import re
from typing import Any

from bot.preview.refusal import Json, bad_request

MOST_COMMANDS = 100
LONGEST_COMMAND = 32
LONGEST_COMMAND_DESCRIPTION = 256
MOST_COMMAND_BYTES = 4096
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_SIMPLE_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}
ScopeKey = tuple[str, int, int]
DEFAULT_SCOPE: ScopeKey = ("default", 0, 0)


@dataclasses.dataclass(slots=True)
class Profile:
    """Texts by language code ("" for everyone else), command lists by scope and language, the menu button."""

    names: dict[str, str] = dataclasses.field(default_factory=dict)
    descriptions: dict[str, str] = dataclasses.field(default_factory=dict)
    short_descriptions: dict[str, str] = dataclasses.field(default_factory=dict)
    commands: dict[tuple[ScopeKey, str], list[Json]] = dataclasses.field(default_factory=dict)
    menu_buttons: dict[int, Json] = dataclasses.field(default_factory=dict)

    def name_in(self, language: str) -> str:
        """Give the name for a language, or the one for everybody; empty when none was set."""
        return self.names.get(language) or self.names.get("", "")

    def commands_seen(self, *, chat_id: int, user_id: int, is_private: bool, language: str) -> list[Json]:
        """Give the list a person's app shows: the narrowest scope first, own language before none."""
        scopes: list[ScopeKey] = [("chat", chat_id, 0)]
        if is_private:
            scopes.append(("all_private_chats", 0, 0))
        else:
            scopes = [("chat_member", chat_id, user_id), *scopes, ("all_group_chats", 0, 0)]
        for scope in [*scopes, DEFAULT_SCOPE]:
            for code in (language, ""):
                if self.commands.get((scope, code)):
                    return self.commands[(scope, code)]
        return []


def checked_commands(given: Any) -> list[Json]:
    """Give a command list as Telegram stores it, a leading slash removed.

    Raises:
        Refusal: too many, or one of them is not allowed.
    """
    if not isinstance(given, list):
        raise bad_request("can't parse commands: Expected an Array of BotCommand")
    if len(given) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_checked_command(item) for item in given]
    size = sum(len(item["command"].encode()) + len(item["description"].encode()) for item in commands)
    if size > MOST_COMMAND_BYTES:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return commands


def _checked_command(item: Any) -> Json:
    if not isinstance(item, dict):
        raise bad_request("can't parse commands: Expected an Object")
    command = str(item.get("command", "")).strip().removeprefix("/")
    description = str(item.get("description", "")).strip()
    if not command:
        raise bad_request("command must be non-empty")
    if len(command) > LONGEST_COMMAND:
        raise bad_request("command length must not exceed 32")
    if not _COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > LONGEST_COMMAND_DESCRIPTION:
        raise bad_request("command description length must not exceed 256")
    return {"command": command, "description": description}


def checked_language(code: str) -> str:
    """Give a language code of two letters, or none.

    Raises:
        Refusal: it is anything else, `pt-br` too.
    """
    if not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def checked_scope(scope: Any) -> ScopeKey:
    """Give the scope of a command list as a key: kind, chat, person.

    Raises:
        Refusal: Telegram knows no such scope.
    """
    if scope is None:
        return DEFAULT_SCOPE
    kind = str(scope.get("type")) if isinstance(scope, dict) else ""
    if kind in _SIMPLE_SCOPES:
        return (kind, 0, 0)
    if kind not in _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    try:
        return (kind, int(scope["chat_id"]), int(scope.get("user_id", 0)))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise bad_request("chat not found") from None
