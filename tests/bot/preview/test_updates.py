"""Which updates the bot gets, when they are forgotten, and what groups keep from it."""

import dataclasses

import pytest

from bot.preview import person_side
from bot.preview.profile import checked_language
from bot.preview.refusal import Refusal
from bot.preview.update_queue import UpdateQueue
from tests.bot.preview.conftest import Telegram


def texts(telegram: Telegram, **fields: object) -> list[str]:
    return [update["message"]["text"] for update in telegram.updates(**fields)]


def test_an_update_comes_again_until_a_later_offset_confirms_it(telegram: Telegram) -> None:
    telegram.says(telegram.ann, "one")
    telegram.says(telegram.ann, "two")
    first = telegram.updates()[0]["update_id"]
    assert texts(telegram) == texts(telegram, offset=first) == ["one", "two"]
    assert texts(telegram, offset=first + 1) == ["two"]
    assert texts(telegram) == ["two"]


def test_a_negative_offset_keeps_only_the_last(telegram: Telegram) -> None:
    for word in ("one", "two", "three"):
        telegram.says(telegram.ann, word)
    assert texts(telegram, offset=-2) == ["two", "three"]
    assert texts(telegram) == ["two", "three"]


@pytest.mark.parametrize(("limit", "given"), [(1, 1), (0, 1), (100, 100), (1000, 100), ("x", 100)])
def test_the_limit_lies_between_1_and_100(telegram: Telegram, limit: object, given: int) -> None:
    for number in range(101):
        telegram.says(telegram.ann, str(number))
    assert len(telegram.updates(limit=limit)) == given


def test_updates_are_kept_for_a_day(telegram: Telegram) -> None:
    telegram.says(telegram.ann, "one")
    telegram.now += 24 * 3600
    assert telegram.updates() == []


def test_allowed_updates_are_remembered_and_apply_when_an_update_is_made(telegram: Telegram) -> None:
    telegram.updates(allowed_updates='["message"]')
    person_side.set_blocked(telegram.state, telegram.ann, blocked=True, now=telegram.now)
    telegram.updates(allowed_updates="[]")
    assert telegram.updates() == []
    person_side.set_blocked(telegram.state, telegram.ann, blocked=False, now=telegram.now)
    change = telegram.updates()[-1]["my_chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("kicked", "member")


def test_membership_of_others_and_reactions_come_only_if_asked_for() -> None:
    queue = UpdateQueue()
    assert queue.add("chat_member", {}, lane=1, now=0) is None
    assert queue.add("message_reaction", {}, lane=1, now=0) is None
    queue.allow(["chat_member"])
    assert queue.add("chat_member", {}, lane=1, now=0) is not None
    assert queue.add("message", {}, lane=1, now=0) is None


def test_an_edited_message_comes_as_such(telegram: Telegram) -> None:
    message = telegram.says(telegram.ann, "one")
    person_side.edit(telegram.state, telegram.ann, telegram.ann.id, message.message_id, "two", now=telegram.now)
    assert telegram.updates()[-1]["edited_message"]["text"] == "two"


def test_in_a_group_the_bot_hears_commands_mentions_and_replies_only(telegram: Telegram) -> None:
    group = telegram.group_id
    sent = telegram.result("sendMessage", chat_id=group, text="x")
    telegram.says(telegram.ann, "my back hurts", chat=group)
    telegram.says(telegram.ann, "/ask@other_bot x", chat=group)
    for heard in ("/ask neck", "hey @massage_preview_bot"):
        telegram.says(telegram.ann, heard, chat=group)
    telegram.says(telegram.boris, "why?", chat=group, reply_to=sent["message_id"])
    assert texts(telegram) == ["/ask neck", "hey @massage_preview_bot", "why?"]


def test_whoever_blocked_the_bot_cannot_write_to_it(telegram: Telegram) -> None:
    person_side.set_blocked(telegram.state, telegram.ann, blocked=True, now=telegram.now)
    with pytest.raises(person_side.CannotDo):
        telegram.says(telegram.ann, "hello")


def test_getting_updates_is_refused_while_a_webhook_is_set(telegram: Telegram) -> None:
    telegram.result("setWebhook", url="https://example.org/x")
    assert telegram.refusal("getUpdates") == (
        "409 Conflict: can't use getUpdates method while webhook is active;"
        " use deleteWebhook to delete the webhook first"
    )
    telegram.result("deleteWebhook")
    assert telegram.updates() == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"url": "http://example.org"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://example.org:81"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ({"url": "https://example.org", "secret_token": "x" * 257}, "secret token is too long"),
        (
            {"url": "https://example.org", "secret_token": "a b"},
            "secret token contains unallowed characters",
        ),
    ],
)
def test_wrong_webhooks_are_refused(telegram: Telegram, fields: dict[str, str], reason: str) -> None:
    assert telegram.refusal("setWebhook", **fields) == f"400 Bad Request: {reason}"


