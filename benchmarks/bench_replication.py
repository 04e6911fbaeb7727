"""How many operations of clients a primary and two replicas do.

    python benchmarks/bench_replication.py

Eight clients put, without a trace, in virtual time; what is measured is processor
time, and the fastest of three rounds counts. A target that is not reached is printed as
such; the command does not fail for it. Beside it stands what the world allows: the same
clients, and as many messages, writes, forces, facts and timers, by nodes that think
nothing: no log, no epoch, no store, and not a single fault that they would bear.
"""

import gc
import time
from collections.abc import Callable

from ftlib.replication import Mode, replicas
from ftlib.replication.primary_replica import Replica
from ftlib.replication.shipping import Ack, Append
from ftlib.services import Entry, Executed, Redirect, Reply, Request, Stored
from ftlib.simulation import Cluster, Node

CLIENTS, EACH, ROUNDS = 8, 500, 3
TARGETS = {Mode(2): 15_000, Mode(0): 25_000}  # operations a second


class Thoughtless(Node):
    """Does what each write costs a `Replica`, and asks itself nothing."""

    def __init__(self, members: tuple[str, ...], mode: Mode, *_: object) -> None:
        self.primary, *self.replicas = members
        self.copies = mode.copies
        self.stored = 0
        self.waiting: list[Request] = []

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Request(_, sequence) if self.id != self.primary:
                self.send(sender, Redirect(sequence, self.primary))
            case Request():
                self.store(message)
                shipped = Append(1, self.stored - 1, 1, (Entry(1, message),), 0)
                for replica in self.replicas:
                    self.send(replica, shipped)
                self.waiting.append(message)
                if not self.copies:
                    self.answer()
            case Append(entries=(entry,)):
                self.set_timer("takeover", (0.15, 0.3))
                self.store(entry.value)
                self.execute(entry.value)
                self.send(sender, Ack(1, self.stored))
            case Ack() if self.copies and sender == self.replicas[-1]:
                self.answer()

    def store(self, request: Request) -> None:
        self.stored += 1
        self.disk.write(f"log entry {self.stored}", Entry(1, request))
        self.disk.force()
        self.record(Stored(self.stored, 1, request, 1))

    def execute(self, request: Request) -> None:
        self.record(Executed(request.client, request.sequence, self.stored))

    def answer(self) -> None:
        request = self.waiting.pop(0)
        self.execute(request)
        self.send(request.client, Reply(request.sequence, None))


def speed(mode: Mode, replica: Callable[..., Node]) -> float:
    """Operations for each second of processor time."""
    work = [
        [("put", f"k{client}", turn) for turn in range(EACH)]
        for client in range(CLIENTS)
    ]
    cluster = Cluster(replicas(work, mode, replica=replica), trace=False)
    gc.collect()
    start = time.process_time()
    cluster.run(until=EACH * 0.041)
    return CLIENTS * EACH / (time.process_time() - start)


def main() -> None:
    for mode, target in TARGETS.items():
        reached, most = (
            max(speed(mode, replica) for _ in range(ROUNDS))
            for replica in (Replica, Thoughtless)
        )
        print(
            f"{'pass' if reached >= target else 'FAIL'}: {mode}: {reached:,.0f} operations a second; target {target:,}; without a thought {most:,.0f}"
        )


if __name__ == "__main__":
    main()
