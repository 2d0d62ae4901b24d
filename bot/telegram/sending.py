"""How does the bot speak? `written` turns a Reply into a call of the Bot API; `Sender` carries the call out.

Nothing else in the program makes words for Telegram: the argument is a `Say` or `Change`, both hold a `Reply`.
"""

from __future__ import annotations

import html
import logging
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Protocol, assert_never

import orjson
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot import delivery
from bot.incoming import Buttons, Change, Say
from bot.letters import Draft, Letter, Sent
from bot.render import render
from bot.reply import Attachment, Choice
from bot.telegram.request import AnswerLost, NotSent, PoolFull, ServerFault, UnreadableAnswer

log = logging.getLogger(__name__)

SAY: Final = "sendMessage"
CHANGE: Final = "editMessageText"
BUTTONS: Final = "editMessageReplyMarkup"
FILE: Final = "file"
"""Where a letter holds what is uploaded with it: its field, its name, its content in base 64."""
_UPLOADS: Final = {"document": "sendDocument", "photo": "sendPhoto"}
_NO_PREVIEW: Final = {"is_disabled": True}
_TAG: Final = re.compile(r"<[^>]*>")


class Api(Protocol):
    """Calls a method of the Bot API by name; `bot.telegram.api.BotApi` is one."""

    async def call(self, method: str, fields: Any = b"{}") -> Any:
        """The method's result. Raises TelegramError."""
        ...


class SendingApi(Api, Protocol):
    """The same, with methods that take a file along."""

    async def upload(self, method: str, fields: Mapping[str, Any], file: Attachment) -> Any:
        """The method's result. Raises TelegramError."""
        ...


def written(saying: Say | Change | Buttons, *, chat: int, reply_key: str | None = None) -> Draft:
    """What is said, as a letter to a chat. Link previews are off; buttons carry their `press`.

    Args:
        saying: the reply, and whether it is a new message or takes an earlier one's place; or other buttons below one.
        chat: whom it goes to; kept beside the letter, because a chat's number can change while it waits.
        reply_key: under which the message's number can be looked up once it is sent.

    Raises:
        ValueError: the reply does not fit one message.
    """
    if isinstance(saying, Buttons):
        below = {"message_id": saying.message, "reply_markup": keyboard(saying.choices)}
        return Draft(chat_id=chat, method=BUTTONS, body=orjson.dumps(below).decode())
    rendered = render(saying.reply)
    fields: dict[str, Any] = {"parse_mode": "HTML"}
    if rendered.buttons:
        fields["reply_markup"] = keyboard(rendered.buttons)
    if isinstance(saying, Say) and saying.to is not None:
        fields["reply_parameters"] = {"message_id": saying.to, "allow_sending_without_reply": True}
    method = SAY
    match rendered.attachment:
        case None:
            fields |= {"text": rendered.html, "link_preview_options": _NO_PREVIEW}
            if isinstance(saying, Change):
                method = CHANGE
                fields["message_id"] = saying.message
        case Attachment(kind=kind, name=name, content=content):  # a text cannot be changed into a file: a new message
            method = _UPLOADS[kind]
            fields |= {"caption": rendered.html, FILE: [kind, name, b64encode(content).decode()]}
        case _:
            assert_never(rendered.attachment)
    found_again = None if rendered.attachment else reply_key  # a file is never changed into words
    return Draft(chat_id=chat, method=method, body=orjson.dumps(fields).decode(), reply_key=found_again)


def keyboard(rows: Sequence[Sequence[Choice]]) -> dict[str, Any]:
    """Rows of buttons as Telegram takes them."""
    return {"inline_keyboard": [[_button(one) for one in row] for row in rows if row]}


def _button(choice: Choice) -> dict[str, Any]:
    if choice.link:
        return {"text": choice.label, "url": choice.link}
    if choice.copy:
        return {"text": choice.label, "copy_text": {"text": choice.copy}}
    return {"text": choice.label, "callback_data": choice.press}


