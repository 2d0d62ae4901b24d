"""Only one folder knows Telegram's library, and only one function makes words for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEAKING = re.compile(r"^(send(?!ChatAction)[A-Z]\w*|edit(Message|Ephemeral)\w*|copyMessages?|forwardMessages?)$")
SPEAKING_METHODS = re.compile(r"^(send(?!_chat_action)_\w+|edit_message_\w+|reply_\w+|copy_message|forward_message)$")


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ("bot", "intents", "corpus"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("bot/preview/"):  # the other side: it plays Telegram, and imports nothing of it
                yield name, ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def test_only_the_telegram_folder_imports_telegram():
    places = {
        name for name, tree in sources() if any(module.partition(".")[0] == "telegram" for module in imported(tree))
    }
    assert "bot/telegram/sending.py" in places
    assert {name for name in places if not name.startswith("bot/telegram/")} == set()


def test_nothing_of_telegrams_extensions_is_used():
    assert not [name for name, tree in sources() if any(module.startswith("telegram.ext") for module in imported(tree))]


def test_only_sending_names_the_methods_that_speak():
    places = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SPEAKING.match(node.value)
    }
    assert places == {"bot/telegram/sending.py"}


def test_nobody_calls_a_speaking_method_of_the_library():
    callers = {
        f"{name}: {node.func.attr}"
        for name, tree in sources()
        if name.startswith("bot/telegram/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and SPEAKING_METHODS.match(node.func.attr)
    }
    assert callers == set()


def test_letters_are_written_only_from_replies():
    """`Draft(` stands in one place of the edge: the function that takes a Say or a Change."""
    makers = {
        f"{name}: {function.name}"
        for name, tree in sources()
        if name.startswith("bot/telegram/")
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Draft"
    }
    assert makers == {"bot/telegram/sending.py: written"}
