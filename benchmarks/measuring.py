"""How is another process started, watched and told what to do? CPU is that of the measured process alone."""

# ruff: noqa: D102 (imports are part of what is measured)

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
import psutil

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "123456789:" + "A" * 35


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def cpu_seconds(pid: int) -> float:
    """CPU of all threads of a process so far; from the scheduler's own count where there is one."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    except (OSError, ValueError, IndexError):
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)


def megabytes(pid: int) -> float:
    """Resident memory."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


class Api:
    """The local Bot API in its process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bot_api"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self.url = f"http://127.0.0.1:{int(self._line())}"

    def tell(self, **told: object) -> dict[str, Any]:
        """Gives one order; what came of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps(told) + b"\n")
        self._process.stdin.flush()
        said: dict[str, Any] = orjson.loads(self._line())
        if "failed" in said:
            raise RuntimeError(f"{told}: {said}")
        return said

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the local Bot API has ended")
        return line


class Bot:
    """A bot in its process, from its start to its end."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.began = time.monotonic()
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                env={**os.environ, "TELEGRAM_TOKEN": TOKEN, **environment},
                stdout=out,
                stderr=out,
                cwd=ROOT,
            )
        self._log = log

    @property
    def cpu(self) -> float:
        self._check()
        return cpu_seconds(self._process.pid)

    @property
    def memory(self) -> float:
        self._check()
        return megabytes(self._process.pid)

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _check(self) -> None:
        if self._process.poll() is not None:
            raise RuntimeError(f"it has ended: {self._log.read_text(errors='replace')[-2000:]}")
