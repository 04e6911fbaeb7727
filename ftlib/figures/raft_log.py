"""The first figure of chapter 7.3.3: a follower that comes to agree with its leader
(figure 7 of Ongaro and Ousterhout 2014), played by servers of the library.
"""

from functools import cache, partial
from typing import Annotated, Any, NamedTuple

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_membership_worlds import CORRECTION, change
from ftlib.consensus.raft_messages import AppendEntries, AppendEntriesReply
from ftlib.consensus.raft_worlds import (
    APPENDS,
    FIGURE_8,
    LED,
    ONE,
    STORED,
    TWO,
    A,
    B,
    over,
)
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import flow, group, line, short, text
from ftlib.figures.controls import Choice
from ftlib.services import Client, Entry, Log, Recovered, Request, Stored, Truncated
from ftlib.simulation import (
    Cluster,
    Trace,
)

__all__ = ["LOGS", "STARTS", "catching_up", "logs_of", "played"]

STARTS: dict[str, tuple[Any, list[Any]]] = {
    "elected": (ONE, LED),
    "other entries before": (((A,), (B,), (), (A,)), APPENDS),
    "an older term": (TWO, FIGURE_8),
    "the leader crashes": (ONE, [*STORED, *over("s1>s2", "s2>s1")]),
    "a follower crashes": (ONE, [*STORED, *over("s1>s2")]),
    "two leaders change members": (
        ((change("s1", "s3", "s4"),), (change("s2", "s3", "s4"),)),
        CORRECTION,
    ),
}
"""From where the chapter explores, as what each client wants, and the steps up to
there; they are those of the worlds of Raft.
"""

WIDE, SIZE, GAP, LEFT = 430.0, 26.0, 3.0, 62.0
INKS = ("blue", "blue", "orange", "purple", "green", "sky", "yellow", "red", "ink")
BOLD = ' font-weight="600"'


def logs_of(trace: Trace) -> dict[str, tuple[Entry, ...]]:
    """Return the entries that each server has stored and not given up, in their order;
    without those that a snapshot stands for.

    Examples
    --------
    >>> from ftlib.consensus import raft_servers
    >>> nodes = raft_servers([[("put", "x", 1)]])
    >>> {len(log) for log in logs_of(Cluster(nodes).run(until=1)).values()}
    {1}
    """
    logs: dict[str, dict[int, Entry]] = {}
    for event in trace.where(kind="fact"):
        log = logs.setdefault(event.node, {})
        match event.what:
            case Recovered(snapshot, entries):
                logs[event.node] = dict(enumerate(entries, snapshot.index + 1))
            case Stored(index, term, value):
                log[index] = Entry(term, value)
            case Truncated(index):
                logs[event.node] = {at: log[at] for at in log if at < index}
    return {
        server: tuple(log[index] for index in sorted(log))
        for server, log in sorted(logs.items())
        if log
    }


LOGS: dict[str, tuple[int, ...]] = {
    "leader": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6),
    "a": (1, 1, 1, 4, 4, 5, 5, 6, 6),
    "b": (1, 1, 1, 4),
    "c": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
    "d": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
    "e": (1, 1, 1, 4, 4, 4, 4),
    "f": (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
}
"""The seven logs of figure 7, as the terms of their entries."""
TERM = max(max(log) for log in LOGS.values())  # the last that somebody has seen
OWN = 8  # the term that the leader wins


class Old(Raft):
    """A server that comes back with a log."""

    def __init__(self, servers: tuple[str, ...], terms: tuple[int, ...], **named: Any):
        super().__init__(servers, heartbeat=5.0, **named)
        self.terms = terms

    def on_start(self) -> None:
        log = Log()
        self.disk.write("vote", (TERM, None))
        for term in self.terms:
            request = Request("past", log.last[1] + 1, ("put", "x", term))
            log.append(self.disk, term, request)
        self.disk.force()
        super().on_start()


class OldBlind(Old):
    """Takes what it is sent, whatever stands before it."""

    def take(self, index: int, term: int, entries: tuple[Entry, ...]) -> bool:
        at = min(index, self.log.last[1])
        return super().take(at, self.log.epoch_at(at) or 0, entries)


class OldByIndex(Old):
    """Takes what it is sent behind an entry of that number, of whatever term."""

    def take(self, index: int, term: int, entries: tuple[Entry, ...]) -> bool:
        own = self.log.epoch_at(index)
        return own is not None and super().take(index, own, entries)


CHECKS = {"nothing": OldBlind, "index": OldByIndex, "both": Old}


class Played(NamedTuple):
    """What a leader and a follower have said to each other, and where that led."""

    asked: tuple[tuple[int, bool], ...]  # behind which entry, and whether that was fine
    before: tuple[int, ...]  # the follower's log once it agrees, for all it knows
    after: tuple[int, ...]  # and with the next entry of the leader
    gone: tuple[int, ...]  # from which entry on it gave up what it had


