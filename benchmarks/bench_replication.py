"""How many operations of clients a primary and two replicas do.

    python benchmarks/bench_replication.py

Eight clients put, without a trace, in virtual time; what is measured is processor
time, and the fastest of three rounds counts. A target that is not reached is printed as
such; the command does not fail for it. Beside it stands the floor: as many messages,
between two nodes that do nothing else, with no disk, no timer and no fact.
"""

import gc
import time

from workload import exchange

from ftlib.replication import Mode, replicas
from ftlib.simulation import Cluster

CLIENTS, EACH, ROUNDS = 8, 500, 3
TARGETS = {Mode(2): 15_000, Mode(0): 25_000}  # operations a second


def speed(mode: Mode) -> tuple[float, int]:
    """Operations for each second of processor time; how many messages there were."""
    work = [
        [("put", f"k{client}", turn) for turn in range(EACH)]
        for client in range(CLIENTS)
    ]
    cluster = Cluster(replicas(work, mode), trace=False)
    gc.collect()
    start = time.process_time()
    cluster.run(until=EACH * 0.041)
    seconds = time.process_time() - start
    return CLIENTS * EACH / seconds, cluster.sent


def floor(messages: int) -> float:
    """As many operations, if the messages cost nothing but their way."""
    gc.collect()
    start = time.process_time()
    exchange(messages, 0, trace=False)
    return CLIENTS * EACH / (time.process_time() - start)


def main() -> None:
    for mode, target in TARGETS.items():
        reached, messages = max(speed(mode) for _ in range(ROUNDS))
        most = max(floor(messages) for _ in range(ROUNDS))
        print(
            f"{'pass' if reached >= target else 'FAIL'}: {mode}: {reached:,.0f} operations a second; target {target:,}; the messages alone: {most:,.0f}"
        )


if __name__ == "__main__":
    main()
