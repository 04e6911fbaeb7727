"""Raft as processes that are killed, or lose their power, at random moments; and whether
what clients see stays linearizable. The tests do a few rounds, the benchmark many.
"""

import random
import time
from collections.abc import Callable
from functools import partial

from ftlib.checking import History, KeyValue, Verdict, check_linearizable
from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_forces import Forcing
from ftlib.real import Processes
from ftlib.simulation import Node, Trace

SERVERS = ("s1", "s2", "s3")
FORGETFUL = partial(Forcing, before=())  # forces no entry, as if fsync were taken out


def returns(trace: Trace) -> int:
    return len(trace.where(kind="return"))


def history(
    how: str, seed: int, server: Callable[..., Node] = Raft, patience: float = 30.0
) -> History:
    """What two clients and, at the end, a reader see while servers fail.

    `how` is "kill" or "cut_power". Whom it befalls, and when, is left to chance: one
    server, two, or all of them.
    """
    chance = random.Random(seed)
    work = [
        [
            ("append", "x", f"{client}.{turn} ")
            if chance.random() < 0.7
            else ("get", "x")
            for turn in range(15)
        ]
        for client in "ab"
    ]
    nodes = raft_servers([*work, [("get", "x")]], server=server, longest=0.4)
    with Processes(nodes, seed=seed, later=["c3"]) as group:
        for _ in range(2):
            group.until(returns, patience)
            time.sleep(chance.uniform(0, 0.12))
            some = chance.sample(SERVERS, chance.choice((1, 2, 3, 3)))
            getattr(group, how)(*some)
            time.sleep(chance.uniform(0, 0.05))
            group.restart(*some)
        group.until(lambda trace: returns(trace) == 30, timeout=patience)
        group.restart("c3")
        trace = group.until(lambda trace: returns(trace) == 31, timeout=patience)
    return History.from_trace(trace)


def outage(how: str, server: Callable[..., Node] = Raft) -> Verdict:
    """Whether three acknowledged writes are there when all servers have failed at once.

    If no entry was forced, and the power failed, the last one is not: it is the last
    record of every disk that has it, and a disk loses that at least.
    """
    writes = [("append", "x", letter) for letter in "abc"]
    nodes = raft_servers([writes, [("get", "x")]], server=server, longest=0.4)
    with Processes(nodes, later=["c2"]) as group:
        group.until(lambda trace: returns(trace) == 3)
        getattr(group, how)(*SERVERS)
        group.restart(*SERVERS, "c2")
        trace = group.until(lambda trace: returns(trace) == 4)
    return check_linearizable(History.from_trace(trace), KeyValue())


def judged(how: str, seed: int, server: Callable[..., Node] = Raft) -> Verdict:
    """Whether nothing that was acknowledged is lost, and all have an order."""
    return check_linearizable(history(how, seed, server), KeyValue())


def forgets(how: str, seed: int) -> bool:
    """Whether a round shows that no entry was forced. In some rounds servers that have
    forgotten what they acknowledged agree on nothing any more: those show less.
    """
    try:
        seen = history(how, seed, FORGETFUL, patience=8.0)
    except TimeoutError:
        return False
    return not check_linearizable(seen, KeyValue())
