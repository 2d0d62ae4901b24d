"""How does the conversation look in a terminal?

The same conversation as in Telegram: what is typed is answered, a number presses the button of that number. Nothing is
stored; what the conversation remembers lives as long as the chat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol, TextIO, assert_never

from bot.incoming import Buttons, Change, Door, Incoming, Pressed, Say, Turn, Typed
from bot.render import plain
from bot.reply import Choice, Reply

_PROMPT: Final = "> "
_CHAT: Final = 1
_PERSON: Final = 1


class Answers(Protocol):
    """Whoever leads the conversation."""

    def answer(self, incoming: Incoming, memory: Mapping[str, Any]) -> Turn:
        """What to say to what a person did, and what to remember."""


class Chat:
    """One person at one terminal: numbers the messages, keeps the buttons of the last one."""

    def __init__(self, conversation: Answers, lang: str | None, out: TextIO, now: Callable[[], datetime]) -> None:
        self._conversation = conversation
        self._language = lang
        self._out = out
        self._now = now
        self._memory: Mapping[str, Any] = {"language": lang} if lang else {}
        self._message = 0
        self._shown = 0
        self._choices: tuple[Choice, ...] = ()

    def take(self, line: str) -> None:
        """Answer one line: a button's number, or words."""
        choice = self._choice(line)
        if choice is None:
            self._message += 1
            self._turn(Typed(text=line), self._message)
        else:
            self._turn(Pressed(press=choice.press), self._shown)

    def _choice(self, line: str) -> Choice | None:
        number = int(line) if line.isascii() and line.isdigit() and len(line) < 3 else 0
        return self._choices[number - 1] if 1 <= number <= len(self._choices) else None

    def _turn(self, act: Typed | Pressed, message: int) -> None:
        incoming = Incoming(
            chat=_CHAT,
            person=_PERSON,
            door=Door.TERMINAL,
            act=act,
            message=message,
            at=self._now(),
            language_code=self._language,
        )
        turn = self._conversation.answer(incoming, self._memory)
        if turn.memory is not None:
            self._memory = turn.memory
        for said in turn.said:
            match said:
                case Say(reply=reply):
                    self._message += 1
                    self._show(reply, self._message)
                case Change(reply=reply, message=changed):
                    self._show(reply, changed)
                case Buttons():
                    pass  # what stands in a terminal stays
                case _:
                    assert_never(said)

    def _show(self, reply: Reply, message: int) -> None:
        self._shown = message
        self._choices = tuple(choice for row in reply.choices for choice in row)
        self._out.write(f"\n{plain(reply)}\n")
        for number, choice in enumerate(self._choices, 1):
            self._out.write(f"  [{number}] {choice.label}\n")
        self._out.write("\n")
        self._out.flush()


def chat(
    conversation: Answers,
    lang: str | None,
    read: TextIO,
    write: TextIO,
    *,
    now: Callable[[], datetime],
) -> None:
    """Talk until the input ends; starts with /start, as Telegram does.

    Args:
        conversation: who answers.
        lang: "en" or "ru"; None follows the language of what is typed.
        read: lines a person types.
        write: where replies go, as plain text with numbered buttons.
        now: the present moment, aware.
    """
    talk = Chat(conversation, lang, write, now)
    talk.take("/start")
    while True:
        write.write(_PROMPT)
        write.flush()
        line = read.readline()
        if not line:
            write.write("\n")
            return
        if line.strip():
            talk.take(line.strip())
