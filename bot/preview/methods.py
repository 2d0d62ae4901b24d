"""What does each Bot API method change, and what does it answer?"""

import dataclasses
from collections.abc import Callable
from typing import Any

from bot.preview.answering import answer_callback_query, answer_inline_query
from bot.preview.limits import FloodGate
from bot.preview.parameters import Parameters, check_strings
from bot.preview.profile import Profile, checked_commands, checked_language, checked_scope
from bot.preview.refusal import Json, Refusal, bad_request, conflict, flood, not_found, unauthorized
from bot.preview.sending import (
    addressed_chat,
    delete_message,
    delete_messages,
    edit_message_caption,
    edit_message_markup,
    edit_message_text,
    send_chat_action,
    send_document,
    send_message,
    send_photo,
)
from bot.preview.telegram_state import TelegramState
from bot.preview.update_queue import MOST_AT_ONCE
from bot.preview.webhook_rules import checked_webhook

Method = Callable[[TelegramState, Parameters, float], Any]
COUNTED = frozenset({"sendmessage", "sendphoto", "senddocument", "editmessagetext", "editmessagecaption"})
LONGEST_NAME = 64
LONGEST_DESCRIPTION = 512
LONGEST_SHORT_DESCRIPTION = 120


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A result with a sentence beside it, as setWebhook gives it."""

    result: Any
    description: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What may be chosen: limits on or off, and whether a webhook may be plain http on this machine."""

    gate: FloodGate | None = None
    loopback_webhooks: bool = False


def apply(
    state: TelegramState, method: str, call: Parameters, *, now: float, rules: Rules, token: str | None = None
) -> Json:
    """Carry out one call and give the envelope of its answer; refusals are written down in the state.

    `method` in any case; `token` is compared with the bot's when given; `now` in Unix seconds.
    """
    try:
        if token is not None and (token != state.token or state.is_token_revoked):
            raise unauthorized()
        check_strings(dict(call.fields))
        result = _carry_out(state, method.lower(), call, now, rules)
    except Refusal as refusal:
        state.note_refusal(method, refusal, now=now)
        return refusal.envelope()
    if isinstance(result, Told):
        return {"ok": True, "result": result.result, "description": result.description}
    return {"ok": True, "result": result}


def _carry_out(state: TelegramState, method: str, call: Parameters, now: float, rules: Rules) -> Any:
    if method == "setwebhook":
        return set_webhook(state, call, now, loopback_http=rules.loopback_webhooks)
    if method not in METHODS:
        raise not_found()
    if rules.gate is not None and method in COUNTED and not call.text("inline_message_id"):
        chat = addressed_chat(state, call)
        pause = rules.gate.pause_before(chat.id, is_group=not chat.is_private, now=now)
        if pause:
            raise flood(pause)
    return METHODS[method](state, call, now)


# --- receiving ---


def get_updates(state: TelegramState, call: Parameters, now: float) -> list[Json]:
    """Give what waits; waiting for more is the server's business."""
    if state.webhook is not None:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    _remember_allowed(state, call)
    limit = call.number("limit", MOST_AT_ONCE, least=1, most=MOST_AT_ONCE)
    updates = state.updates.take(offset=call.number("offset"), limit=limit, now=now)
    return [update.as_json() for update in updates]


def set_webhook(state: TelegramState, call: Parameters, now: float, *, loopback_http: bool) -> Told:
    """Have updates sent to an address from now on; an empty address ends that."""
    url = call.text("url").strip()
    if not url:
        return delete_webhook(state, call, now)
    webhook = checked_webhook(
        url,
        secret=call.text("secret_token"),
        connections=call.number("max_connections", 40),
        loopback_http=loopback_http,
    )
    _remember_allowed(state, call)
    if call.flag("drop_pending_updates"):
        state.updates.clear()
    state.webhook = webhook
    state.note("webhook", {"url": webhook.url})
    return Told(result=True, description="Webhook was set")


def delete_webhook(state: TelegramState, call: Parameters, now: float) -> Told:
    """Stop sending updates to an address."""
    del now
    if call.flag("drop_pending_updates"):
        state.updates.clear()
    if state.webhook is None:
        return Told(result=True, description="Webhook is already deleted")
    state.webhook = None
    state.note("webhook", {"url": ""})
    return Told(result=True, description="Webhook was deleted")


def get_webhook_info(state: TelegramState, call: Parameters, now: float) -> Json:
    """Say where updates go and how that fares."""
    del call
    pending, allowed = len(state.updates.waiting(now)), state.updates.allowed
    if state.webhook is None:
        unset: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": pending}
        return unset | ({"allowed_updates": list(allowed)} if allowed else {})
    return state.webhook.info(pending=pending, allowed=allowed)


def _remember_allowed(state: TelegramState, call: Parameters) -> None:
    kinds = call.structure("allowed_updates", "allowed updates")
    if kinds is None:
        return
    if not isinstance(kinds, list):
        raise bad_request("can't parse allowed updates: Expected an Array of String")
    state.updates.allow(str(kind) for kind in kinds)


# --- who is who ---


