"""What a person can do in their app, and which updates the bot gets from it."""

import dataclasses
import re
from typing import Any

from bot.preview.message_text import typed_text
from bot.preview.records import BotStatus, Chat, InlineQuery, Message, Person, Press
from bot.preview.refusal import Json
from bot.preview.telegram_state import BOT_USERNAME, TelegramState

LONGEST_TYPED = 4096
INLINE_QUERY_LENGTH = 256
SUPERGROUP_BASE = -1_000_000_000_000


class CannotDo(Exception):
    """The app would not let the person do this."""


def send(
    state: TelegramState, person: Person, chat_id: int, text: str, *, now: float, reply_to: int | None = None
) -> list[Message]:
    """Send a text; a long one goes out in several messages, as the apps do it."""
    if not text.strip():
        raise CannotDo("There is nothing to send.")
    pieces = [text[begin : begin + LONGEST_TYPED] for begin in range(0, len(text), LONGEST_TYPED)]
    contents = [typed_text(piece).as_json() for piece in pieces if piece.strip()]
    return [send_content(state, person, chat_id, one, now=now, reply_to=reply_to) for one in contents]


def send_content(
    state: TelegramState,
    person: Person,
    chat_id: int,
    content: Json,
    *,
    now: float,
    reply_to: int | None = None,
    via: Json | None = None,
) -> Message:
    """Send a message of any kind: the fields of the Bot API's Message that make it what it is."""
    chat = _chat_of(state, person, chat_id)
    replied = state.message(chat.id, reply_to) if reply_to else None
    if chat.is_private:
        person = state.put_person(dataclasses.replace(person, has_started=True, is_known=True))
    more: dict[str, Any] = {"reply_to": _without_reply(replied), **(via or {})}
    message = state.post(chat, content, sender=person.as_user(), now=now, **more)
    if chat.is_private or _is_for_bot(state, message):
        state.put_person(dataclasses.replace(person, is_known=True))
        state.send_update("message", message.as_json(), lane=chat.id, now=now)
    return message


def edit(state: TelegramState, person: Person, chat_id: int, message_id: int, text: str, *, now: float) -> Message:
    """Change the text of one's own message."""
    message = _message(state, chat_id, message_id)
    if message.sender["id"] != person.id or "text" not in message.content:
        raise CannotDo("Only your own text can be edited.")
    if not text.strip():
        raise CannotDo("There is nothing to send.")
    content = typed_text(text[:LONGEST_TYPED]).as_json()
    edited = state.put_message(dataclasses.replace(message, content=content, edit_date=int(now)))
    if state.chats[chat_id].is_private or _is_for_bot(state, edited):
        state.send_update("edited_message", edited.as_json(), lane=chat_id, now=now)
    return edited


def press(state: TelegramState, person: Person, chat_id: int, message_id: int, data: str, *, now: float) -> Press:
    """Press a button; the data is not compared with the keyboard, because no bot can rely on that."""
    _chat_of(state, person, chat_id)
    message = _message(state, chat_id, message_id)
    query = Press(
        id=state.new_id(),
        person_id=person.id,
        chat_id=chat_id,
        message_id=message_id,
        data=data,
        pressed_at=now,
    )
    state.presses[query.id] = query
    state.put_person(dataclasses.replace(person, is_known=True))
    body: Json = {
        "id": query.id,
        "from": person.as_user(),
        "chat_instance": str(abs(chat_id) * 31),
        "data": data,
    }
    if message.inline_message_id:
        body["inline_message_id"] = message.inline_message_id
    else:
        body["message"] = message.as_json()
    state.note("pressed", {"press": query.as_json()})
    state.send_update("callback_query", body, lane=person.id if message.inline_message_id else chat_id, now=now)
    return query


def press_on_lost_message(state: TelegramState, person: Person, message_id: int, data: str, *, now: float) -> Press:
    """Press a button of a message so old that Telegram no longer shows it to the bot."""
    query = Press(
        id=state.new_id(),
        person_id=person.id,
        chat_id=person.id,
        message_id=message_id,
        data=data,
        pressed_at=now,
    )
    state.presses[query.id] = query
    message = {"chat": state.chats[person.id].as_json(), "message_id": message_id, "date": 0}
    body = {"id": query.id, "from": person.as_user(), "chat_instance": "1", "data": data, "message": message}
    state.send_update("callback_query", body, lane=person.id, now=now)
    return query


def set_blocked(state: TelegramState, person: Person, *, blocked: bool, now: float) -> Person:
    """Block the bot, or let it write again."""
    if person.has_blocked == blocked:
        return person
    changed = state.put_person(dataclasses.replace(person, has_blocked=blocked))
    if person.is_known:
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        _tell_membership(state, state.chats[person.id], changed, old, new, now=now)
    return changed


def set_bot_in_group(state: TelegramState, person: Person, chat_id: int, status: BotStatus, *, now: float) -> Chat:
    """Add the bot to a group, or throw it out."""
    chat = state.chats[chat_id]
    if chat.is_private or chat.bot_status == status:
        return chat
    changed = state.put_chat(dataclasses.replace(chat, bot_status=status))
    state.put_person(dataclasses.replace(person, is_known=True))
    _tell_membership(state, changed, person, chat.bot_status, status, now=now)
    member = state.bot_user()
    joined = status in {"member", "administrator"}
    content: Json = {"new_chat_members": [member]} if joined else {"left_chat_member": member}
    message = state.post(changed, content, sender=person.as_user(), now=now)
    if joined:
        state.send_update("message", message.as_json(), lane=chat.id, now=now)
    return changed


