"""What python-telegram-bot itself makes of the local Bot API's answers."""

import asyncio

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from bot.preview.faults import Fault, FaultKind, PlannedFaults, RandomFaults
from bot.preview.limits import FloodGate, Rates
from bot.preview.server import LocalBotApi

pytestmark = [
    pytest.mark.anyio,
    # python-telegram-bot announces a later type of RetryAfter.retry_after whenever it is made
    pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning"),
]


def bot_of(api: LocalBotApi) -> Bot:
    return Bot(api.token, base_url=f"{api.url}/bot")


async def test_a_message_goes_to_the_bot_and_an_answer_comes_back(api: LocalBotApi, bot: Bot) -> None:
    ann = api.person("ann")
    ann.sends("hello /ask")
    update = (await bot.get_updates())[0]
    assert update.message is not None
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "en"
    await bot.send_message(ann.id, "<b>Good</b> day 😀", parse_mode="HTML")
    reply = await ann.next_reply()
    assert reply.text == "Good day 😀"
    assert reply.content["entities"] == [{"type": "bold", "offset": 0, "length": 4}]


async def test_a_button_is_pressed_answered_and_its_message_edited(api: LocalBotApi, bot: Bot) -> None:
    ann = api.person("ann")
    ann.sends("hello")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="v1:more:7")]])
    await bot.send_message(ann.id, "first", reply_markup=keyboard)
    ann.presses("More")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert [press.data for press in api.unanswered] == ["v1:more:7"]
    await query.answer("Here it is", show_alert=True)
    assert await ann.next_answer() == {"text": "Here it is", "show_alert": True, "url": ""}
    await query.edit_message_text("second")
    assert (await ann.next_edit()).text == "second"
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is inv"):
        await query.answer()


async def test_inline_results_are_offered_and_chosen(api: LocalBotApi, bot: Bot) -> None:
    boris = api.person("boris")
    asked = boris.asks_inline("kneading")
    query = (await bot.get_updates())[-1].inline_query
    assert query is not None
    content = InputTextMessageContent("<i>words</i>", parse_mode="HTML")
    await query.answer([InlineQueryResultArticle("1", "Kneading", content)], is_personal=True, cache_time=0)
    offered = await boris.next_inline_answer()
    assert offered.id == asked.id
    assert boris.chooses(offered, "1", chat=api.group().id).text == "words"


async def test_refusals_become_the_exceptions_bots_know(api: LocalBotApi, bot: Bot) -> None:
    ann = api.person("ann")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(ann.id, "x")
    ann.sends("hello")
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(ann.id, "x" * 4097)
    with pytest.raises(BadRequest, match='unsupported start tag "x" at byte offset 0'):
        await bot.send_message(ann.id, "<x>", parse_mode="HTML")
    sent = await bot.send_message(ann.id, "x")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_text("x")
    ann.blocks_bot()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ann.id, "x")
    moved = api.group()
    new = moved.becomes_supergroup(ann)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(moved.id, "x")
    assert caught.value.new_chat_id == new.id
    assert len(api.refusals) == 6


async def test_a_wrong_or_revoked_token_is_invalid(api: LocalBotApi, bot: Bot) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", base_url=f"{api.url}/bot"):
            pytest.fail("a wrong token was let in")
    api.revoke_token()
    with pytest.raises(InvalidToken):
        await bot.get_updates()


async def test_a_second_poll_ends_the_first_with_a_conflict(api: LocalBotApi, bot: Bot) -> None:
    async with bot_of(api) as other:
        first = asyncio.create_task(bot.get_updates(timeout=50))
        await api.until(lambda: api.api.polls > 0)
        second = asyncio.create_task(other.get_updates(timeout=50))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        api.person("ann").sends("hello")
        assert len(await second) == 1


async def test_a_bot_that_hung_up_may_poll_again(api: LocalBotApi, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await api.until(lambda: api.api.polls > 0)
    first.cancel()
    await asyncio.wait({first})
    await bot.get_updates()
    assert api.refusals == []


async def test_a_waiting_poll_gets_an_update_as_soon_as_it_is_made(api: LocalBotApi, bot: Bot) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=50))
    await api.until(lambda: api.api.polls > 0)
    api.person("ann").sends("hello")
    assert [update.message.text for update in await waiting if update.message] == ["hello"]


async def test_too_many_messages_must_wait() -> None:
    async with LocalBotApi(gate=FloodGate(Rates(chat_burst=1))) as api, bot_of(api) as bot:
        ann = api.person("ann")
        ann.sends("hello")
        await bot.send_message(ann.id, "one")
        with pytest.raises(RetryAfter):
            await bot.send_message(ann.id, "two")
        api.move_clock(2)
        await bot.send_message(ann.id, "three")
        assert [reply.text for reply in ann.replies()] == ["one", "three"]


@pytest.mark.parametrize(
    ("kind", "error", "is_sent"),
    [
        (FaultKind.SERVER_ERROR, NetworkError, False),
        (FaultKind.BAD_GATEWAY, NetworkError, False),
        (FaultKind.FLOOD, RetryAfter, False),
        (FaultKind.DROPPED_BEFORE, NetworkError, False),
        (FaultKind.DROPPED_AFTER, NetworkError, True),
    ],
)
async def test_a_fault_fails_once_and_says_whether_it_was_sent(
    kind: FaultKind, error: type[Exception], *, is_sent: bool
) -> None:
    async with LocalBotApi(faults=PlannedFaults({"sendMessage": [kind]})) as api, bot_of(api) as bot:
        ann = api.person("ann")
        ann.sends("hello")
        with pytest.raises(error):
            await bot.send_message(ann.id, "one")
        assert [reply.text for reply in ann.replies()] == (["one"] if is_sent else [])
        await bot.send_message(ann.id, "two")
        assert ann.replies()[-1].text == "two"
        assert api.state.calls[-2].fault == kind.name.lower()


async def test_a_slow_answer_was_sent_although_the_bot_gave_up() -> None:
    faults = PlannedFaults({"sendMessage": [Fault(kind=FaultKind.SLOW, seconds=600)]})
    async with LocalBotApi(faults=faults) as api, bot_of(api) as bot:
        ann = api.person("ann")
        ann.sends("hello")
        with pytest.raises(TimedOut):
            await bot.send_message(ann.id, "one", read_timeout=0.05)
        assert (await ann.next_reply()).text == "one"


async def test_faults_by_chance_are_the_same_for_the_same_seed() -> None:
    def fault_of(kind: FaultKind) -> Fault:
        return Fault(kind=kind)

    def drawn(seed: int) -> list[Fault | None]:
        plan = RandomFaults(seed, {"*": 0.5, "getme": 0.0})
        assert plan.next_fault("getMe") is None
        return [plan.next_fault("sendMessage") for _ in range(200)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert {None, *map(fault_of, FaultKind)} - set(drawn(1)) == {fault_of(FaultKind.SLOW)}
