"""How many distinct states a second `explore` visits, beside a bare breadth-first loop
over the same model.

    python benchmarks/bench_exploration.py

The specification of two-phase commit with six resource managers, checked for
consistency, and real two-phase commit with three participants and one crash between any
two effects, checked for all five properties. The contestants take turns, nine rounds; what
else the machine does can only slow a round down, so the ratio is that of the fastest
rounds. It fails below 0.6 for the specification, below 0.2 for the real nodes, or when
a count is not what it must be.
"""

import gc
import sys
import time
from collections.abc import Callable
from platform import python_version
from statistics import median
from typing import Any

from ftlib.checking import ClusterModel, explore
from ftlib.transactions.atomic_commit import PROPERTIES
from ftlib.transactions.bank import bank
from ftlib.transactions.specification import TCommit, TwoPhase, consistent

ROUNDS = 9
PUBLISHED = {
    TCommit: (34, 7),
    TwoPhase: (288, 11),
}  # distinct states and depth that TLC prints for three resource managers
MANAGERS = 6
BARE, SPECIFICATION, REAL = (
    "bare loop, specification",
    "explore, specification",
    "explore, real nodes",
)
TARGETS = {SPECIFICATION: 0.6, REAL: 0.2}  # times the speed of the bare loop


def bare(model: Any) -> int:
    """Visit all states, and remember nothing else."""
    seen = set(model.initial_states())
    level = list(seen)
    while level:
        following = []
        for state in level:
            for _, successor in model.successors(state):
                if successor not in seen:
                    seen.add(successor)
                    following.append(successor)
        level = following
    return len(seen)


def specification() -> int:
    return explore(
        TwoPhase(MANAGERS), {"consistent": lambda state: consistent(state.managers)}
    ).states


def nodes() -> ClusterModel:
    return ClusterModel(bank("yyy"), PROPERTIES, crashes=1)


def real() -> int:
    found = explore(nodes())
    assert found, found
    return found.states


CONTESTANTS: dict[str, Callable[[], int]] = {
    BARE: lambda: bare(TwoPhase(MANAGERS)),
    SPECIFICATION: specification,
    REAL: real,
}


def speed(run: Callable[[], int]) -> tuple[int, float]:
    """Return the distinct states, and how many for each second of processor time."""
    gc.collect()
    start = time.process_time()
    states = run()
    return states, states / (time.process_time() - start)


def main() -> int:
    good = True
    for kind, published in PUBLISHED.items():
        found = explore(kind(3))
        same = (found.states, found.depth) == published
        good &= same
        print(
            f"{'pass' if same else 'FAIL'}: {kind.__name__}(3) has {found.states}"
            f" states, depth {found.depth}; TLC: {published}"
        )
    print(f"\n{ROUNDS} rounds; Python {python_version()}\n")
    rounds = [
        {name: speed(run) for name, run in CONTESTANTS.items()} for _ in range(ROUNDS)
    ]
    fastest = {
        name: max(figures[name][1] for figures in rounds) for name in CONTESTANTS
    }
    ratios = {name: fastest[name] / fastest[BARE] for name in CONTESTANTS}
    print(
        f"{'distinct states a second':<30}{'states':>9}{'lowest':>10}{'median':>10}{'highest':>10}{'to bare':>9}"
    )
    for name, ratio in ratios.items():
        figures = sorted(figures[name][1] for figures in rounds)
        print(
            f"{name:<30}{rounds[0][name][0]:>9,}{figures[0]:>10,.0f}{median(figures):>10,.0f}{figures[-1]:>10,.0f}{ratio:>8.2f}x"
        )
    explore(model := nodes())
    print(
        f"\nof the handler calls of the real nodes, {model.handlers.hit_rate:.2%} were"
        " looked up, not run"
    )
    for name, target in TARGETS.items():
        good &= ratios[name] >= target
        print(
            f"{'pass' if ratios[name] >= target else 'FAIL'}: {name} reaches"
            f" {ratios[name]:.2f} of the bare loop; target {target:g}"
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
