"""The judge of a leader that hands over: before it is shut down, it brings a chosen
server up to date, and tells it to begin an election at once (Ongaro 2014, section
3.10).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.checking import ClusterModel, Counterexample
from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_servers import election
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.raft_elections import raft_drawn
from ftlib.exercises.runs import Nodes, every_run, pasted, run
from ftlib.services import Elected, Granted, Stored, Truncated
from ftlib.simulation import (
    Broken,
    Crash,
    Deliver,
    Event,
    Fire,
    Lose,
    Node,
    Recover,
    Schedule,
    Slow,
    Trace,
    judge,
    monitor,
)

__all__ = ["HandOver", "StartNow", "judge_hands_over"]

SEED, ENDS, ASKED = 7, 4.0, 0.6
STALE = 0.45  # seconds: when a StartNow of term 0 comes, and term 1 has a leader
LEADER = "s1"  # with this seed
SOON = 0.1  # seconds: no server waits so short a time before an election
GOES_ON = 0.5  # seconds: an election timeout and an election take less
WRITES = tuple(("append", "x", letter) for letter in "abcdefghijklmnopqrst")
STEADY = (WRITES,) * 3  # clients


@dataclass(frozen=True, slots=True)
class HandOver:
    """An operator asks the leader to hand over to this server; others need not care."""

    to: str


@dataclass(frozen=True, slots=True)
class StartNow:
    """The leader of this term asks a server to begin an election at once."""

    term: int


class Operator(Node):
    """Asks all servers, once; and before, repeats a StartNow that is long out of date.

    Parameters
    ----------
    servers : tuple of str
    to : str
        Who is to lead.
    """

    MESSAGES = (HandOver, StartNow)

    def __init__(self, servers: tuple[str, ...], to: str) -> None:
        self.servers, self.to = servers, to

    def on_start(self) -> None:
        self.set_timer("stale", STALE)
        self.set_timer("ask", ASKED)

    def on_timer(self, name: str) -> None:
        for server in self.servers:
            self.send(server, HandOver(self.to) if name == "ask" else StartNow(0))


def _elected(votes: frozenset[tuple[str, int, str]], event: Event) -> Any:
    match event.what:
        case Granted(term, to):
            return votes | {(to, term, event.node)}
        case Elected(term):
            got = [voter for to, at, voter in votes if (to, at) == (event.node, term)]
            if len(got) < 2:
                return Broken(
                    f"{event.node} leads in term {term} with {len(got) or 'no'} votes"
                    " of three"
                )
    return votes


by_majority = monitor("led by a majority", frozenset(), _elected)


def _told(logs: frozenset[tuple[str, int, int]], event: Event) -> Any:
    match event.kind, event.what:
        case "fact", Stored(index, term):
            gone = {each for each in logs if each[:2] == (event.node, index)}
            return logs - gone | {(event.node, index, term)}
        case "fact", Truncated(index):
            return frozenset(e for e in logs if e[0] != event.node or e[1] < index)
        case "send", StartNow():
            for node, index, term in sorted(logs):
                if node == event.node and (event.other, index, term) not in logs:
                    return Broken(
                        f"{node} sends StartNow to {event.other}, which lacks entry"
                        f" {index} of {node}"
                    )
    return logs


up_to_date = monitor("up to date first", frozenset(), _told, ("fact", "send"))
CHECKS = (*PROPERTIES, by_majority, up_to_date)

LATE = (Slow((LEADER, "s2"), by=0.08, at=0.5, until=0.9),)
STAGED: dict[str, tuple[str, tuple[Any, ...], float]] = {
    "nothing else happens": ("s2", (), SOON),
    "s3 is asked for": ("s3", (), SOON),
    "what s1 sends to s2 takes 80 ms longer": ("s2", LATE, 0.35),
    "the first StartNow is lost": ("s2", (Lose("StartNow"),), 0.0),
    "s2 is down": ("s2", (Crash("s2", at=0.55),), 0.0),
    "s2 is down for a second": (
        "s2",
        (Crash("s2", at=0.55), Recover("s2", at=1.55)),
        0.0,
    ),
}
"""To whom, what happens beside, and how soon that server must lead, if it must."""
SETTLED = (
    *election(LEADER, "s2"),
    *(
        Deliver(sender=sender, receiver=receiver)
        for sender, receiver in (
            *(("s1", "s3"), ("s1", "s2"), ("s1", "s3")),
            *(("s2", "s1"), ("s3", "s1"), ("s3", "s1")),
        )
    ),
    Fire("operator", "ask"),
)
"""s1 leads, and has been heard; the requests of a client and of the operator are under
way.
"""


@judging
def judge_hands_over(server: Any) -> Answer:
    """Judge servers whose leader hands over to another on request.

    Some runs come first, then every run of a small world. Refused are servers that do
    not hand over before anybody's election timeout, to somebody else, or to one that
    is not up to date; that obey a StartNow of an earlier term; that do not go on if the
    other does not take over, or hand over later still; that lead without a majority of
    votes; and runs in which a promise of Raft is broken.

    Parameters
    ----------
    server : type
        A subclass of `Raft`.
    """
    if server is None or server is Raft:
        return not_attempted("Write HandsOver, a subclass of Raft.")
    kind = role(server, "HandsOver")
    if not issubclass(kind, Raft):
        raise Wrong("HandsOver is no subclass of Raft.")
    own = kind.__mro__[: kind.__mro__.index(Raft)]
    if not any(callable(value) for each in own for value in vars(each).values()):
        return not_attempted("HandsOver has the methods of Raft: override some.")
    for what, (to, faults, within) in STAGED.items():
        _staged(kind, what, to, faults, within)
    model = ClusterModel(
        _nodes(watched(kind, 10**7), "s2", (WRITES[:1],)),
        CHECKS,
        network="fifo",
        firings={"election": 0, "heartbeat": 0, "retry": 0, "ask": 0, "stale": 0},
        settled=SETTLED,
    )
    found = every_run(model, _unsafe, invariants={}, can_reach={})
    return Answer(
        "right",
        f"s1 hands over, or goes on, in {len(STAGED)} runs, and no promise is broken"
        f" in {found.states:,} states.",
    )


def _nodes(kind: type[Node], to: str, wanted: tuple[Any, ...]) -> Nodes:
    nodes = raft_servers(wanted, server=kind, longest=0.1)
    servers = tuple(each for each in nodes if each.startswith("s"))
    return {**nodes, "operator": partial(Operator, servers, to)}


def _staged(
    kind: type[Node], what: str, to: str, faults: tuple[Any, ...], within: float
) -> None:
    trace = run(_nodes(watched(kind), to, STEADY), faults, until=ENDS, seed=SEED)
    for finding in judge(trace, CHECKS):
        if finding.verdict == "violated":
            raise _fail(f"{what}, and {finding.reason}.", trace, faults)
    early = [e for e in trace.facts(Granted) if STALE < e.time < ASKED]
    if early:
        why = f"a StartNow of term 0 comes late, and {early[0].node} heeds it in term"
        raise _fail(f"{why} {early[0].what.epoch - 1}.", trace, faults, STALE)
    later = [event for event in trace.facts(Elected) if event.time > ASKED]
    if within and not later:
        raise _fail(f"{what}, and {to} does not lead afterwards.", trace, faults)
    if within and (later[0].node != to or later[0].time > ASKED + within):
        raise _fail(
            f"{what}, and the next leader is {later[0].node},"
            f" {later[0].time - ASKED:.2f} s after the request: wanted is {to}, within"
            f" {within:g} s.",
            trace,
            faults,
        )
    if within and len(later) > 1:
        raise _fail(f"{what}, and {to} does not stay the leader.", trace, faults)
    if not within and [event for event in later if event.node != to]:
        raise _fail(
            f"{what}, and {later[0].node} is elected: until {to} takes over, s1 leads.",
            trace,
            faults,
        )
    if not within and later and later[-1].time > ASKED + GOES_ON:
        raise _fail(
            f"{what}, and {later[-1].node} is elected {later[-1].time - ASKED:.2f} s"
            " after the request: by then s1 goes on as before.",
            trace,
            faults,
        )
    returned = len(trace.where(kind="return"))
    asked = sum(map(len, STEADY))
    if returned < asked:
        raise _fail(
            f"{what}, and after {ENDS:g} s {asked - returned} of {asked} writes"
            " are not answered.",
            trace,
            faults,
        )


def _unsafe(name: str, way: Counterexample) -> Wrong:
    why = f"{name} is broken in one of all runs."
    if name == up_to_date.name:
        why = (
            "in one of all runs a leader sends StartNow to a server that lacks an entry"
            " of its log."
        )
    return Wrong(
        why,
        str(way),
        raft_drawn(way.trace, CHECKS),
    )


def _fail(why: str, trace: Trace, faults: Iterable[Any], start: float = ASKED) -> Wrong:
    told = [event for event in trace.where(kind="send") if event.time >= start]
    since = told[0].index if told else 0
    return Wrong(
        why,
        pasted(Schedule(faults)),
        raft_drawn(trace[since:], title=why, events=60),
    )
