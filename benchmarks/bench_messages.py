"""How fast two nodes exchange messages: ftlib against SimPy.

    python benchmarks/bench_messages.py

The contestants take turns, five rounds; a ratio is the median of the five ratios within
a round, so that a machine whose speed drifts does no harm. It fails when ftlib is less
than 3 times as fast as SimPy's Store without a trace, or less than 2 times with one.
"""

import gc
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from platform import python_version
from statistics import median

from peers import simpy_callback, simpy_store
from workload import exchange

MESSAGES = 100_000
ROUNDS = 5
STORE = "SimPy, a Store and a process for each latency"
CALLBACK = "SimPy, a Timeout callback, same tuples kept"
OFF = "ftlib, trace off"
ON = "ftlib, trace on"
CONTESTANTS: dict[str, Callable[[int], int]] = {
    STORE: lambda seed: simpy_store.run(MESSAGES, seed),
    CALLBACK: lambda seed: simpy_callback.run(MESSAGES, seed),
    OFF: lambda seed: exchange(MESSAGES, seed, trace=False).sent,
    ON: lambda seed: len(exchange(MESSAGES, seed, trace=True).trace) // 2,
}
TARGETS = {OFF: 3.0, ON: 2.0}  # times the speed of the Store


def speed(run: Callable[[int], int], seed: int) -> float:
    """Messages for each second of processor time."""
    gc.collect()
    start = time.process_time()
    handled = run(seed)
    seconds = time.process_time() - start
    assert handled == MESSAGES, f"{handled} messages were handled, not {MESSAGES}"
    return handled / seconds


def main() -> int:
    print(
        f"{MESSAGES:,} messages, {ROUNDS} rounds; Python {python_version()}, SimPy"
        f" {version('simpy')}\n"
    )
    rounds = [
        {name: speed(run, seed) for name, run in CONTESTANTS.items()}
        for seed in range(ROUNDS)
    ]

    def ratio(name: str, peer: str) -> float:
        return median(figures[name] / figures[peer] for figures in rounds)

    print(
        f"{'messages a second':<47}{'median':>9}{'lowest':>9}{'highest':>9}{'to Store':>10}{'to callback':>13}"
    )
    for name in CONTESTANTS:
        figures = sorted(figures[name] for figures in rounds)
        print(
            f"{name:<47}{median(figures):>9,.0f}{figures[0]:>9,.0f}{figures[-1]:>9,.0f}"
            f"{ratio(name, STORE):>9.2f}x{ratio(name, CALLBACK):>12.2f}x"
        )
    print()
    good = True
    for name, target in TARGETS.items():
        reached = ratio(name, STORE)
        good &= reached >= target
        print(
            f"{'pass' if reached >= target else 'FAIL'}: {name} is {reached:.2f} times"
            f" as fast as the Store; target {target:g}"
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
