"""Messages of the bot: sent, edited, deleted."""

import dataclasses
import io

from PIL import Image

from bot.preview.keyboards import checked_inline_keyboard, checked_markup
from bot.preview.message_text import FormattedText, caption_text, entities_from_json, message_text
from bot.preview.parameters import Parameters, whole_number
from bot.preview.records import Chat, Message, StoredFile
from bot.preview.refusal import Json, Refusal, bad_request
from bot.preview.telegram_state import TelegramState

DELETABLE_SECONDS = 48 * 3600
LARGEST_PHOTO_BYTES = 10 * 1024 * 1024
LARGEST_PHOTO_SIDES = 10_000
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def send_message(state: TelegramState, call: Parameters, now: float) -> Json:
    """Send a text."""
    chat = addressed_chat(state, call)
    content = given_text(call).as_json()
    return _send(state, chat, call, content, now)


def send_photo(state: TelegramState, call: Parameters, now: float) -> Json:
    """Send a picture that comes with the call, or one sent before."""
    chat = addressed_chat(state, call)
    stored = _file(state, call, "photo")
    width, height = _picture_size(stored)
    size = {**_file_json(stored), "width": width, "height": height}
    size.pop("file_name")
    size.pop("mime_type")
    return _send(state, chat, call, {"photo": [size], **_caption(call)}, now)


def send_document(state: TelegramState, call: Parameters, now: float) -> Json:
    """Send a file that comes with the call, or one sent before."""
    chat = addressed_chat(state, call)
    stored = _file(state, call, "document")
    return _send(state, chat, call, {"document": _file_json(stored), **_caption(call)}, now)


def edit_message_text(state: TelegramState, call: Parameters, now: float) -> Json | bool:
    """Change a text; a keyboard that is not given again disappears."""
    message = _editable(state, call)
    content = given_text(call, too_long="MESSAGE_TOO_LONG").as_json()
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    markup = checked_inline_keyboard(call.structure("reply_markup", "reply keyboard markup"))
    return _edit(state, message, dataclasses.replace(message, content=content, markup=markup), now)


def edit_message_caption(state: TelegramState, call: Parameters, now: float) -> Json | bool:
    """Change the words under a picture or file."""
    message = _editable(state, call)
    if "text" in message.content:
        raise bad_request("there is no caption in the message to edit")
    content = {k: v for k, v in message.content.items() if not k.startswith("caption")} | _caption(call)
    markup = checked_inline_keyboard(call.structure("reply_markup", "reply keyboard markup"))
    return _edit(state, message, dataclasses.replace(message, content=content, markup=markup), now)


def edit_message_markup(state: TelegramState, call: Parameters, now: float) -> Json | bool:
    """Change or take away the buttons under a message."""
    message = _editable(state, call)
    markup = checked_inline_keyboard(call.structure("reply_markup", "reply keyboard markup"))
    return _edit(state, message, dataclasses.replace(message, markup=markup), now)


