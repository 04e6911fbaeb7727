"""Judges of the exercises on the log of Raft: how often a follower refuses, and a
leader that goes back by whole terms. `ftlib.exercises.reading_aside` judges the third.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ftlib.checking import ClusterModel, Counterexample
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import AppendEntries, AppendEntriesReply, Committed
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_servers import election
from ftlib.drawing import Picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.raft_elections import raft_drawn
from ftlib.exercises.runs import every_run, run
from ftlib.figures.raft_elections import WIDE, logs_drawn
from ftlib.figures.raft_log import logs_of
from ftlib.services import Client, Log, Request
from ftlib.simulation import Node, Trace, judge

__all__ = ["judge_goes_back", "judge_refusals"]

Terms = tuple[int, ...]

# 1: how often a follower refuses ------------------------------------------------------

LEADER: Terms = (1, 1, 1, 2, 2, 4, 4)
FOLLOWERS: dict[str, Terms] = {
    "s2": (1, 1, 1, 2, 2),
    "s3": (1, 1, 1, 3, 3, 3, 3, 3),
    "s4": (1, 1, 1, 2, 2, 4, 4, 4),
    "s5": (1, 1, 1, 2, 2, 2),
    "s6": (1,),
}
"""Logs as the terms of their entries; the leader's is that of s1."""


def _match(log: Terms, same: Callable[[int], bool]) -> int:
    """Count the refusals of a follower: from the leader's last entry on, it is asked
    for one after another.
    """
    asked = range(len(LEADER), -1, -1)
    return next(
        count
        for count, index in enumerate(asked)
        if index == 0 or (index <= len(log) and same(index))
    )


def _refusals(log: Terms) -> int:
    return _match(log, lambda index: log[index - 1] == LEADER[index - 1])


MISTAKES: dict[str, Callable[[Terms], int]] = {
    "this is how it would be if it were enough to have an entry of that number: its"
    " term must be the same, too.": lambda log: _match(log, lambda index: True),
    "these are the last entries on which they agree. Count how often each refuses until"
    " it is asked for that one.": lambda log: len(LEADER) - _refusals(log),
    "the answer that accepts is no refusal.": lambda log: _refusals(log) + 1,
    "these are the entries that the follower has to give up. It also refuses where it"
    " has no entry at all.": lambda log: len(log) - len(LEADER) + _refusals(log),
}


@judging
def judge_refusals(counts: Any) -> Answer:
    """Judge how often each of five followers refuses, before it agrees with a new
    leader whose log has seven entries.

    Refused are counts that compare numbers without terms, that count the answer that
    accepts, or the entries that are given up.

    Parameters
    ----------
    counts : dict from server to int
    """
    if not isinstance(counts, Mapping):
        raise Wrong(f"my_refusals is {counts!r}: give a dict from server to number.")
    if set(counts) != set(FOLLOWERS):
        names = ", ".join(map(str, counts))
        raise Wrong(f"my_refusals names {names}: give s2 to s6.")
    if all(value is None for value in counts.values()):
        says = dict.fromkeys(FOLLOWERS, ("muted", "refuses ?"))
        picture = _logs(says, "s1 has just been elected, in term 5.")
        return Answer("not attempted", "Fill in my_refusals.", picture=picture)
    for server, value in counts.items():
        if type(value) is not int or not 0 <= value <= len(LEADER):
            raise Wrong(f"{server} refuses {value!r} times: give a number, 0 to 7.")
    given = {server: counts[server] for server in FOLLOWERS}
    truth = {server: _refusals(log) for server, log in FOLLOWERS.items()}
    if given == truth:
        says = {each: ("green", f"refuses {n}") for each, n in truth.items()}
        return Answer(
            "right",
            "The first entry of the same number and term ends it.",
            picture=_logs(says, "s4 accepts at once, though its log is longer."),
        )
    says = {each: ("red", f"{number}?") for each, number in given.items()}
    picture = _logs(says, "Not so often.")
    for why, mistake in MISTAKES.items():
        if given == {server: mistake(log) for server, log in FOLLOWERS.items()}:
            raise Wrong(why, picture=picture)
    off = next(each for each in FOLLOWERS if given[each] != truth[each])
    told = "once" if given[off] == 1 else f"{given[off]} times"
    raise Wrong(
        f"{off} does not refuse {told}: begin with entry 7 of the leader,"
        " and go back by one.",
        picture=picture,
    )


def _logs(says: Mapping[str, tuple[str, str]], title: str) -> Picture:
    logs = {"s1": LEADER, **FOLLOWERS}
    body, high = logs_drawn(logs, LEADER, {"s1": ("ink", "▲ leads"), **says})
    story = (
        f"The entries of {each} are of terms {', '.join(map(str, log))}."
        for each, log in logs.items()
    )
    edges = "An entry with a full edge is the leader's."
    return Picture(body, WIDE, high + 6, title, edges, tuple(story))


# 2: a leader that goes back by whole terms --------------------------------------------

