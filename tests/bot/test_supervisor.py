"""The preview: the real bot as a child process, kept alive, ended with its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.preview.server import LocalBotApi
from bot.supervisor import Supervisor, child_environment

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
ECHO_BOT = (
    sys.executable,
    "-c",
    """
import sys
from bot.settings import read_settings
from bot.telegram.run import serve
from tests.bot.echo_bot import parts
sys.exit(serve(read_settings(None), parts()))
""",
)


async def started(api: LocalBotApi, times: int) -> None:
    """Waits until the bot has introduced itself so many times."""
    ring = api.api.bell.next_ring()
    while sum(call.method == "getme" for call in api.state.calls) < times:
        await ring
        ring = api.api.bell.next_ring()
    ring.cancel()


async def test_a_bot_that_is_killed_is_started_again_and_answers_what_came_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setenv("TELEGRAM_TOKEN", "999999:of-the-host-which-must-not-be-used-here")
    told: list[str] = []
    async with LocalBotApi() as api:
        environment = child_environment(api_url=api.url, token=api.token, database=tmp_path / "preview.db")
        supervisor, stop = Supervisor(ECHO_BOT, environment, tell=told.append), asyncio.Event()
        running = asyncio.create_task(supervisor.run(stop))
        async with asyncio.timeout(60):
            await started(api, 1)
            first = supervisor.child
            assert first is not None
            os.kill(first.pid, signal.SIGKILL)
            ann = api.person("ann")
            ann.sends("one")
            assert (await ann.next_reply(seconds=60)).text.startswith("1: one")
        second = supervisor.child
        assert second is not None
        assert second.pid != first.pid
        stop.set()
        await running
        assert second.returncode == 0
    assert len(told) == 1
    assert "status -9" in told[0]


async def test_a_child_that_ignores_the_wish_to_end_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr("bot.supervisor.ENDING_SECONDS", 0.05)
    stubborn = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w'); signal.pause()"
    )
    pipe, stop = tmp_path / "pipe", asyncio.Event()
    os.mkfifo(pipe)
    supervisor = Supervisor((sys.executable, "-c", stubborn, str(pipe)), dict(os.environ), tell=lambda _words: None)
    running = asyncio.create_task(supervisor.run(stop))
    await asyncio.to_thread(pipe.read_bytes)  # ends once the child has made itself deaf and opened it
    stop.set()
    await running
    assert supervisor.child is not None
    assert supervisor.child.returncode == -signal.SIGKILL


async def test_the_preview_prints_its_address_alone_on_standard_output_and_ends_cleanly(tmp_path):
    sleeper = f"[{sys.executable!r}, '-c', 'import signal; signal.pause()']"
    program = f"from bot.supervisor import preview; preview(port=0, open_browser=False, command={sleeper})"
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    address = (await asyncio.wait_for(parent.stdout.readline(), 30)).decode()
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/preview/\n")
    parent.terminate()
    rest, _ = await asyncio.wait_for(parent.communicate(), 30)
    assert (parent.returncode, rest) == (0, b"")