def get_me(state: TelegramState, call: Parameters, now: float) -> Json:
    """Say who the bot is."""
    del call, now
    return {
        **state.bot_user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(state: TelegramState, call: Parameters, now: float) -> Json:
    """Say what is known about a chat."""
    del now
    chat = state.known_chat(call.number("chat_id") or None)
    more: Json = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _NO_GIFTS}
    return {**chat.as_json(), **more}


_NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def get_chat_member(state: TelegramState, call: Parameters, now: float) -> Json:
    """Say what somebody is in a chat."""
    del now
    chat = state.known_chat(call.number("chat_id") or None)
    user_id = call.number("user_id")
    if user_id == state.bot_id:
        status = "member" if chat.is_private else chat.bot_status
        return {"user": state.bot_user(), "status": status} | ({"until_date": 0} if status == "kicked" else {})
    person = state.people.get(user_id)
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    inside = person.id == chat.id or person.id in chat.members
    return {"user": person.as_user(), "status": "member" if inside else "left"}


# --- what the bot says about itself ---


def set_my_commands(state: TelegramState, call: Parameters, now: float) -> bool:
    """Set the command list of one scope and language."""
    del now
    commands = checked_commands(call.structure("commands", "commands"))
    key = _commands_key(state, call)
    if commands:
        state.profile.commands[key] = commands
    else:
        state.profile.commands.pop(key, None)
    state.note("profile", {})
    return True


def get_my_commands(state: TelegramState, call: Parameters, now: float) -> list[Json]:
    """Give the command list of exactly this scope and language."""
    del now
    return state.profile.commands.get(_commands_key(state, call), [])


def delete_my_commands(state: TelegramState, call: Parameters, now: float) -> bool:
    """Forget the command list of one scope and language."""
    del now
    state.profile.commands.pop(_commands_key(state, call), None)
    state.note("profile", {})
    return True


def _commands_key(state: TelegramState, call: Parameters) -> tuple[tuple[str, int, int], str]:
    scope = checked_scope(call.structure("scope", "bot command scope"))
    if scope[1]:
        state.known_chat(scope[1])
    return scope, checked_language(call.text("language_code"))


def _text_setter(field: str, texts: Callable[[Profile], dict[str, str]], longest: int, refusal: str) -> Method:
    def set_text(state: TelegramState, call: Parameters, now: float) -> bool:
        del now
        language, text = checked_language(call.text("language_code")), call.text(field).strip()
        if len(text) > longest:
            raise bad_request(refusal)
        if text:
            texts(state.profile)[language] = text
        else:
            texts(state.profile).pop(language, None)
        state.note("profile", {})
        return True

    return set_text


def _text_getter(field: str, texts: Callable[[Profile], dict[str, str]]) -> Method:
    def get_text(state: TelegramState, call: Parameters, now: float) -> Json:
        del now
        known = texts(state.profile)
        default = state.bot_name if field == "name" else ""
        return {field: known.get(checked_language(call.text("language_code"))) or known.get("", default)}

    return get_text


def set_menu_button(state: TelegramState, call: Parameters, now: float) -> bool:
    """Choose what the button beside the text field opens, for one private chat or all."""
    del now
    button = call.structure("menu_button", "menu button") or {"type": "default"}
    kinds = {"default", "commands", "web_app"}
    if not isinstance(button, dict) or str(button.get("type")) not in kinds:
        raise bad_request("can't parse menu button: Unsupported type specified")
    state.profile.menu_buttons[call.number("chat_id")] = button
    return True


def get_menu_button(state: TelegramState, call: Parameters, now: float) -> Json:
    """Say what the button beside the text field opens."""
    del now
    buttons = state.profile.menu_buttons
    return buttons.get(call.number("chat_id")) or buttons.get(0) or {"type": "commands"}


def say_true(state: TelegramState, call: Parameters, now: float) -> bool:
    """Log out or close: nothing changes here, the answer is what Telegram's own server gives."""
    del state, call, now
    return True


METHODS: dict[str, Method] = {
    "getme": get_me,
    "getupdates": get_updates,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendchataction": send_chat_action,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "answercallbackquery": answer_callback_query,
    "answerinlinequery": answer_inline_query,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setmyname": _text_setter("name", lambda p: p.names, LONGEST_NAME, "BOT_TITLE_INVALID"),
    "getmyname": _text_getter("name", lambda p: p.names),
    "setmydescription": _text_setter(
        "description", lambda p: p.descriptions, LONGEST_DESCRIPTION, "BOT_DESCRIPTION_INVALID"
    ),
    "getmydescription": _text_getter("description", lambda p: p.descriptions),
    "setmyshortdescription": _text_setter(
        "short_description", lambda p: p.short_descriptions, LONGEST_SHORT_DESCRIPTION, "BOT_ABOUT_INVALID"
    ),
    "getmyshortdescription": _text_getter("short_description", lambda p: p.short_descriptions),
    "setchatmenubutton": set_menu_button,
    "getchatmenubutton": get_menu_button,
    "logout": say_true,
    "close": say_true,
}