def delete_message(state: TelegramState, call: Parameters, now: float) -> bool:
    """Delete a message: the bot's own, or any in a private chat, not older than two days."""
    chat = addressed_chat(state, call)
    message = state.message(chat.id, call.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    too_old = now - message.date > DELETABLE_SECONDS
    if too_old or not (message.is_from_bot or chat.is_private):
        raise bad_request("message can't be deleted")
    state.remove_message(message)
    return True


def delete_messages(state: TelegramState, call: Parameters, now: float) -> bool:
    """Delete several messages at once; those that are gone are passed over."""
    chat = addressed_chat(state, call)
    numbers = call.structure("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    for number in numbers:
        message = state.message(chat.id, whole_number(number))
        if message is not None and now - message.date <= DELETABLE_SECONDS:
            state.remove_message(message)
    return True


def send_chat_action(state: TelegramState, call: Parameters, now: float) -> bool:
    """Show "typing" for a few seconds."""
    chat = addressed_chat(state, call)
    action = call.text("action").lower()
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    state.note("action", {"chat_id": chat.id, "action": action, "at": now})
    return True


def addressed_chat(state: TelegramState, call: Parameters) -> Chat:
    """Give the chat a call names.

    Raises:
        Refusal: it names none, an unknown one, or one that does not want to hear from the bot.
    """
    name = call.text("chat_id").strip()
    if not name:
        raise bad_request("chat_id is empty")
    if name.startswith("@"):
        wanted = name[1:].lower()
        found = [c.id for c in state.chats.values() if c.username and c.username.lower() == wanted]
        groups = [number for number in found if not state.chats[number].is_private]
        return state.reachable_chat(groups[0] if groups else None)
    try:
        return state.reachable_chat(int(name))
    except ValueError:
        raise bad_request("chat not found") from None


def given_text(call: Parameters, *, too_long: str = "message is too long", field: str = "text") -> FormattedText:
    """Give the text of a call by Telegram's rules.

    Raises:
        Refusal: as `message_text` says.
    """
    entities = call.structure("entities", "entities")
    return message_text(
        call.text(field),
        parse_mode=call.text("parse_mode"),
        entities=entities_from_json(entities) if entities is not None else (),
        too_long=too_long,
    )


def _caption(call: Parameters) -> Json:
    entities = call.structure("caption_entities", "entities")
    caption = caption_text(
        call.text("caption"),
        parse_mode=call.text("parse_mode"),
        entities=entities_from_json(entities) if entities is not None else (),
    )
    return caption.as_json("caption", "caption_entities") if caption.text else {}


def _send(state: TelegramState, chat: Chat, call: Parameters, content: Json, now: float) -> Json:
    markup = checked_markup(call.structure("reply_markup", "reply keyboard markup"))
    reply = _replied(state, chat, call)
    message = state.post(
        chat,
        content,
        sender=state.bot_user(),
        now=now,
        markup=markup,
        reply_to=reply.as_json() if reply else None,
    )
    return message.as_json()


def _replied(state: TelegramState, chat: Chat, call: Parameters) -> Message | None:
    given = call.structure("reply_parameters", "reply parameters")
    options = given if isinstance(given, dict) else {}
    number = whole_number(options.get("message_id")) or call.number("reply_to_message_id")
    if not number:
        return None
    replied = state.message(chat.id, number)
    lenient = options.get("allow_sending_without_reply") is True or call.flag("allow_sending_without_reply")
    if replied is None and not lenient:
        raise bad_request("message to be replied not found")
    return dataclasses.replace(replied, reply_to=None) if replied else None


def _editable(state: TelegramState, call: Parameters) -> Message:
    inline_id = call.text("inline_message_id")
    if inline_id:
        message = state.inline_message(inline_id)
        if message is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return message
    chat = addressed_chat(state, call)
    if not call.number("message_id"):
        raise bad_request("message identifier is not specified")
    found = state.message(chat.id, call.number("message_id"))
    if found is None:
        raise bad_request("message to edit not found")
    if not found.is_from_bot:
        raise bad_request("message can't be edited")
    return found


def _edit(state: TelegramState, old: Message, new: Message, now: float) -> Json | bool:
    if (old.content, old.markup) == (new.content, new.markup):
        raise bad_request(_NOT_MODIFIED)
    edited = state.put_message(dataclasses.replace(new, edit_date=int(now)))
    return True if edited.inline_message_id else edited.as_json()


def _file(state: TelegramState, call: Parameters, field: str) -> StoredFile:
    name = call.text(field)
    upload = call.files.get(name.removeprefix("attach://")) if name else call.files.get(field)
    if upload is None:
        if name in state.files:
            return state.files[name]
        raise _no_file(name, field)
    if not upload.content:
        raise bad_request("file must be non-empty")
    return state.store_file(name=upload.name, kind=upload.kind, content=upload.content)


def _no_file(name: str, field: str) -> Refusal:
    if not name:
        return bad_request(f"there is no {field} in the request")
    return bad_request("wrong file identifier/HTTP URL specified")


def _file_json(stored: StoredFile) -> Json:
    return {
        "file_id": stored.id,
        "file_unique_id": f"u-{stored.id}",
        "file_name": stored.name,
        "mime_type": stored.kind,
        "file_size": len(stored.content),
    }


def _picture_size(stored: StoredFile) -> tuple[int, int]:
    if len(stored.content) > LARGEST_PHOTO_BYTES:
        raise bad_request("file is too big")
    try:
        with Image.open(io.BytesIO(stored.content)) as picture:
            size = picture.size
    except (OSError, ValueError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if sum(size) > LARGEST_PHOTO_SIDES:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size
