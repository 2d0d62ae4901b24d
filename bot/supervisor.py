"""How does the preview run? The local Bot API in this process, the real bot as a child that is kept alive."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.preview.server import LocalBotApi
from bot.telegram.clock import CLOCK_URL

ENDING_SECONDS: Final = 10.0
_LONGEST_PAUSE: Final = 30.0
_LIVED_LONG: Final = 10.0
BOT: Final = (sys.executable, "-m", "bot", "run")
_NOT_FOR_THE_CHILD: Final = frozenset({"TELEGRAM_TOKEN", "TELEGRAM_TOKEN_FILE", "WEBHOOK_URL", "METRICS_PORT"})


class PortTaken(Exception):
    """Another program uses the port."""


class Supervisor:
    """Keeps one child process alive until told to end.

    Args:
        command: what to start.
        environment: the child's whole environment.
        tell: says a sentence to the person who watches.
    """

    def __init__(  # described above
        self, command: Sequence[str], environment: Mapping[str, str], *, tell: Callable[[str], None]
    ) -> None:
        self._command = command
        self._environment = environment
        self._tell = tell
        self.child: asyncio.subprocess.Process | None = None
        """The child as it was last started."""

    async def run(self, stop: asyncio.Event) -> None:
        """Starts the child, and again whenever it dies; ends it, gently at first, once `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        pause = 0.5
        try:
            while not stop.is_set():
                started = asyncio.get_running_loop().time()
                self.child = await asyncio.create_subprocess_exec(*self._command, env=dict(self._environment))
                await self._until_either(self.child, stopping)
                if stop.is_set():
                    break
                lived = asyncio.get_running_loop().time() - started
                pause = 0.5 if lived > _LIVED_LONG else min(2 * pause, _LONGEST_PAUSE)
                self._tell(f"The bot ended (status {self.child.returncode}); it is started again in {pause:g} s.")
                await asyncio.wait({stopping}, timeout=pause)
        finally:
            stopping.cancel()
            if self.child is not None:
                await _end(self.child)

    async def _until_either(self, child: asyncio.subprocess.Process, stopping: asyncio.Task[bool]) -> None:
        ending = asyncio.create_task(child.wait())
        await asyncio.wait({ending, stopping}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()


async def _end(child: asyncio.subprocess.Process) -> None:
    """Asks the child to end; kills it when it does not."""
    if child.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(ENDING_SECONDS):
            await child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def child_environment(*, api_url: str, token: str, database: Path) -> dict[str, str]:
    """The real bot's environment beside a local Bot API: ours, but with that address, token and an own database."""
    root = str(Path(__file__).resolve().parent.parent)
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in _NOT_FOR_THE_CHILD}
    paths = [root, inherited["PYTHONPATH"]] if inherited.get("PYTHONPATH") else [root]
    return inherited | {
        "TELEGRAM_TOKEN": token,
        "TELEGRAM_TOKEN_FILE": "",
        "TELEGRAM_API_URL": api_url,
        "DATABASE_URL": f"sqlite:///{database}",
        "WEBHOOK_URL": "",
        "METRICS_PORT": "",
        CLOCK_URL: f"{api_url}/preview/api/clock",
        "PYTHONPATH": os.pathsep.join(paths),
    }


def preview(*, port: int, open_browser: bool, command: Sequence[str] = BOT) -> int:
    """Runs the preview until Ctrl-C or SIGTERM; exit status 0. The page's address goes to standard output.

    Raises:
        PortTaken: choose another port.
    """
    try:
        asyncio.run(_preview(port, open_browser=open_browser, command=command))
    except KeyboardInterrupt:
        return 0
    return 0


async def _preview(port: int, *, open_browser: bool, command: Sequence[str]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    with tempfile.TemporaryDirectory(prefix="massage-bot-preview-", ignore_cleanup_errors=True) as folder:
        async with contextlib.AsyncExitStack() as running:
            try:
                api = await running.enter_async_context(LocalBotApi(port=port, first_retry_pause=1.0))
            except OSError as error:
                raise PortTaken(f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}); try --port 0") from None
            _announce(api.url, open_browser=open_browser)
            database = Path(folder) / "preview.db"
            environment = child_environment(api_url=api.url, token=api.token, database=database)
            await Supervisor(command, environment, tell=_tell).run(stop)


def _announce(url: str, *, open_browser: bool) -> None:
    _tell("The chat page of the bot, on this machine only (Ctrl-C ends it):")
    sys.stdout.write(f"{url}/preview/\n")
    sys.stdout.flush()
    if open_browser:
        with contextlib.suppress(webbrowser.Error, OSError):
            webbrowser.open(f"{url}/preview/")


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
