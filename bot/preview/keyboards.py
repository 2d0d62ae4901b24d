"""Is this reply markup one that Telegram shows?"""

import json
from typing import Any

from bot.preview.links import checked_link, is_https
from bot.preview.refusal import Json, bad_request

MOST_IN_A_ROW = 8
MOST_BUTTONS = 100
LONGEST_DATA_BYTES = 64
LONGEST_MARKUP_BYTES = 10_000
LONGEST_COPIED_TEXT = 256
_KINDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")


def checked_markup(markup: Any) -> Json | None:
    """Give the markup as Telegram stores it; None when nothing would be shown.

    Raises:
        Refusal: a button Telegram does not accept, or no markup at all.
    """
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad_request("can't parse reply keyboard markup JSON object")
    kind = next((name for name in _KINDS if name in markup), None)
    match kind:
        case "inline_keyboard":
            return checked_inline_keyboard(markup)
        case "keyboard":
            return _reply_keyboard(markup)
        case "remove_keyboard" | "force_reply":
            return {**markup} if markup[kind] is True else None
        case _:
            return None


def checked_inline_keyboard(markup: Any) -> Json | None:
    """Give an inline keyboard without its empty buttons and rows; None when none is left.

    Raises:
        Refusal: it is another kind of markup, or one of its buttons is wrong.
    """
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict) or "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    rows = _rows(markup["inline_keyboard"], "inline keyboard")
    checked = [[_inline_button(button) for button in row if _label(button, "inline")] for row in rows]
    keyboard = [row for row in checked if row]
    if not keyboard:
        return None
    result: Json = {"inline_keyboard": keyboard}
    _check_size(keyboard, result)
    return result


def _rows(rows: Any, kind: str) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise bad_request(f'field "{kind.replace(" ", "_")}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f"can't parse {kind}: Expected an Array of Arrays")
    return rows


def _label(button: Any, kind: str) -> str:
    if isinstance(button, str):
        return button.strip() if kind == "reply" else _not_an_object()
    if not isinstance(button, dict):
        return _not_an_object()
    text = button.get("text", "")
    if not isinstance(text, str):
        raise bad_request(f'can\'t parse {kind} keyboard button: Field "text" must be of type String')
    return text.strip()


def _not_an_object() -> str:
    raise bad_request("can't parse inline keyboard button: Expected an Object")


def _check_size(keyboard: list[list[Json]], markup: Json) -> None:
    too_wide = any(len(row) > MOST_IN_A_ROW for row in keyboard)
    too_many = sum(len(row) for row in keyboard) > MOST_BUTTONS
    size = len(json.dumps(markup, ensure_ascii=False, separators=(",", ":")).encode())
    if too_wide or too_many or size > LONGEST_MARKUP_BYTES:
        raise bad_request("reply markup is too long")


def _inline_button(button: Json) -> Json:
    label = {"text": button["text"].strip()} | ({"style": button["style"]} if "style" in button else {})
    if "callback_data" in button:
        return label | {"callback_data": _callback_data(button["callback_data"])}
    if "url" in button:
        return label | {"url": _button_url(str(button["url"]))}
    if "web_app" in button:
        return label | {"web_app": _web_app(button["web_app"])}
    if "copy_text" in button:
        return label | {"copy_text": _copy_text(button["copy_text"])}
    for name in ("switch_inline_query", "switch_inline_query_current_chat"):
        if name in button:
            return label | {name: str(button[name])}
    raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")


def _callback_data(data: Any) -> str:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= LONGEST_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return data


def _button_url(address: str) -> str:
    link = checked_link(address)
    if link is None:
        raise bad_request(f"inline keyboard button URL '{address}' is invalid: Wrong HTTP URL")
    return link


def _web_app(app: Any) -> Json:
    address = str(app.get("url", "")) if isinstance(app, dict) else ""
    if not is_https(address):
        is_plain = address.lower().startswith("http://")
        reason = "Only HTTPS links are allowed" if is_plain else "Wrong HTTP URL"
        raise bad_request(f"inline keyboard button Web App URL '{address}' is invalid: {reason}")
    return {"url": address}


def _copy_text(copied: Any) -> Json:
    text = copied.get("text", "") if isinstance(copied, dict) else ""
    if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_COPIED_TEXT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"text": text}


def _reply_keyboard(markup: Json) -> Json | None:
    rows = _rows(markup["keyboard"], "keyboard")
    kept = [[_reply_button(button) for button in row if _label(button, "reply")] for row in rows]
    keyboard = [row for row in kept if row]
    if not keyboard:
        return None
    result = {**markup, "keyboard": keyboard}
    _check_size(keyboard, result)
    return result


def _reply_button(button: Any) -> Json:
    return {"text": button.strip()} if isinstance(button, str) else {**button, "text": button["text"].strip()}