LONG: dict[str, Terms] = {
    "s1": (1,) * 5 + (4,) * 10 + (6,) * 10,
    "s2": (1,) * 5,
    "s3": (1,) * 5 + (2,) * 10 + (3,) * 12,
    "s4": (1,) * 5 + (4,) * 18,
    "s5": (1,) * 5 + (4,) * 10 + (6,) * 9,
}
"""s1 leads."""
MOST: dict[str, tuple[int, int]] = {
    "s2": (1, 20),
    "s3": (2, 20),
    "s4": (2, 20),
    "s5": (1, 1),
}
"""How many refusals of each, and how many entries in what it then accepts."""
SMALL: dict[str, Terms] = {"s1": (1, 2, 2, 4), "s2": (1, 2, 2, 2), "s3": (1, 2)}
"""Entry 3 is committed; s1 leads in term 5."""
ENDS = 8.0  # seconds


def _seeded(kind: type[Node], terms: Terms, committed: int = 0) -> Any:
    """Return the class of a server that begins with a log, and knows how much of it is
    committed.
    """

    def on_start(self: Any) -> None:
        log = Log()
        self.disk.write("vote", (max(LONG["s1"]), None))
        for term in terms:
            request = Request("past", log.last[1] + 1, ("put", "x", term))
            log.append(self.disk, term, request)
        self.disk.force()
        kind.on_start(self)
        if committed:
            self.record(Committed(committed, terms[committed - 1]))

    body = {"on_start": on_start, "__module__": kind.__module__}
    return type(kind.__name__, (kind,), body)


def _cluster(kind: type[Node], logs: Mapping[str, Terms], committed: int = 0) -> Any:
    servers = tuple(logs)
    write = () if committed else (("put", "x", "new"),)
    nodes: dict[str, Any] = {
        each: partial(
            _seeded(kind, terms, committed if each == "s1" else 0),
            servers,
            5.0,
            (5.5, 5.5) if each == "s1" else (30.0, 40.0),
        )
        for each, terms in logs.items()
    }
    for name, wanted in (("past", ()), ("client", write)):
        nodes[name] = partial(Client, ("s1",), wanted, 7.0, 7.0)
    return nodes


@judging
def judge_goes_back(server: Any) -> Answer:
    """Judge servers that agree with their leader after few refusals: one for each term
    in which the follower's log differs, and one more if it is too short.

    A run comes first, with five logs; then every run of a small world with an election
    after that of the leader. Refused are servers that refuse more often, that send more
    than what lies behind the conflict, that do not come to agree, and runs in which a
    promise of Raft is broken.

    Parameters
    ----------
    server : type
        A subclass of `Raft`.
    """
    if server is None or server is Raft:
        return not_attempted("Write GoesBack, a subclass of Raft.")
    kind = role(server, "GoesBack")
    if not issubclass(kind, Raft):
        raise Wrong("GoesBack is no subclass of Raft.")
    if not any(callable(value) for value in vars(kind).values()):
        return not_attempted("GoesBack has the methods of Raft: override some.")
    trace = run(_cluster(watched(kind), LONG), until=ENDS)
    for each in LONG:
        if each != "s1":
            _agreed(trace, each)
    for finding in judge(trace, PROPERTIES):
        if finding.verdict == "violated":
            raise Wrong(f"{finding.reason}.", picture=raft_drawn(trace, PROPERTIES))
    model = ClusterModel(
        _cluster(watched(kind, 10**7), SMALL, committed=3),
        PROPERTIES,
        network="fifo",
        firings={"election": 1, "heartbeat": 0, "retry": 0},
        settled=election("s1", "s2"),
    )
    found = every_run(model, _unsafe, invariants={}, can_reach={})
    return Answer(
        "right",
        f"Four followers agree after two refusals at most, and no promise is broken in"
        f" {found.states:,} states.",
    )


def _agreed(trace: Trace, follower: str) -> None:
    """Raise unless this follower has come to agree, soon enough."""
    refusals, entries = 0, 0
    for event in trace.where(node=follower):
        match event.kind, event.what:
            case "deliver", AppendEntries() as message:
                entries = len(message.entries)
            case "send", AppendEntriesReply(_, False, _):
                refusals += 1
            case "send", AppendEntriesReply(_, True, _):
                break
    most, sent = MOST[follower]
    had = f"{follower}, whose entries are of terms {_told(LONG[follower])},"
    if refusals > most:
        raise Wrong(f"{had} refuses {refusals} times: {most} would do.")
    if entries > sent:
        raise Wrong(f"{had} is sent {entries} entries: it needs {sent} at most.")
    logs = logs_of(trace)
    if logs[follower] != logs["s1"]:
        raise Wrong(f"{had} has not the log of its leader after {ENDS:g} s.")


def _told(terms: Terms) -> str:
    """Tell a long log in short.

    Examples
    --------
    >>> _told((1, 1, 4))
    '1 (2 times), 4 (once)'
    """
    return ", ".join(
        f"{term} ({'once' if terms.count(term) == 1 else f'{terms.count(term)} times'})"
        for term in sorted(set(terms))
    )


def _unsafe(name: str, way: Counterexample) -> Wrong:
    why = f"{name} is broken in one of all runs."
    return Wrong(why, str(way), raft_drawn(way.trace, PROPERTIES))
