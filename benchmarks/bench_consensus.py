"""How many operations of clients five Raft servers do.

    python benchmarks/bench_consensus.py

Clients put, without a trace, in virtual time; what is measured is processor time, and
the fastest of three rounds counts. With one client an AppendEntries carries one
operation; with 64, those that come while one is under way share the next. A target that
is not reached is printed as such; the command does not fail for it.
"""

import gc
import time

from ftlib.consensus import raft_servers
from ftlib.simulation import Cluster

SERVERS, ROUNDS = 5, 3
TARGETS = {1: 1_500, 64: 8_000}  # clients: operations a second
EACH = {1: 1_000, 64: 100}  # of each client


def speed(clients: int) -> float:
    """Operations for each second of processor time, the first election included."""
    each = EACH[clients]
    work = [
        [("put", f"k{client}", turn) for turn in range(each)]
        for client in range(clients)
    ]
    cluster = Cluster(
        raft_servers(work, SERVERS, patience=1.0, longest=1.0), trace=False
    )
    gc.collect()
    start = time.process_time()
    cluster.run(until=3 + each * 0.042)  # an election, and four latencies each
    seconds = time.process_time() - start
    return clients * each / seconds


def main() -> None:
    for clients, target in TARGETS.items():
        reached = max(speed(clients) for _ in range(ROUNDS))
        print(
            f"{'pass' if reached >= target else 'FAIL'}: Raft, 5 servers, {clients} clients: {reached:,.0f} operations a second; target {target:,}"
        )


if __name__ == "__main__":
    main()
