"""What Raft reaches as three processes with real disks, and what it survives.

    python benchmarks/bench_real.py        figures, and 50 rounds each of kill -9, of
                                           power failures, and of power failures with a
                                           server that does not force its entries
    python benchmarks/bench_real.py 3      so many rounds

Clients are processes too and put one value after another; the fastest of three tries
counts. A target that is not reached is printed as such; the command does not fail for
it. pysyncobj, if it is installed (requirements/bench.txt), does the same work in the
same run.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from quick_client import QuickClient
from real_rounds import SERVERS, forgets, judged, returns

from ftlib.consensus import raft_servers
from ftlib.real import Processes
from ftlib.real.servers import free_port
from ftlib.services import Elected
from ftlib.simulation import Event, Trace

OPERATIONS, NEW_LEADER = 500, 1.0  # the targets: a second, seconds
CLIENTS, EACH, TRIES = 64, 40, 3
ROUNDS = 50


def rounds(number: int) -> None:
    for how, words in (("kill", "kill -9"), ("cut_power", "power failures")):
        good = sum(bool(judged(how, seed)) for seed in range(number))
        print(
            f"{'pass' if good == number else 'FAIL'}: {number} rounds of {words}: {good} linearizable",
            flush=True,
        )
    lost = sum(forgets("cut_power", seed) for seed in range(number))
    print(
        f"{'pass' if lost else 'FAIL'}: {number} rounds of power failures, no entry forced: {lost} lose what was acknowledged",
        flush=True,
    )


def speed() -> tuple[float, list[float]]:
    """Committed operations a second, and how long each took."""
    work = [
        [("put", f"k{client}", turn) for turn in range(EACH)]
        for client in range(CLIENTS)
    ]
    nodes = raft_servers(work, client=QuickClient, patience=2.0, longest=2.0)
    clients = [id for id in nodes if id not in SERVERS]
    with Processes(nodes, later=clients) as group:
        group.until(lambda trace: trace.facts(Elected))
        group.restart(*clients)
        trace = group.until(lambda trace: returns(trace) == CLIENTS * EACH, 60)
    called = {each.ref: each.time for each in trace.where(kind="call")}
    done = [(each.time, each.ref) for each in trace.where(kind="return")]
    half = done[len(done) // 8 :]  # once all clients are up
    rate = (len(half) - 1) / (half[-1][0] - half[0][0])
    return rate, [at - called[ref] for at, ref in half]


def new_leaders(number: int) -> list[float]:
    """From the death of a leader to the election of another, in seconds."""
    with Processes(raft_servers()) as group:
        group.until(lambda trace: trace.facts(Elected))
        found = []
        for _ in range(number):
            time.sleep(0.4)
            leader = group.trace.facts(Elected)[-1].node
            group.kill(leader)
            died = group.time
            trace = group.until(lambda trace, at=died: elected_since(trace, at))
            found.append(elected_since(trace, died)[0].time - died)
            group.restart(leader)
    return found


def elected_since(trace: Trace, time: float) -> list[Event]:
    return [each for each in trace.facts(Elected) if each.time > time]


class Peer:
    """Three servers of pysyncobj, told what to do over pipes."""

    def __init__(self, folder: str) -> None:
        ports = [free_port() for _ in SERVERS]
        self.addresses = [f"127.0.0.1:{port}" for port in ports]
        self.servers = {
            mine: subprocess.Popen(
                [
                    *(sys.executable, Path(__file__).parent / "peers" / "syncobj.py"),
                    ",".join(
                        [mine, *(each for each in self.addresses if each != mine)]
                    ),
                    *(f"{folder}/{number}", str(CLIENTS), "4"),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number, mine in enumerate(self.addresses)
        }

    def ask(self, address: str, what: str) -> str:
        server = self.servers[address]
        print(what, file=server.stdin, flush=True)
        return server.stdout.readline().strip()

    def leader(self, but: str = "") -> str:
        """Wait until those that are up agree on a leader, and on another than `but`."""
        while True:
            found = {self.ask(each, "leader") for each in self.servers if each != but}
            if len(found) == 1 and found & (set(self.addresses) - {but}):
                return found.pop()
            time.sleep(0.002)

    def close(self) -> None:
        for server in self.servers.values():
            server.kill()
            server.communicate()


def peer() -> tuple[float, float]:
    """What pysyncobj reaches: operations a second, seconds to a new leader."""
    with tempfile.TemporaryDirectory() as folder:
        group = Peer(folder)
        try:
            leader = group.leader()
            rate = float(group.ask(leader, "put"))
            group.servers[leader].kill()
            died = time.monotonic()
            group.leader(but=leader)
            return rate, time.monotonic() - died
        finally:
            group.close()


def main() -> None:
    rate, times = max(speed() for _ in range(TRIES))
    print(
        f"{'pass' if rate >= OPERATIONS else 'FAIL'}: Raft, 3 processes, {CLIENTS} clients, fsync: {rate:,.0f} operations a second; target {OPERATIONS}; median {statistics.median(times) * 1000:.0f} ms"
    )
    took = new_leaders(20)
    print(
        f"{'pass' if max(took) < NEW_LEADER else 'FAIL'}: Raft, time-outs of 150 to 300 ms: a new leader in {statistics.median(took):.2f} s (median of 20), {max(took):.2f} at most; target {NEW_LEADER:g}"
    )
    if find_spec("pysyncobj"):
        found = [peer() for _ in range(TRIES)]
        print(
            f"pysyncobj, 3 processes, {CLIENTS} at once put by the leader itself, journals that are not forced: {max(rate for rate, _ in found):,.0f} operations a second; a new leader in {statistics.median(took for _, took in found):.2f} s (median of 3)"
        )
    else:
        print("pysyncobj is not installed: pip install -r requirements/bench.txt")
    rounds(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)


if __name__ == "__main__":
    main()
