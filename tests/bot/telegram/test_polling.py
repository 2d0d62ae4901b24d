"""Polling: what is confirmed when, and when it gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from telegram.error import Conflict, InvalidToken, RetryAfter, TimedOut

from bot.intake import RawUpdate
from bot.store.errors import StoreAway
from bot.telegram.polling import AnotherPoller, Polling, PollingLimits, Silence, TokenRefused, dumps
from bot.telegram.request import UnreadableAnswer
from bot.telegram.updates import loads
from tests.bot.telegram.conftest import ScriptedApi

pytestmark = pytest.mark.anyio


class Lock:
    def __init__(self, *, free: bool = True) -> None:
        self.free = free
        self.released = False

    async def take(self) -> bool:
        return self.free

    async def release(self) -> None:
        self.released = True


class Inbox:
    """Keeps what it is given; says no as often as it is told to."""

    def __init__(self, refusals: int = 0) -> None:
        self.stored: list[RawUpdate] = []
        self.refusals = refusals

    async def accept(self, updates: Sequence[RawUpdate]) -> int:
        if self.refusals:
            self.refusals -= 1
            raise StoreAway("away")
        self.stored += updates
        return len(updates)


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def polling(api: ScriptedApi, inbox: Inbox, *, lock: Lock | None = None, watch: Watch | None = None) -> Polling:
    return Polling(api=api, accept=inbox.accept, lock=lock or Lock(), limits=PollingLimits(), tick=watch or Watch())


def update(number: int, chat: int = 5) -> dict[str, Any]:
    return {"update_id": number, "message": {"chat": {"id": chat, "type": "private"}, "from": {"id": chat}}}


def offsets(api: ScriptedApi) -> list[int | None]:
    return [fields.get("offset") for method, fields in api.calls if method == "getUpdates"]


async def test_the_first_poll_has_no_offset_and_each_offset_comes_from_the_batch_in_hand():
    api, inbox = ScriptedApi(getUpdates=[[update(10), update(11)], [], [update(3)], []]), Inbox()
    one = polling(api, inbox)
    for _ in range(4):
        assert await one.step() == 0
    assert offsets(api) == [None, 12, None, 4]
    assert [each.update_id for each in inbox.stored] == [10, 11, 3]


async def test_what_could_not_be_stored_is_not_confirmed():
    api, inbox = ScriptedApi(getUpdates=[[update(10)], [update(10)], []]), Inbox(refusals=1)
    one = polling(api, inbox)
    assert await one.step() > 0
    await one.step()
    await one.step()
    assert offsets(api) == [None, None, 11]
    assert [each.update_id for each in inbox.stored] == [10]


async def test_an_update_keeps_its_chat_and_its_content():
    api, inbox = ScriptedApi(getUpdates=[[update(10, chat=77)]]), Inbox()
    await polling(api, inbox).step()
    assert inbox.stored[0].chat_id == 77
    assert orjson.loads(inbox.stored[0].text) == update(10, chat=77)


async def test_an_answer_that_cannot_be_read_costs_only_the_update_that_spoils_it():
    bad = UnreadableAnswer(b'{"ok":true,"result":[{"update_id":12,"message":{"text":"\xff' + b"[" * 1000)
    api = ScriptedApi(getUpdates=[bad, [update(11)], bad, bad, bad, bad, [update(13)], []])
    inbox = Inbox()
    one = polling(api, inbox)
    for _ in range(8):
        assert await one.step() < 1
    assert [each.update_id for each in inbox.stored] == [11, 13]
    assert offsets(api) == [None, None, 12, 12, 12, 12, 13, 14]
    assert [fields["limit"] for _, fields in api.calls] == [100, 1, 2, 1, 1, 1, 100, 100]


async def test_after_an_answer_that_could_not_be_read_batches_grow_again():
    crowd = [[update(number)] for number in range(1, 11)]
    api, inbox = ScriptedApi(getUpdates=[UnreadableAnswer(b"<html>"), *crowd]), Inbox()
    one = polling(api, inbox)
    for _ in range(9):
        assert await one.step() == 0
    assert [fields["limit"] for _, fields in api.calls] == [100, 1, 2, 4, 8, 16, 32, 64, 100]


async def test_an_answer_that_was_cut_short_on_its_way_costs_nothing():
    cut = UnreadableAnswer(b'{"ok":true,"result":[{"update_id":12,"mess')
    api = ScriptedApi(getUpdates=[cut, cut, cut, [update(12)], []])
    inbox = Inbox()
    one = polling(api, inbox)
    for _ in range(5):
        await one.step()
    assert [each.update_id for each in inbox.stored] == [12]


@pytest.mark.parametrize("result", [True, None, {}, [{}, {"update_id": "x"}], [7, None], UnreadableAnswer(b"<html>")])
async def test_nonsense_is_met_with_patience(result):
    api, inbox = ScriptedApi(getUpdates=[result, result, result]), Inbox()
    one = polling(api, inbox)
    await one.step()
    assert await one.step() > 0
    assert inbox.stored == []


async def test_a_refused_token_ends_polling_with_a_sentence():
    with pytest.raises(TokenRefused, match="BotFather"):
        await polling(ScriptedApi(getUpdates=[InvalidToken("Unauthorized")]), Inbox()).step()


async def test_another_poller_is_waited_for_then_given_up():
    watch = Watch()
    one = polling(
        ScriptedApi(getUpdates=[Conflict("Conflict: terminated by other getUpdates request")] * 9), Inbox(), watch=watch
    )
    pauses = []
    for watch.now in (0, 30, 61, 200, 299):
        pauses.append(await one.step())
    assert pauses == sorted(pauses)
    assert max(pauses) <= 30
    assert not one.is_ready
    watch.now = 301
    with pytest.raises(AnotherPoller, match="Stop it"):
        await one.step()


async def test_a_webhook_that_is_still_set_is_removed_and_nothing_waiting_is_dropped():
    conflict = Conflict("Conflict: can't use getUpdates method while webhook is active")
    api, inbox = ScriptedApi(getUpdates=[conflict, [update(10)]]), Inbox()
    one = polling(api, inbox)
    await one.step()
    await one.step()
    assert api.calls[1] == ("deleteWebhook", {"drop_pending_updates": False})
    assert [each.update_id for each in inbox.stored] == [10]


async def test_a_silent_network_makes_it_unready_and_then_ends_it():
    watch = Watch()
    one = polling(ScriptedApi(getUpdates=[[], *[TimedOut()] * 9]), Inbox(), watch=watch)
    await one.step()
    readiness = []
    for watch.now in (50, 91, 299):
        assert 0 < await one.step() <= 30
        readiness.append(one.is_ready)
    assert readiness == [True, False, False]
    watch.now = 301
    with pytest.raises(Silence, match="network"):
        await one.step()


async def test_waiting_is_done_when_telegram_asks_for_it():
    assert await polling(ScriptedApi(getUpdates=[RetryAfter(17)]), Inbox()).step() == 17


async def test_a_copy_without_the_lock_stands_by_and_asks_telegram_nothing():
    api, lock, inbox = ScriptedApi(getUpdates=[[update(1)]]), Lock(free=False), Inbox()
    one = polling(api, inbox, lock=lock)
    assert await one.step() > 0
    assert api.calls == []
    lock.free = True
    await one.step()
    assert [each.update_id for each in inbox.stored] == [1]


async def test_stopping_breaks_off_a_poll_and_lets_the_lock_go():
    waiting = asyncio.Event()

    class Endless(ScriptedApi):
        async def call(self, method: str, fields: Any = b"{}") -> Any:
            waiting.set()
            await asyncio.Event().wait()

    lock, stop = Lock(), asyncio.Event()
    running = asyncio.create_task(polling(Endless(), Inbox(), lock=lock).run(stop))
    await waiting.wait()
    stop.set()
    await running
    assert lock.released


@pytest.mark.parametrize("odd", ["\ud83d", 2**80, float("nan"), {"a": ["ё"]}])
def test_whatever_was_read_can_be_kept(odd):
    body = dumps({"update_id": 1, "odd": odd})
    kept = loads(RawUpdate(update_id=1, chat_id=0, body=body).text)["odd"]
    assert kept == odd or isinstance(odd, float)  # not a number is equal to nothing, itself included


def test_what_nests_too_deep_is_kept_as_nothing():
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert loads(dumps({"update_id": 1, "deep": deep})) == {}
