"""Run the measurements: `python -m benchmarks.figures [--short] [name …]`."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.figures.every import EVERY
from benchmarks.figures.measured import write_down


def main() -> int:
    """0 when every figure that ran holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip())
    parser.add_argument("names", nargs="*", help="all of them when left out")
    parser.add_argument("--short", action="store_true", help="the form that the tests run")
    parser.add_argument("--list", action="store_true", help="only tell the names")
    chosen = parser.parse_args()
    if chosen.list:
        print("\n".join(f"{name:28} {figure.says}" for name, figure in EVERY.items()))
        return 0
    if unknown := set(chosen.names) - set(EVERY):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}; --list tells the names")
    holds = True
    for name in chosen.names or EVERY:
        print(f"== {name}: {EVERY[name].says}", file=sys.stderr, flush=True)
        started = time.monotonic()
        measured = EVERY[name].run(not chosen.short)
        write_down(EVERY[name], measured, long=not chosen.short, seconds=time.monotonic() - started)
        told = ", ".join(f"{key} {value:g}" for key, value in measured.numbers.items())
        print(f"{name}: {'holds' if not measured.broken else f'BROKEN {measured.broken}'}: {told}", flush=True)
        holds = holds and not measured.broken
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
