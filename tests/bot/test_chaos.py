"""The short form of benchmarks/chaos.py.

Kills on each database, everything once and in order all the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).parents[2] / "benchmarks" / "chaos.py"
HALF = ["--count", "400", "--kills", "8"]
RUNS = {
    ("deliver", "sqlite"): [],
    ("intake", "sqlite"): HALF,
    ("deliver", "postgresql"): [*HALF, "--workers", "3", "--stops", "1"],
    ("intake", "postgresql"): [*HALF, "--workers", "3", "--stops", "1"],
}


@pytest.fixture(scope="module")
def started():
    """All four runs at once: most of their time they wait for leases."""
    running = {
        run: subprocess.Popen(
            [sys.executable, RUNNER, run[0], "--backend", run[1], "--limit-s", "120", *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for run, more in RUNS.items()
    }
    yield running
    for process in running.values():
        process.kill()
        process.communicate()


@pytest.mark.parametrize("run", RUNS, ids="-".join)
def test_nothing_is_lost_by_kills_and_only_what_was_under_way_is_repeated(started, run):
    out, err = started[run].communicate(timeout=200)
    assert out, err
    outcome = json.loads(out)
    assert (outcome["lost"], outcome["left_over"], outcome["inversions"]) == (0, 0, 0)
    assert outcome["copies"] <= outcome["copies_allowed"]
    assert outcome["unexplained"] <= 8 * outcome["workers"] * outcome["stops"]
    if run[0] == "deliver":
        assert outcome["most_of_one"] <= 2
