"""What an event costs in clusters of 2 to 1,000 nodes.

    python benchmarks/bench_scale.py

Each node has five messages under way and passes what it gets to one of its eight
neighbours. The heap of pending messages grows with the cluster, and an event costs
O(log n). Where matplotlib is installed the curve is drawn into _build/benchmarks/.
"""

import gc
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from ftlib.simulation import Cluster, Exponential, Network, Node

SIZES = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
MESSAGES = 100_000
EACH = 5
ROUNDS = 3
PICTURE = (
    Path(__file__).resolve().parent.parent
    / "_build"
    / "benchmarks"
    / "cost_of_an_event.png"
)


@dataclass(frozen=True, slots=True)
class Token:
    hops: int


class Neighbour(Node):
    """Passes tokens on until their hops are used up."""

    MESSAGES = (Token,)

    def __init__(self, neighbours: tuple[str, ...], hops: int) -> None:
        self.neighbours = neighbours
        self.hops = hops

    def on_start(self) -> None:
        for _ in range(EACH):
            self.send(self.choose(self.neighbours), Token(self.hops))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Token(hops) if hops > 1:
                self.send(self.choose(self.neighbours), Token(hops - 1))


def cost(size: int, seed: int, *, trace: bool) -> float:
    """Microseconds of processor time for each event: a message sent, a message
    delivered.
    """
    names = [f"n{number}" for number in range(size)]
    nodes = {
        name: partial(
            Neighbour,
            tuple(names[(number + step) % size] for step in range(1, min(size, 9))),
            MESSAGES // (EACH * size),
        )
        for number, name in enumerate(names)
    }
    gc.collect()
    start = time.process_time()
    cluster = Cluster(
        nodes, network=Network(latency=Exponential(0.01)), seed=seed, trace=trace
    )
    cluster.run()
    return (time.process_time() - start) / (2 * cluster.sent) * 1e6


def main() -> int:
    print(
        f"microseconds an event, medians of {ROUNDS} runs of {2 * MESSAGES:,} events,"
        " start included\n"
    )
    print(f"{'nodes':>6}{'trace off':>12}{'trace on':>12}")
    curve = []
    for size in SIZES:
        off, on = (
            median(cost(size, seed, trace=trace) for seed in range(ROUNDS))
            for trace in (False, True)
        )
        curve.append((size, off, on))
        print(f"{size:>6,}{off:>12.2f}{on:>12.2f}", flush=True)
    draw(curve)
    return 0


def draw(curve: list[tuple[int, float, float]]) -> None:
    try:
        from matplotlib import pyplot as plt
    except ImportError:
        return
    sizes, off, on = zip(*curve, strict=True)
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    axes.semilogx(sizes, on, "s--", label="trace on")
    axes.semilogx(sizes, off, "o-", label="trace off")
    axes.set(
        xlabel="nodes",
        ylabel="processor time an event (µs)",
        ylim=(0, None),
        title="What an event costs",
    )
    axes.legend()
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=150)
    print(
        "\ndrawn into"
        f" {PICTURE.relative_to(Path.cwd()) if PICTURE.is_relative_to(Path.cwd()) else PICTURE}"
    )


if __name__ == "__main__":
    sys.exit(main())
