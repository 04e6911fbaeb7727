"""pysyncobj: servers of a replicated dictionary, each a process with a journal file. One
of them puts, so many values at once, and says how many a second are committed.

    python syncobj.py ADDRESS,OTHER,OTHER JOURNAL [OUTSTANDING SECONDS]

It answers lines on stdin: "leader" with the leader's address, "put" with the figure.
"""

import sys
import threading
import time

from pysyncobj import SyncObj, SyncObjConf
from pysyncobj.batteries import ReplDict


def put(values: ReplDict, outstanding: int, seconds: float) -> float:
    """Keep so many puts under way for so long; return how many a second came back."""
    done, free = [0], threading.Semaphore(outstanding)

    def came(_: object, error: object) -> None:
        done[0] += error == 0
        free.release()

    end, turn, began = time.monotonic() + seconds, 0, time.monotonic()
    while time.monotonic() < end:
        if free.acquire(timeout=1):
            turn += 1
            values.set(f"k{turn % outstanding}", turn, callback=came)
    return done[0] / (time.monotonic() - began)


def main() -> None:
    addresses, journal, *more = sys.argv[1:]
    mine, *others = addresses.split(",")
    settings = SyncObjConf(
        raftMinTimeout=0.16,
        raftMaxTimeout=0.3,
        appendEntriesPeriod=0.05,
        autoTickPeriod=0.005,
        connectionTimeout=1.0,
        journalFile=journal,
    )
    values = ReplDict()
    server = SyncObj(mine, others, consumers=[values], conf=settings)
    for line in sys.stdin:
        if line.strip() == "put":
            print(put(values, int(more[0]), float(more[1])), flush=True)
        else:
            print(server._getLeader(), flush=True)


if __name__ == "__main__":
    main()
