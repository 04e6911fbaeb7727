"""How long SWIM with a thousand nodes takes to simulate.

    python benchmarks/bench_detection.py

A minute of virtual time, a ping a second and node, one crash, no trace, on one core. It
fails when that takes a minute of processor time or more, or when the crashed node is
not dead to everybody else at the end.
"""

import sys
import time

from ftlib.detection import Status, swimmers
from ftlib.simulation import Cluster, Crash

NODES, VIRTUAL, MOST = 1000, 60.0, 60.0
CRASHED = "m7"


def main() -> int:
    start = time.process_time()
    group = Cluster(
        swimmers(NODES, period=1.0, wait=0.2),
        faults=[Crash(CRASHED, at=20.5)],
        trace=False,
    )
    group.run(until=VIRTUAL)
    took = time.process_time() - start
    knowing = sum(
        host.node.view(CRASHED).status == Status.DEAD
        for host in group.hosts.values()
        if host.node is not None
    )
    print(
        f"SWIM, {NODES:,} nodes, {VIRTUAL:g} virtual seconds: {took:.1f} s of processor"
        f" time, {group.sent:,} messages, {knowing:,} take {CRASHED} for dead"
    )
    return int(took >= MOST or knowing < NODES - 1)


if __name__ == "__main__":
    sys.exit(main())