class Sender:
    """Hands letters to Telegram.

    Args:
        api: the Bot API.
        on_done: told the chat of every letter that is over, sent or not (ends its "typing").
    """

    def __init__(self, api: SendingApi, *, on_done: Callable[[int], None] = lambda _chat: None) -> None:
        self._api = api
        self._on_done = on_done
        self.sent_as_plain_text = 0
        """How many letters Telegram could not read as HTML; a number above zero is a fault of ours."""

    async def send(self, letter: Letter) -> Sent:
        """Sends one letter.

        Raises:
            delivery.SendingError: Telegram did not take it, by the table of `failure`.
        """
        try:
            return await self._send(letter.method, letter.chat_id, orjson.loads(letter.body))
        finally:
            self._on_done(letter.chat_id)

    async def _send(self, method: str, chat: int, fields: dict[str, Any]) -> Sent:
        try:
            return _sent(await self._called(method, {"chat_id": chat, **fields}))
        except TelegramError as error:
            if is_done_already(error) or (method == BUTTONS and _is_message_gone(error)):
                return Sent(message_id=fields.get("message_id"))
            if _is_unreadable_html(error) and "parse_mode" in fields:
                self.sent_as_plain_text += 1
                log.warning("a letter was no valid HTML and goes as plain text")
                return await self._send(method, chat, _as_plain_text(fields))
            if method == CHANGE and _is_message_gone(error):
                return await self._send(
                    SAY, chat, {name: each for name, each in fields.items() if name != "message_id"}
                )
            raise failure(error) from error

    async def _called(self, method: str, fields: dict[str, Any]) -> Any:
        if FILE not in fields:
            return await self._api.call(method, fields)
        kind, name, content = fields[FILE]
        rest = {field: value for field, value in fields.items() if field != FILE}
        return await self._api.upload(method, rest, Attachment(kind=kind, name=name, content=b64decode(content)))


def _sent(result: Any) -> Sent:
    number = result.get("message_id") if isinstance(result, dict) else None
    return Sent(message_id=number if isinstance(number, int) else None)


def _as_plain_text(fields: dict[str, Any]) -> dict[str, Any]:
    """The same words without any tag."""
    words = "text" if "text" in fields else "caption"
    bare = html.unescape(_TAG.sub("", fields[words]))
    return {name: each for name, each in fields.items() if name != "parse_mode"} | {words: bare}


# The one table of Telegram's refusals, read from top to bottom. Texts are compared without case.

_DONE_ALREADY: Final = ("message is not modified", "query is too old", "query id is invalid")
_MESSAGE_GONE: Final = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
)
_UNREADABLE_HTML: Final = ("can't parse entities",)
_CHAT_GONE: Final = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "chat_restricted",
    "have no rights to send",
    "not enough rights to send",
    "need administrator rights",
    "group chat was deactivated",
    "topic_closed",
)


def failure(error: TelegramError) -> delivery.SendingError:
    """The class of a failure, for the delivery.

    Order matters: python-telegram-bot makes `BadRequest` and `TimedOut` kinds of `NetworkError`.
    """
    match error:
        case RetryAfter():
            return delivery.RetryLater(seconds_of(error))
        case ChatMigrated(new_chat_id=new_id):
            return delivery.ChatMigrated(new_id)
        case InvalidToken():
            return delivery.Unauthorised("Telegram does not accept the token")
        case Forbidden():
            return delivery.ChatGone("The person blocked or left the chat")
        case BadRequest() if _says(error, _CHAT_GONE):
            return delivery.ChatGone("The chat cannot be written to")
        case BadRequest():
            return delivery.PermanentRefusal("Telegram refuses the call")
        case NotSent() | PoolFull() | Conflict():
            return delivery.Unreachable("Telegram was not reached")
        case ServerFault(status=status) if status in {429, 502, 503}:
            return delivery.Unreachable("A server before Telegram answered")
        case ServerFault() | TimedOut() | AnswerLost() | UnreadableAnswer():
            return delivery.Ambiguous("The answer was lost")
        case NetworkError():  # what is left of 4xx, such as 413: asking again would change nothing
            return delivery.PermanentRefusal("Telegram refuses the call")
        case _:
            return delivery.Ambiguous("An unknown failure")


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def is_done_already(error: TelegramError) -> bool:
    """Whether Telegram refuses only because there is nothing left to do."""
    return isinstance(error, BadRequest) and _says(error, _DONE_ALREADY)


def _is_message_gone(error: TelegramError) -> bool:
    return isinstance(error, BadRequest) and _says(error, _MESSAGE_GONE)


def _is_unreadable_html(error: TelegramError) -> bool:
    return isinstance(error, BadRequest) and _says(error, _UNREADABLE_HTML)


def _says(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    text = error.message.casefold()
    return any(phrase in text for phrase in phrases)