def commands(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"command": command, "description": about} for command, about in pairs]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (commands(*[(f"c{n}", "x") for n in range(101)]), "BOT_COMMANDS_TOO_MUCH"),
        (commands(*[(f"c{n}", "x" * 256) for n in range(20)]), "BOT_COMMANDS_TOO_MUCH"),
        (commands(("Ask", "x")), "BOT_COMMAND_INVALID"),
        (commands(("ask", " ")), "command description must be non-empty"),
        (commands(("a" * 33, "x")), "command length must not exceed 32"),
    ],
)
def test_wrong_command_lists_are_refused(telegram: Telegram, given: list[dict[str, str]], reason: str) -> None:
    assert telegram.refusal("setMyCommands", commands=given) == f"400 Bad Request: {reason}"


def test_a_language_code_has_two_letters() -> None:
    assert checked_language("ru") == "ru"
    with pytest.raises(Refusal):
        checked_language("pt-br")


def test_command_lists_are_kept_per_scope_and_language(telegram: Telegram) -> None:
    english, russian, grouped = commands(("ask", "Ask")), commands(("ask", "Спросить")), commands(("g", "G"))
    telegram.result("setMyCommands", commands=english)
    telegram.result("setMyCommands", commands=russian, language_code="ru")
    telegram.result("setMyCommands", commands=grouped, scope='{"type": "all_group_chats"}')
    assert telegram.result("getMyCommands") == english
    assert telegram.result("getMyCommands", language_code="ru") == russian
    assert telegram.result("getMyCommands", language_code="de") == []
    seen = telegram.state.profile.commands_seen
    assert seen(chat_id=1, user_id=1, is_private=True, language="de") == english
    assert seen(chat_id=-1, user_id=1, is_private=False, language="ru") == grouped


def test_names_and_descriptions_fall_back_to_the_one_for_everybody(telegram: Telegram) -> None:
    telegram.result("setMyDescription", description="About")
    telegram.result("setMyDescription", description="О боте", language_code="ru")
    assert telegram.result("getMyDescription", language_code="de") == {"description": "About"}
    assert telegram.result("getMyDescription", language_code="ru") == {"description": "О боте"}
    assert telegram.refusal("setMyShortDescription", short_description="x" * 121).startswith("400")


def test_a_language_may_be_missing(telegram: Telegram) -> None:
    telegram.state.put_person(dataclasses.replace(telegram.ann, language=None))
    telegram.says(telegram.ann, "hello")
    assert "language_code" not in telegram.updates()[-1]["message"]["from"]


def test_a_reset_forgets_what_was_said_but_gives_no_number_twice(telegram: Telegram) -> None:
    old = telegram.says(telegram.ann, "one")
    number = telegram.updates()[-1]["update_id"]
    telegram.state.reset()
    assert telegram.updates() == []
    new = telegram.says(telegram.ann, "two")
    assert new.message_id > old.message_id
    assert telegram.updates()[-1]["update_id"] > number
