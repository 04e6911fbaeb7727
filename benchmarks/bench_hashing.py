"""How fast keys are looked up in a ring: ftlib against uhashring.

    python benchmarks/bench_hashing.py

A hundred nodes of 160 points each. The contestants take turns, five rounds; a ratio is
the median of the ratios within a round. Memory is what a ring holds when it is built. It
fails when a lookup is less than 1.2 times as fast as uhashring's, an array of numbers is
looked up at less than 5 million a second, or a ring takes 50 ms or more to build.
"""

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.metadata import version
from statistics import median

import numpy as np
import uhashring

from ftlib.hashing import HashRing

NODES = [f"10.0.0.{number}:11211" for number in range(100)]
TEXTS = [f"user:{number}" for number in range(50_000)]
NUMBERS = np.arange(1_000_000, dtype=np.uint64)
ROUNDS = 5


def seconds(run: Callable[[], object]) -> float:
    """Processor time of a run."""
    gc.collect()
    start = time.process_time()
    run()
    return time.process_time() - start


def megabytes(build: Callable[[], object]) -> float:
    """What a ring holds."""
    tracemalloc.start()
    kept = build()
    size = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del kept
    return size


def ours() -> HashRing:
    return HashRing(NODES)


def theirs() -> uhashring.HashRing:
    return uhashring.HashRing(nodes=NODES)


def main() -> int:
    ring, peer = ours(), theirs()
    lookup, get_node = ring.lookup, peer.get_node
    rounds = [
        (
            seconds(lambda: [lookup(text) for text in TEXTS]),
            seconds(lambda: [get_node(text) for text in TEXTS]),
            seconds(lambda: ring.lookup_many(NUMBERS)),
            seconds(lambda: ring.lookup_many(TEXTS)),
            seconds(ours),
            seconds(theirs),
        )
        for _ in range(ROUNDS)
    ]
    one, its, array, texts, build, its_build = map(median, zip(*rounds, strict=True))
    ratio = median(theirs / ours for ours, theirs, *_ in rounds)
    print(f"{len(NODES)} nodes of 160 points; uhashring {version('uhashring')}\n")
    print(f"one key of text      {len(TEXTS) / one:>12,.0f} a second")
    print(f"the same, uhashring  {len(TEXTS) / its:>12,.0f} a second")
    print(f"an array of uint64   {len(NUMBERS) / array:>12,.0f} a second")
    print(f"a list of texts      {len(TEXTS) / texts:>12,.0f} a second, with hashing")
    print(f"building             {1000 * build:>12.1f} ms, {megabytes(ours):.1f} MB")
    print(
        f"the same, uhashring  {1000 * its_build:>12.1f} ms, {megabytes(theirs):.1f} MB\n"
    )
    verdicts = {
        f"{ratio:.2f} times as fast as uhashring; at least 1.2": ratio >= 1.2,
        "5 million numbers a second": len(NUMBERS) / array >= 5e6,
        "built in under 50 ms": build < 0.05,
    }
    for words, passed in verdicts.items():
        print(f"{'pass' if passed else 'FAIL'}: {words}")
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