@cache
def played(follower: str = "f", check: str = "both") -> Played:
    """Let a leader win term 8 and bring a follower up to date; then a client writes.

    Parameters
    ----------
    follower : str
        A key of `LOGS`.
    check : str
        What the follower compares, a key of `CHECKS`.

    Examples
    --------
    >>> played("f").asked[-1]
    (3, True)
    """
    servers = tuple(LOGS)
    nodes: dict[str, Any] = {
        each: partial(
            CHECKS[check] if each == follower else Old,
            servers,
            log,
            election_timeout=(5.5, 5.5) if each == "leader" else (30.0, 40.0),
        )
        for each, log in LOGS.items()
    }
    for name, wanted in (("past", ()), ("client", (("put", "x", "new"),))):
        nodes[name] = partial(Client, ("leader",), wanted, 7.0, 7.0)
    trace = Cluster(nodes).run(until=8.0)
    asked: list[tuple[int, bool]] = []
    probe = 0
    log, before = LOGS[follower], LOGS[follower]
    gone: list[int] = []
    for event in trace.where(node=follower):
        match event.kind, event.what:
            case "deliver", AppendEntries(_, index, _, _, _):
                probe, before = index, log
            case "send", AppendEntriesReply(_, success, _):
                asked.append((probe, success))
            case "fact", Truncated(index):
                log, gone = log[: index - 1], [*gone, index]
            case "fact", Stored(index, term):
                log = (*log[: index - 1], term)
    return Played(tuple(asked[:-1]), before, log, tuple(gone))


def catching_up(
    follower: Annotated[
        str, Choice({each: each for each in LOGS if each != "leader"}, "The follower")
    ] = "f",
    check: Annotated[
        str,
        Choice(
            {
                "nothing": "nothing",
                "index": "that it has an entry of that number",
                "both": "that it has this entry, by number and term",
            },
            "Before it takes entries it checks",
        ),
    ] = "both",
) -> Picture:
    """Draw how the leader of figure 7 brings a follower up to date.

    Parameters
    ----------
    follower : str
        A key of `LOGS`.
    check : str
        What the follower checks, a key of `CHECKS`.

    Returns
    -------
    Picture
        Step k shows the kth question; the last one what has come of it.

    Notes
    -----
    Explained in ``chapters/7_3_3_raft_log``.
    """
    run = played(follower, check)
    leader = (*LOGS["leader"], OWN)
    number = len(run.asked)
    rows = (16.0, 40.0, 76.0, 112.0, 152.0)
    parts = [text(LEFT - 12, rows[0], "entry", "muted", "end")]
    for index in range(1, 13):
        parts.append(text(_at(index) + SIZE / 2, rows[0], str(index), "muted"))
    parts.append(text(LEFT - 12, rows[1] + 18, "leader", anchor="end"))
    parts += [_entry(_at(i), rows[1], term) for i, term in enumerate(leader[:-1], 1)]
    parts.append(text(LEFT - 12, rows[2] + 18, f"{follower} had", anchor="end"))
    parts += [_entry(_at(i), rows[2], t) for i, t in enumerate(LOGS[follower], 1)]
    parts.append(text(LEFT - 12, rows[3] + 16, "behind", "muted", "end"))
    story = []
    for step, (index, success) in enumerate(run.asked, 1):
        sign, ink = ("✓", "green") if success else ("✗", "red")
        x = _at(index) + SIZE / 2
        parts.append(group(step, text(x, rows[3] + 16, sign, ink, more=BOLD)))
        answer = "accepts" if success else "refuses"
        story.append(f"Behind entry {index}: {follower} {answer}.")
    last = [text(LEFT - 12, rows[4] + 18, f"{follower} has", anchor="end")]
    wrong = []
    for index, term in enumerate(run.after, 1):
        fits = leader[index - 1 : index] == (term,)
        wrong += [] if fits else [index]
        last.append(_entry(_at(index), rows[4], term, not fits))
    last.append(_entry(_at(11), rows[1], OWN))
    parts.append(group(number + 1, "".join(last)))
    given = f"; on the way it gave up all from {run.gone[0]} on" if run.gone else ""
    terms = ", ".join(map(str, run.after))
    story.append(
        f"A client writes, and the leader has entry 11. {follower} has entries of terms"
        f" {terms}{given}."
    )
    short_of = len(leader) - len(run.after)
    if run.after == leader:
        refused = number - 1
        how = {0: "at once", 1: "after one refusal"}
        after = how.get(refused, f"after {refused} refusals")
        title = f"{follower} has the log of its leader, {after}."
    else:
        many = len(wrong) + max(short_of, 0)
        differ = "an entry differs" if many == 1 else f"{many} entries differ"
        title = f"{follower} has accepted all, and {differ} from the leader's."
    legend, bottom = flow(
        (
            (22.0, _entry(-9, -14, 3, size=18), "an entry, its term", "muted"),
            (22.0, _entry(-9, -14, 3, True, 18), "not the leader's", "muted"),
            (18.0, text(0, 5, "✗", "red"), "refuses", "muted"),
            (18.0, text(0, 5, "✓", "green"), "accepts", "muted"),
        ),
        rows[4] + 56,
        WIDE,
    )
    parts.append(legend)
    return Picture(
        "".join(parts),
        WIDE,
        bottom,
        title,
        f"The leader of term {OWN} sends what stands behind its last entry, and goes"
        " back by one whenever that is refused.",
        tuple(story),
        steps=number + 1,
    )


def _at(index: int) -> float:
    return LEFT + (index - 1) * (SIZE + GAP)


def _entry(
    x: float, y: float, term: int, wrong: bool = False, size: float = SIZE
) -> str:
    """Draw an entry: its term, and crossed out if it ought not to be there."""
    ink = colour(INKS[term])
    drawn = (
        f'<rect x="{short(x)}" y="{short(y)}" width="{size:g}" height="{size:g}" rx="3"'
        f' fill="{ink}" fill-opacity=".18" stroke="{ink}" stroke-width="1.6"/>'
    )
    drawn += text(x + size / 2, y + size / 2 + 5, str(term), size=14)
    if wrong:
        drawn += line(x, y + size, x + size, y, "red", 2.2)
    return drawn