def upgrade_group(state: TelegramState, person: Person, chat_id: int, *, now: float) -> Chat:
    """Turn a group into a supergroup: the old id refuses messages from now on and names the new one."""
    old = state.chats[chat_id]
    new = state.put_chat(dataclasses.replace(old, id=SUPERGROUP_BASE + old.id, kind="supergroup"))
    state.put_chat(dataclasses.replace(old, moved_to=new.id))
    sender = person.as_user()
    to = state.post(old, {"migrate_to_chat_id": new.id}, sender=sender, now=now)
    state.send_update("message", to.as_json(), lane=old.id, now=now)
    came = state.post(new, {"migrate_from_chat_id": old.id}, sender=sender, now=now)
    state.send_update("message", came.as_json(), lane=new.id, now=now)
    return new


def ask_inline(
    state: TelegramState,
    person: Person,
    query: str,
    *,
    now: float,
    offset: str = "",
    chat_type: str = "sender",
) -> InlineQuery:
    """Type after the bot's name; an answer that is still cached comes back without asking the bot."""
    query = query[:INLINE_QUERY_LENGTH]
    for owner in (person.id, None):
        until, cached = state.inline_cache.get((query, offset, owner), (0.0, None))
        if cached is not None and now < until:
            state.note("inline_answer", {"inline_query": cached.as_json()})
            return cached
    asked = InlineQuery(id=state.new_id(), person_id=person.id, query=query, offset=offset, asked_at=now)
    state.inline_queries[asked.id] = asked
    state.put_person(dataclasses.replace(person, is_known=True))
    body = {
        "id": asked.id,
        "from": person.as_user(),
        "query": query,
        "offset": offset,
        "chat_type": chat_type,
    }
    state.send_update("inline_query", body, lane=person.id, now=now)
    return asked


def choose_inline(
    state: TelegramState, person: Person, query_id: str, result_id: str, chat_id: int, *, now: float
) -> Message:
    """Send one of the offered results into a chat, "via" the bot."""
    query = state.inline_queries[query_id]
    result = next((one for one in query.results if one["id"] == result_id), None)
    if result is None:
        raise CannotDo("This result is not offered.")
    markup = result.get("reply_markup")
    inline_id = f"inline-{state.new_id()}" if markup else None
    via = {"via_bot": state.bot_user(), "markup": markup, "inline_message_id": inline_id}
    content = result["input_message_content"]
    message = send_content(state, person, chat_id, content, now=now, via=via)
    chosen: Json = {"result_id": result_id, "from": person.as_user(), "query": query.query}
    if inline_id:
        chosen["inline_message_id"] = inline_id
    state.send_update("chosen_inline_result", chosen, lane=person.id, now=now)
    return message


def _chat_of(state: TelegramState, person: Person, chat_id: int) -> Chat:
    chat = state.chats.get(chat_id)
    if chat is None or (chat.is_private and chat.id != person.id):
        raise CannotDo("You are not in this chat.")
    if not chat.is_private and person.id not in chat.members:
        raise CannotDo("You are not in this chat.")
    if chat.moved_to is not None:
        raise CannotDo("This group lives on as a supergroup.")
    if chat.is_private and person.has_blocked:
        raise CannotDo("You have blocked the bot.")
    return chat


def _message(state: TelegramState, chat_id: int, message_id: int) -> Message:
    message = state.message(chat_id, message_id)
    if message is None:
        raise CannotDo("This message is gone.")
    return message


def _without_reply(message: Message | None) -> Json | None:
    return dataclasses.replace(message, reply_to=None).as_json() if message else None


def _is_for_bot(state: TelegramState, message: Message) -> bool:
    """Privacy mode: in a group a bot sees commands, mentions of it, replies to it, and service messages."""
    if state.chats[message.chat_id].bot_status not in {"member", "administrator"}:
        return False
    if "text" not in message.content and "caption" not in message.content:
        return bool((message.reply_to or {}).get("from", {}).get("id") == state.bot_id)
    if message.via_bot is not None or (message.reply_to or {}).get("from", {}).get("id") == state.bot_id:
        return True
    mentioned = re.search(rf"@{BOT_USERNAME}\b", message.text, re.IGNORECASE)
    command = re.match(r"/\w+(?:@(\w+))?", message.text)
    return bool(mentioned) or (command is not None and not command[1])


def _tell_membership(state: TelegramState, chat: Chat, person: Person, old: str, new: str, *, now: float) -> None:
    bot = state.bot_user()

    def status(word: str) -> Json:
        return {"user": bot, "status": word} | ({"until_date": 0} if word == "kicked" else {})

    body = {
        "chat": chat.as_json(),
        "from": person.as_user(),
        "date": int(now),
        "old_chat_member": status(old),
        "new_chat_member": status(new),
    }
    state.send_update("my_chat_member", body, lane=chat.id, now=now)
