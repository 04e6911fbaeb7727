"""Judges of the exercises on Raft for real: which entries an outage cannot take, faults
that lose an acknowledged write, and a leader that forces for many clients at once.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ftlib.checking import (
    ClusterModel,
    Counterexample,
    History,
    KeyValue,
    check_linearizable,
)
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_forces import Forcing
from ftlib.consensus.raft_messages import Committed
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_servers import election, raft_servers
from ftlib.drawing import history_picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.raft_elections import raft_drawn
from ftlib.exercises.runs import every_run, pasted, run, schedule
from ftlib.services import Elected, Recovered, Stored, Truncated, majority
from ftlib.simulation import Broken, Crash, Deliver, Event, Recover, judge, monitor

__all__ = ["judge_kept", "judge_outage", "judge_together"]

# 1: what an outage cannot take --------------------------------------------------------

DISKS: dict[str, tuple[int, int]] = {
    "s1": (9, 6),
    "s2": (9, 8),
    "s3": (8, 8),
    "s4": (7, 4),
    "s5": (5, 5),
}
"""How many entries each server has, and how many of them it has forced. s1 leads."""
OUTAGES: dict[str, tuple[str, ...]] = {
    "kill -9 of all five": (),
    "power of all five": tuple(DISKS),
    "power of s1 and s2": ("s1", "s2"),
    "power of s1, s2 and s3": ("s1", "s2", "s3"),
}
"""Which servers lose what they had not forced."""


def _lengths(dark: tuple[str, ...], forced: bool = True) -> list[int]:
    """List the lengths of the logs afterwards, the longest first."""
    return sorted(
        (
            disk[1] if each in dark and forced else disk[0]
            for each, disk in DISKS.items()
        ),
        reverse=True,
    )


def _kept(dark: tuple[str, ...]) -> int:
    return _lengths(dark)[majority(len(DISKS)) - 1]


MISTAKES: dict[str, Callable[[tuple[str, ...]], int]] = {
    "these are the entries that somebody still has. Servers that lack one are not kept"
    " from electing each other by a few that have it.": lambda dark: _lengths(dark)[0],
    "these are the entries that everybody still has. A majority is enough: every"
    " majority that elects shares a server with it.": lambda dark: _lengths(dark)[-1],
    "these are the entries of a majority before the outage: what was not forced is gone"
    " with the power.": lambda dark: _kept(()),
    "these are the entries that a majority had forced. A server that stays up, or whose"
    " process alone dies, loses nothing.": lambda dark: _kept(tuple(DISKS)),
}


@judging
def judge_kept(numbers: Any) -> Answer:
    """Judge how many entries each of four outages leaves where no election can lose
    them.

    Refused are the entries that any server has, or all have, those before the outage,
    and those of the worst outage everywhere.

    Parameters
    ----------
    numbers : dict from outage to int
    """
    if not isinstance(numbers, Mapping):
        raise Wrong(f"my_kept is {numbers!r}: give a dict from outage to number.")
    if set(numbers) != set(OUTAGES):
        raise Wrong(f"my_kept names {', '.join(map(str, numbers))}: keep the four.")
    if all(value is None for value in numbers.values()):
        return not_attempted("Fill in my_kept.")
    for outage, value in numbers.items():
        if type(value) is not int or not 0 <= value <= 9:
            raise Wrong(f"{outage} leaves {value!r}: give a number, 0 to 9.")
    truth = {outage: _kept(dark) for outage, dark in OUTAGES.items()}
    if numbers == truth:
        return Answer("right", "The third of five logs, the longest first, decides.")
    for why, mistake in MISTAKES.items():
        if numbers == {outage: mistake(dark) for outage, dark in OUTAGES.items()}:
            raise Wrong(why)
    off = next(each for each in OUTAGES if numbers[each] != truth[each])
    raise Wrong(
        f"{off} does not leave {numbers[off]}: write down how long each log is"
        " afterwards, and find what three of five still have."
    )


# 2: faults that lose an acknowledged write --------------------------------------------

WRITES = tuple(("append", "x", letter) for letter in "abcd")
FIRST = 0.15  # seconds: s1 asks for votes, before all others
READ, ENDS = 3.0, 6.0  # seconds: c2 begins to read, the end
SEED = 7


def _group(server: Any) -> dict[str, Any]:
    """Make servers of which s1 leads first; c1 appends, and c2 reads."""
    nodes: dict[str, Any] = raft_servers(
        [WRITES, [("get", "x")]], server=server, longest=0.2
    )
    nodes["s1"] = partial(server, ("s1", "s2", "s3"), 0.05, (FIRST, FIRST))
    return nodes


def _outage(server: Any, faults: Any) -> History:
    late = [Crash("c2", at=0.0), Recover("c2", at=READ)]
    trace = run(_group(server), [*faults, *late], until=ENDS, used=True, seed=SEED)
    return History.from_trace(trace)


LAZY = partial(Forcing, before=("replying",))


@judging
def judge_outage(faults: Any) -> Answer:
    """Judge faults that make a Raft whose leader forces no entry lose a write that was
    acknowledged, though only one server ever loses its power.

    The library's Raft must lose nothing under the same faults. Refused are faults of
    clients, disks that are wiped, more than one crash, more than five faults, crashes
    that are no loss of power, and runs in which all is read or nobody answers.

    Parameters
    ----------
    faults : list of faults
    """
    given = schedule(faults, "my_faults")
    if not len(given):
        return not_attempted("Put faults into my_faults.")
    if len(given) > 5:
        raise Wrong(f"these are {len(given)} faults: five are enough.", pasted(given))
    crashes = [each for each in given if isinstance(each, Crash)]
    for each in given:
        if getattr(each, "node", "s1") not in ("s1", "s2", "s3"):
            raise Wrong(f"{each!r}: only servers may fail.", pasted(given))
        if isinstance(each, Recover) and each.disk != "kept":
            raise Wrong(
                "a wiped disk has lost what was forced, too: no Raft survives that."
                " Only the power fails here.",
                pasted(given),
            )
    if len(crashes) > 1:
        raise Wrong("one server loses its power, not more.", pasted(given))
    if any(each.keeps for each in crashes):
        raise Wrong(
            "a crash that keeps unforced writes is a kill -9: the power takes them.",
            pasted(given),
        )
    history = _outage(LAZY, given)
    verdict = check_linearizable(history, KeyValue)
    if verdict:
        read = [each for each in history if each.process == "c2"]
        if not read or read[-1].returned is None:
            why = (
                "c2 gets no answer: what is not answered is not lost. Heal, or recover."
            )
        elif crashes:
            why = (
                f"c2 reads {read[-1].result!r}, and all that was acknowledged is there."
                " Who else had the last letter, and can the others elect somebody"
                " without him?"
            )
        else:
            why = "nothing is forgotten as long as nobody loses his power."
        raise Wrong(why, pasted(given), history_picture(history, verdict))
    whole = _outage(Raft, given)
    if not check_linearizable(whole, KeyValue):  # no faults are known that do this
        raise Wrong("the library's Raft loses something, too.", pasted(given))
    return Answer(
        "right",
        "s1 had counted what only its memory held. The library's Raft keeps all letters"
        " under the same faults.",
        pasted(given),
        history_picture(history, verdict),
    )


# 3: one force for many clients --------------------------------------------------------

SERVERS, CLIENTS = 3, 8
FORCES, SOON = 2, 0.061  # forces of the leader; seconds: 4 delays, 2 waits
BEGIN = 0.532  # commands arrive after a heartbeat and its answers


@judging
def judge_together(server: Any) -> Answer:
    """Judge servers whose leader forces the entries of many clients at once.

    Eight commands that come at one moment, and later a single one, may take two forces
    of the leader each time, and 60 ms; then every run of a small world is gone through,
    with an election after the first and a crash of the leader between any two effects.

    Refused are more forces, commands that wait too long or for ever, and runs in which
    a promise of Raft is broken, above all by entries that are counted, or sent and
    forgotten, before they are forced.

    Parameters
    ----------
    server : type
        A subclass of `Raft`.
    """
    if server is None or server is Raft:
        return not_attempted("Write Together, a subclass of Raft.")
    kind = role(server, "Together")
    if not issubclass(kind, Raft):
        raise Wrong("Together is no subclass of Raft.")
    if not any(callable(value) for value in vars(kind).values()):
        return not_attempted("Together has the methods of Raft: override some.")
    forces = max(_forced(watched(kind), clients) for clients in (CLIENTS, 1))
    model = ClusterModel(
        raft_servers([[WRITES[0]]], server=watched(kind, 10**7), longest=0.1),
        ASKED,
        network="fifo",
        firings={"election": 1, "heartbeat": 0, "retry": 0},
        crashes=1,
        recoveries=1,
        crashing=["s1"],
        settled=LED,
    )
    found = every_run(model, _unsafe, invariants={}, can_reach={})
    return Answer(
        "right",
        f"{CLIENTS} commands take the leader {forces} forces at most, and no promise is"
        f" broken in {found.states:,} states.",
    )


def _forced(kind: Any, clients: int) -> int:
    """Count the forces of the leader for commands that come at one moment."""
    nodes: dict[str, Any] = raft_servers(
        [[("put", f"k{number}", number)] for number in range(clients)],
        server=kind,
        patience=2.0,
        longest=2.0,
    )
    nodes["s1"] = partial(kind, ("s1", "s2", "s3"), 0.05, (FIRST, FIRST))
    names = [each for each in nodes if each.startswith("c")]
    for each in names:
        made = nodes[each]
        nodes[each] = partial(made.func, ("s1",), *made.args[1:])
    # between two heartbeats
    faults = [Crash(each, at=0.0) for each in names]
    back = [Recover(each, at=BEGIN) for each in names]
    trace = run(nodes, [*faults, *back], until=BEGIN + 1.0, seed=SEED)
    for finding in judge(trace, ASKED):
        if finding.verdict == "violated":
            raise Wrong(f"{finding.reason}.", picture=raft_drawn(trace, ASKED))
    if [event.node for event in trace.facts(Elected)] != ["s1"]:
        raise Wrong("s1 does not stay the leader, though nothing fails.")
    late = trace[next(e.index for e in trace if e.time >= BEGIN) :]
    picture = raft_drawn(late, title="Commands come at one moment.")
    answered = [event.time for event in trace.where(kind="return")]
    what = f"{clients} commands come" if clients > 1 else "a single command comes"
    if len(answered) < clients:
        raise Wrong(f"{what}, and {len(answered)} are answered.", picture=picture)
    if max(answered) > BEGIN + SOON:
        raise Wrong(
            f"{what}, and the last answer takes {1000 * (max(answered) - BEGIN):.0f} ms"
            " where 60 would do.",
            picture=picture,
        )
    forces = len([e for e in trace.where(kind="force", node="s1") if e.time >= BEGIN])
    if forces > FORCES:
        raise Wrong(
            f"{what}, and the leader forces {forces} times: {FORCES} are enough.",
            picture=picture,
        )
    return forces


def _stored_first(stored: frozenset[Any], event: Event) -> Any:
    """Remembers who has said that he has forced which entry."""
    node = event.node
    match event.what:
        case Stored(index, term):
            return stored | {(node, index, term)}
        case Truncated(index):
            return frozenset(e for e in stored if e[0] != node or e[1] < index)
        case Recovered(_, entries):
            there = {(node, at, entry.epoch) for at, entry in enumerate(entries, 1)}
            return frozenset(e for e in stored if e[0] != node) | there
        case Committed(index, term):
            have = [e[0] for e in stored if e[1:] == (index, term)]
            if len(have) < majority(SERVERS):
                return Broken(
                    f"{node} commits entry {index}, and only"
                    f" {', '.join(have) or 'nobody'}"
                    " has forced it (facts Stored say so)"
                )
    return stored


STORED_FIRST = monitor("forced before it is counted", frozenset(), _stored_first)
ASKED = (*PROPERTIES, STORED_FIRST)
LED = [
    *election("s1", "s2"),
    *(
        Deliver(sender=sender, receiver=receiver)
        for sender, receiver in (("s1", "s2"), *[("s1", "s3"), ("s3", "s1")] * 2)
    ),
]
"""s1 leads; s3 knows, and the answer of s2 is under way."""


def _unsafe(name: str, way: Counterexample) -> Wrong:
    why = f"{name} is broken in one of all runs."
    return Wrong(why, str(way), raft_drawn(way.trace, ASKED))
