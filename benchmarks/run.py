"""`python -m benchmarks.run [names…]`: measures what is named, or everything, and writes it all down.

Names: content, ask, length, repeated, vocabulary, search, open, memory, messages, slow-api, webhook, people, show.
BENCH_ROUNDS sets the rounds of those that start bots (5). A comparison that fails is told and the rest goes on.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from benchmarks import messages, searching, showing, understanding
from benchmarks.results import Results, merged

COMPARISONS: dict[str, Callable[[], Results]] = {
    "content": understanding.start,
    "ask": understanding.ask,
    "length": understanding.long_messages,
    "repeated": understanding.repeated,
    "vocabulary": understanding.vocabularies,
    "search": searching.speed,
    "open": searching.opening,
    "memory": searching.memory,
    "messages": messages.messages,
    "slow-api": messages.slow_api,
    "webhook": messages.webhook,
    "people": messages.people,
}


def main(names: list[str]) -> int:
    """Runs the comparisons; the exit status: 0 all were measured, 1 some failed, 2 a name is not known."""
    unknown = [name for name in names if name not in {*COMPARISONS, "show"}]
    if unknown:
        print(f"not known: {', '.join(unknown)}; there are {', '.join(COMPARISONS)}, show", file=sys.stderr)
        return 2
    failed = []
    for name in names or COMPARISONS:
        if name == "show":
            continue
        try:
            found = COMPARISONS[name]()
        except Exception:  # noqa: BLE001  the others can still be measured
            traceback.print_exc()
            failed.append(name)
            continue
        merged(found)
        for what, result in found.items():
            print(f"{what}: {result['ratio']} ({result['ours']} ÷ {result['peer']} {result['unit']})", file=sys.stderr)
    showing.show()
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
