"""What did a person do, according to one update of the Bot API?

Works on the raw JSON, builds no library objects and never raises: what cannot be understood is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import orjson

from bot.changes import ChatBack, ChatBlocked, ChatMoved
from bot.incoming import Door, Incoming, Located, Odd, Pressed, Sent, Typed
from bot.reply import Choice

Json: TypeAlias = Mapping[str, Any]

ALLOWED: Final = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")
"""The kinds of updates we ask for; channel posts are not among them."""
EDIT_SECONDS: Final = 60
"""An edit later than this does not change the answer any more."""
_DOORS: Final = {"private": Door.PRIVATE, "group": Door.GROUP, "supergroup": Door.GROUP}
_GONE: Final = frozenset({"kicked", "left"})
_HERE: Final = frozenset({"member", "administrator", "creator", "restricted"})
_ODD: Final = {
    "voice": Odd.VOICE,
    "audio": Odd.VOICE,
    "video_note": Odd.VOICE,
    "photo": Odd.PHOTO,
    "video": Odd.PHOTO,
    "animation": Odd.PHOTO,
    "sticker": Odd.STICKER,
    "dice": Odd.STICKER,
    "document": Odd.DOCUMENT,
}
_SERVICE: Final = re.compile(
    r"new_chat_|left_chat_|delete_chat_|group_chat_|supergroup_chat_|channel_chat_|message_auto_delete|migrate_|pinned_"
    r"|forum_topic|general_forum|video_chat_|write_access|chat_background|boost_added|giveaway|users_shared|chat_shared"
    r"|connected_website|proximity_alert|chat_owner|checklist_tasks|direct_message_price|paid_message_price"
)
"""What a chat says about itself (someone joined, a message was pinned); nobody waits for an answer to it."""
_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{1,64}))?(?=\s|$)")
_LONGEST_PRESS: Final = 64
_LONGEST_NAME: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The bot itself: its number and its name without @."""

    id: int
    username: str


Happening: TypeAlias = Incoming | ChatBlocked | ChatBack | ChatMoved
"""What an update can mean to us: somebody did something, or a chat left, came back or moved."""


