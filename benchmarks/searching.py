"""How quick is search? Our indexes against rank_bm25, bm25s and tantivy, on the same passages and questions.

Every engine gets the words of a question and must give the numbers and scores of the ten best passages.
"""

# ruff: noqa: PLC0415 (imports are part of what is measured)

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.results import ROOT, Results, compared

SIZES = (150, 1_000, 10_000, 100_000)
ENGINES = ("ours", "rank_bm25", "bm25s", "tantivy")
MOST = 10
MOST_ASKED = 20
ROUNDS = 5
ASKED = {150: 200, 1_000: 200, 10_000: 60, 100_000: 20}

Find = Callable[[list[str]], Any]


def engine(name: str, passages: list[list[str]]) -> Find:
    """A search engine over the passages, ready to be asked."""
    match name:
        case "ours":
            from corpus.bm25 import index_of

            index = index_of(passages)
            return lambda words: index.best(words, MOST)
        case "rank_bm25":
            return _rank_bm25(passages)
        case "bm25s":
            return _bm25s(passages)
        case _:
            return _tantivy(passages)


def _rank_bm25(passages: Iterable[list[str]]) -> Find:
    import numpy as np
    from rank_bm25 import BM25Plus

    index = BM25Plus(passages)

    def find(words: list[str]) -> Any:
        scores = index.get_scores(words)
        best = np.argsort(scores)[::-1][:MOST]
        return [(int(number), float(scores[number])) for number in best]

    return find


class _Streamed:
    """Passages read one at a time, so that an index is measured without them, and not in memory they left behind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[list[str]]:
        with self._path.open() as file:
            for line in file:
                yield [sys.intern(word) for word in json.loads(line)]


def _bm25s(passages: list[list[str]]) -> Find:
    import bm25s

    index = bm25s.BM25(method="bm25+", backend="numpy")
    index.index(passages, show_progress=False)
    return lambda words: index.retrieve([words], k=MOST, show_progress=False)


def _tantivy(passages: list[list[str]]) -> Find:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True)
    builder.add_text_field("words", stored=False, tokenizer_name="whitespace")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(200_000_000, 1)
    for number, words in enumerate(passages):
        writer.add_document(tantivy.Document(number=number, words=" ".join(words)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def find(words: list[str]) -> Any:
        hits = searcher.search(index.parse_query(" ".join(words), ["words"]), MOST).hits
        return [(searcher.doc(address)["number"][0], score) for score, address in hits]

    return find


def speed(sizes: tuple[int, ...] = SIZES) -> Results:
    """The median time of a search: all engines in each round, the order rotated."""
    from benchmarks.made_up import questions, texts

    found: Results = {}
    for size in sizes:
        passages = texts(size)
        asked = questions(passages, ASKED[size])
        engines = {}
        for name in ENGINES:
            print(f"search/{size}: {name} is built", file=sys.stderr, flush=True)
            engines[name] = engine(name, passages)
            engines[name](asked[0])
        times: dict[str, list[float]] = {name: [] for name in ENGINES}
        for number in range(ROUNDS + 1):
            for step in range(len(ENGINES)):
                name = ENGINES[(number + step) % len(ENGINES)]
                median = _median_time(engines[name], asked)
                if number:  # the first round warms up
                    times[name].append(median * 1e6)
            print(f"search/{size}: round {number} of {ROUNDS}", file=sys.stderr, flush=True)
        for peer in ENGINES[1:]:
            found[f"search/{peer}/{size}"] = compared(times["ours"], times[peer], "µs, p50 of a search")
    return found


def _median_time(find: Find, asked: list[list[str]]) -> float:
    took = []
    for words in asked:
        began = time.perf_counter()
        find(words)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


# In processes of their own: what opening costs, and how much memory an index needs.


def opening(size: int = 16_000) -> Results:
    """Opening an index file and asking once, against importing numpy; CPU of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "passages.bm25"
        _alone("build", size, path)
        ours, peer = [], []
        for number in range(ROUNDS):
            ours.append(_alone("open", size, path)["cpu"])
            peer.append(_alone("numpy", size, path)["cpu"])
            print(f"search/open: round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
    return {f"search/open-{size}/numpy-import": compared(ours, peer, "s CPU of a process that does nothing else")}


def memory(size: int = 100_000) -> Results:
    """How much resident memory grows by the index and some searches, the passages themselves not counted."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "passages.bm25"
        _alone("build", size, path)
        ours, peer = [], []
        for number in range(3):
            ours.append(_alone("ours", size, path)["grown"])
            peer.append(_alone("rank_bm25", size, path)["grown"])
            print(f"search/memory: round {number + 1} of 3", file=sys.stderr, flush=True)
    return {f"search/memory-{size}/rank_bm25": compared(ours, peer, "MB grown by the index and 20 searches")}


def _alone(what: str, size: int, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.searching", what, str(size), str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _resident() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


def _main(what: str, size: int, path: Path) -> dict[str, float]:
    match what:
        case "build":
            from benchmarks.made_up import questions, texts
            from corpus.bm25_large import open_index

            passages = texts(size)
            open_index(path, str(size), lambda: passages)
            path.with_suffix(".json").write_text(json.dumps(questions(passages, 100)))
            path.with_suffix(".jsonl").write_text("".join(f"{json.dumps(passage)}\n" for passage in passages))
            return {}
        case "numpy":
            began = time.process_time()
            import numpy as np

            assert np.zeros(1).size
            return {"cpu": time.process_time() - began}
        case "open":
            asked = json.loads(path.with_suffix(".json").read_text())
            began = time.process_time()
            _opened(size, path).best(asked[0], MOST)
            return {"cpu": time.process_time() - began}
        case "ours":
            return _grown(path, lambda: _opened_find(size, path))
        case _:
            return _grown(path, lambda: _rank_bm25(_Streamed(path.with_suffix(".jsonl"))))


def _opened(size: int, path: Path) -> Any:
    from corpus.bm25_large import open_index

    return open_index(path, str(size), list)


def _opened_find(size: int, path: Path) -> Find:
    index = _opened(size, path)
    return lambda words: index.best(words, MOST)


def _grown(path: Path, build: Callable[[], Find]) -> dict[str, float]:
    import numpy as np  # both need it

    assert np.zeros(1).size
    asked = json.loads(path.with_suffix(".json").read_text())
    before = _resident()
    find = build()
    for words in asked[:MOST_ASKED]:
        find(words)
    return {"grown": _resident() - before}


if __name__ == "__main__":
    print(json.dumps(_main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
