"""The preview as a person starts it: the bot is a process of its own and lives by the clock of the page."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

pytestmark = pytest.mark.anyio


async def until(session: aiohttp.ClientSession, url: str, holds: Callable[[Any], bool]) -> Any:
    """The chat's state once something holds in it; changes are waited for at the server."""
    async with asyncio.timeout(90):
        while True:
            async with session.get(f"{url}/preview/api/state") as response:
                state = await response.json()
            if holds(state):
                return state
            async with session.get(f"{url}/preview/api/changes", params={"since": state["number"]}):
                pass


def said(state: Any, words: str) -> list[Any]:
    return [each for each in state["messages"] if each["from"]["is_bot"] and words in each.get("text", "")]


async def test_a_reminder_comes_when_the_clock_of_the_page_is_moved():
    preview = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "preview", "--port", "0", "--no-browser"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert preview.stdout is not None
    url = (await preview.stdout.readline()).decode().strip().removesuffix("/preview/")
    try:
        async with aiohttp.ClientSession() as session:

            async def act(what: str, **fields: Any) -> None:
                body = json.dumps({"person": "ann", **fields})
                headers = {"Content-Type": "application/json", "Origin": url}
                async with session.post(f"{url}/preview/api/{what}", data=body, headers=headers) as response:
                    assert response.status == 200, await response.text()

            state = await until(session, url, lambda state: bool(state["people"]))
            ann = next(each["id"] for each in state["people"] if each["key"] == "ann")
            await act("send", chat=ann, text="remind me in 3 hours to stretch")
            state = await until(session, url, lambda state: bool(said(state, "Understood")))
            message = said(state, "Understood")[0]["message_id"]
            await act("press", chat=ann, message=message, data="v1:rem:save.")
            await until(session, url, lambda state: bool(said(state, "Do you agree?")))
            await act("press", chat=ann, message=message, data="v1:rem:agree.")
            await until(session, url, lambda state: bool(said(state, "Saved: stretch")))
            await act("clock", forward=3 * 3600 + 5)
            await until(session, url, lambda state: bool(said(state, "⏰ stretch")))
    finally:
        preview.terminate()
        await preview.wait()