def loads(body: str | bytes) -> Any:
    """JSON as data, or None: strict and fast first, then lenient towards lone surrogates and NaN."""
    try:
        return orjson.loads(body)
    except (orjson.JSONDecodeError, ValueError):
        try:
            return json.loads(body if isinstance(body, str) else body.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None


def incoming(update: Any, *, me: Me, now: datetime) -> Incoming | None:
    """What a person did; None when the update asks nothing of us.

    Args:
        update: one element of getUpdates, or the body of a webhook call.
        me: which bot we are, to know whom a group speaks to.
        now: the moment for what carries none of its own (a press).
    """
    if not isinstance(update, dict):
        return None
    if (message := _part(update, "message")) is not None:
        return _message(message, me=me, edited=False)
    if (message := _part(update, "edited_message")) is not None:
        return _message(message, me=me, edited=True)
    if (press := _part(update, "callback_query")) is not None:
        return _press(press, me=me, now=now)
    return None


def happening(update: Any, *, me: Me, now: datetime) -> Happening | None:
    """The same, and also what became of a chat."""
    if not isinstance(update, dict):
        return None
    if (member := _part(update, "my_chat_member")) is not None:
        return _membership(member)
    message = _part(update, "message")
    if message is not None and (new_id := _number(message, "migrate_to_chat_id")):
        chat = _chat(message)
        return ChatMoved(chat_id=chat[0], new_id=new_id) if chat else None
    return incoming(update, me=me, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody typed after our name in any chat."""

    id: str
    person: int
    text: str
    language_code: str | None


def asked_inline(update: Any) -> Asked | None:
    """The inline query of an update; None when it holds none that can be answered."""
    query = _part(update, "inline_query") if isinstance(update, dict) else None
    person = _person(query) if query is not None else None
    if query is None or person is None:
        return None
    number, text = query.get("id"), query.get("query")
    if not isinstance(number, str) or not number or not isinstance(text, str):
        return None
    return Asked(id=number, person=person[0], text=_clean(text), language_code=person[2])


def number_of(update: Any) -> int | None:
    """The update's id; None when it has none that can be confirmed."""
    number = _number(update, "update_id") if isinstance(update, dict) else None
    return number if number is not None and number > 0 else None


def lane_of(update: Any) -> int:
    """The chat inside which the update's order counts; 0 when it belongs to none."""
    if not isinstance(update, dict):
        return 0
    for kind, part in update.items():
        if kind == "update_id" or not isinstance(part, dict):
            continue
        holder = part.get("message") if kind == "callback_query" else part
        chat = _chat(holder) if isinstance(holder, dict) else None
        if chat is not None:
            return chat[0]
        return (_person(part) or (0, "", None))[0]
    return 0


def press_to_answer(update: Any) -> str | None:
    """The id of a pressed button that spins until it is answered; for presses that mean nothing to us too."""
    press = _part(update, "callback_query") if isinstance(update, dict) else None
    number = press.get("id") if press is not None else None
    return number if isinstance(number, str) and number else None


def _message(message: Json, *, me: Me, edited: bool) -> Incoming | None:
    chat, person = _chat(message), _person(message)
    number, date = _number(message, "message_id"), _moment(message.get("date"))
    if chat is None or person is None or not number or date is None:
        return None
    chat_id, door = chat
    at = (_moment(message.get("edit_date")) or date) if edited else date
    if edited and (at - date).total_seconds() > EDIT_SECONDS:
        return None
    act = _act(message, edited=edited)
    if isinstance(act, Typed):
        act = _addressed(act, message, me=me, door=door)
    elif door is Door.GROUP and not _replies_to(message, me):
        return None
    if act is None:
        return None
    person_id, name, language = person
    return Incoming(
        chat=chat_id,
        person=person_id,
        door=door,
        act=act,
        message=number,
        at=at,
        language_code=language,
        name=name,
        bot=me.username,
    )


def _act(message: Json, *, edited: bool) -> Typed | Located | Sent | None:
    """What the message holds. An edit counts only when it changed words."""
    for field in ("text", "caption"):
        if isinstance(words := message.get(field), str) and words.strip():
            return Typed(text=_clean(words), edited=edited)
    if edited:
        return None
    if (location := _part(message, "location")) is not None:
        return _located(location)
    if any(_SERVICE.match(field) for field in message if isinstance(field, str)):
        return None
    return Sent(kind=next((kind for field, kind in _ODD.items() if field in message), Odd.OTHER))


def _located(location: Json) -> Located | Sent:
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if (
        isinstance(latitude, int | float)
        and isinstance(longitude, int | float)
        and -90 <= latitude <= 90
        and -180 <= longitude <= 180
    ):
        return Located(latitude=float(latitude), longitude=float(longitude))
    return Sent(kind=Odd.OTHER)


def _addressed(typed: Typed, message: Json, *, me: Me, door: Door) -> Typed | None:
    """The words without our own name in them; None when a group does not speak to us."""
    text, command = typed.text, _COMMAND.match(typed.text)
    if command is not None:
        name = command.group(2)
        if name is not None and name.casefold() != me.username.casefold():
            return None if door is Door.GROUP else typed
        return Typed(text=f"/{command.group(1)}{text[command.end() :]}", edited=typed.edited)
    if door is Door.PRIVATE:
        return typed
    mention = re.compile(rf"(?<![\w@])@{re.escape(me.username)}(?!\w)[,:]?\s*", re.IGNORECASE) if me.username else None
    if mention is not None and mention.search(text):
        return Typed(text=mention.sub("", text).strip() or "/help", edited=typed.edited)
    return typed if _replies_to(message, me) else None


def _replies_to(message: Json, me: Me) -> bool:
    earlier = _part(message, "reply_to_message")
    sender = _part(earlier, "from") if earlier is not None else None
    return sender is not None and _number(sender, "id") == me.id


def _press(press: Json, *, me: Me, now: datetime) -> Incoming | None:
    message, person, data = _part(press, "message"), _person(press), press.get("data")
    if message is None or person is None or not isinstance(data, str):
        return None
    chat, number = _chat(message), _number(message, "message_id")
    data = _clean(data)
    if chat is None or not number or not 1 <= len(data.encode()) <= _LONGEST_PRESS:
        return None
    person_id, name, language = person
    return Incoming(
        chat=chat[0],
        person=person_id,
        door=chat[1],
        act=Pressed(press=data, shown=_shown(message), below_text="text" in message or not message.get("date")),
        message=number,
        at=now,
        language_code=language,
        name=name,
        bot=me.username,
    )


def _shown(message: Json) -> tuple[tuple[Choice, ...], ...]:
    """The buttons below a message; none when one of them is of a kind that we never send."""
    markup = _part(message, "reply_markup")
    rows = markup.get("inline_keyboard") if markup is not None else None
    try:
        return tuple(tuple(_choice(button) for button in row) for row in rows or ())
    except (TypeError, KeyError, ValueError, AttributeError):
        return ()


def _choice(button: Json) -> Choice:
    copied = _part(button, "copy_text") or {}
    return Choice(
        label=button["text"],
        press=button.get("callback_data", ""),
        link=button.get("url", ""),
        copy=copied.get("text", ""),
    )


def _membership(member: Json) -> ChatBlocked | ChatBack | None:
    chat, state = _chat(member), _part(member, "new_chat_member")
    status = state.get("status") if state is not None else None
    if chat is None or not isinstance(status, str):
        return None
    if status in _GONE:
        return ChatBlocked(chat_id=chat[0])
    return ChatBack(chat_id=chat[0]) if status in _HERE else None


def _chat(holder: Json) -> tuple[int, Door] | None:
    """The chat and its door; None for channels and for what is no chat."""
    chat = _part(holder, "chat")
    kind = chat.get("type") if chat is not None else None
    number = _number(chat, "id") if chat is not None else None
    door = _DOORS.get(kind) if isinstance(kind, str) else None
    return (number, door) if number and door is not None else None


def _person(holder: Json) -> tuple[int, str, str | None] | None:
    """Number, name and app language of the sender; None for bots and for what has no sender."""
    sender = _part(holder, "from")
    number = _number(sender, "id") if sender is not None else None
    if sender is None or not number or sender.get("is_bot") is True:
        return None
    name, language = sender.get("first_name"), sender.get("language_code")
    return (
        number,
        _clean(name)[:_LONGEST_NAME] if isinstance(name, str) else "",
        _clean(language)[:35] if isinstance(language, str) and language else None,
    )


def _part(holder: Json, name: str) -> Json | None:
    part = holder.get(name)
    return part if isinstance(part, dict) else None


def _number(holder: Json, name: str) -> int | None:
    """A whole number that a database can hold."""
    number = holder.get(name)
    fits = isinstance(number, int) and not isinstance(number, bool) and -(2**63) < number < 2**63
    return number if fits else None


def _moment(seconds: Any) -> datetime | None:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 2**37:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _clean(text: str) -> str:
    """Text that every later step can encode: half characters become a replacement sign."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
