"""The second figure of chapter 7.3.3: an entry of an older term (figure 8 of Ongaro and
Ousterhout 2014), played by servers of the library.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple

from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import Committed
from ftlib.consensus.raft_mutants import CommitsOlderTerms
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import flow, group, short, text
from ftlib.figures.controls import Choice
from ftlib.figures.raft_log import BOLD, INKS, WIDE, logs_of
from ftlib.services import Elected
from ftlib.simulation import Cluster, Crash, Deliver, Drop, Fire, Recover, play

__all__ = ["older_term", "scene"]

SERVERS = tuple(f"s{number}" for number in range(1, 6))
PUTS: tuple[Any, ...] = tuple(
    (("put", "x", value),) if value else () for value in (2, 1, 0, 0, 3, 4)
)
"""What each client asks for: c1 asks s1, c2 asks s2, ..., and c6 again s1."""


def _to(kind: str, sender: str, *receivers: str) -> list[Any]:
    return [Deliver(kind, sender, each) for each in receivers]


def _votes(candidate: str, *voters: str) -> list[Any]:
    """An election, of which these hear."""
    replies = [Deliver("RequestVoteReply", each, candidate) for each in voters]
    asked = _to("RequestVote", candidate, *voters)
    return [Fire(candidate, "election"), *asked, *replies]


def _stores(leader: str, *followers: str, times: int = 1) -> Iterator[Any]:
    for each in followers:
        for _ in range(times):
            yield Deliver("AppendEntries", leader, each)
            yield Deliver("AppendEntriesReply", each, leader)


def _lost(leader: str, *followers: str) -> list[Any]:
    return [Drop("AppendEntries", leader, each) for each in followers for _ in "12"]


BEGIN: list[Any] = [
    *_votes("s2", "s1", "s3", "s4", "s5"),
    Deliver("Request", "c2", "s2"),
    *_stores("s2", "s1", "s3", "s4", "s5", times=2),
    *_votes("s1", "s2", "s3", "s4", "s5"),
    Deliver("Request", "c1", "s1"),
    *_stores("s1", "s2", times=2),
    *_lost("s1", "s3", "s4", "s5"),
]
AWAY: list[Any] = [
    Crash("s1"),
    *_votes("s5", "s3", "s4"),
    Deliver("Request", "c5", "s5"),
    *_lost("s5", "s2", "s3", "s4"),
]
BACK: list[Any] = [
    *(Crash("s5"), Recover("s1"), Deliver("RequestVote", "s5", "s1")),
    *_votes("s1", "s2", "s3", "s4"),
    *_stores("s1", "s2"),
    *_stores("s1", "s3", times=2),
    Deliver("Request", "c6", "s1"),
]
AGAIN: list[Any] = [
    *(Crash("s1"), Recover("s5"), Deliver("RequestVote", "s1", "s5")),
    Deliver("RequestVote", "s5", "s2"),  # the one of term 3, which is too late
    *_votes("s5", "s2", "s3", "s4"),
]
NEXT: dict[str, list[Any]] = {
    "d": [*AGAIN, *_stores("s5", "s2", "s3", "s4", times=2)],
    "e": [*_stores("s1", "s2", "s3"), *AGAIN],
}
TOLD = {
    "a": "s1 leads term 2, and s2 has its entry 2, too.",
    "b": "s1 is down; s5 leads term 3, alone with its entry 2.",
    "c": "s5 is down; s1 leads term 4, and s3 has its old entry 2.",
    "d": "s1 is down again, and s5 asks for votes of term 5.",
    "e": "s2 and s3 have entry 3 first; then as in d.",
}
"""What happens in the moments of figure 8."""
STEPS = ("deliver", "timer", "crash", "recover", "drop")  # what a script makes happen
RULES = {"majority": CommitsOlderTerms, "own": Raft}


class Moment(NamedTuple):
    """How things stand at one of the moments of figure 8."""

    name: str
    logs: Mapping[str, tuple[int, ...]]
    leader: str  # who was elected last, if it is up
    down: str
    committed: tuple[tuple[int, ...], ...]  # the beginnings of logs that were called so


@cache
def scene(rule: str = "majority", then: str = "d") -> tuple[Moment, ...]:
    """Play figure 8, and tell how things stand at its moments a, b, c, and d or e.

    Parameters
    ----------
    rule : str
        When an entry counts as committed, a key of `RULES`.
    then : {"d", "e"}
        How it ends.

    Examples
    --------
    >>> scene("own", "d")[2].logs["s3"], scene("own", "d")[3].logs["s3"]
    ((1, 2), (1, 3))
    """
    steps = {"a": BEGIN, "b": AWAY, "c": BACK, then: NEXT[then]}
    script = [step for more in steps.values() for step in more]
    trace = play(Cluster(raft_servers(PUTS, 5, server=RULES[rule])), script)
    begins = [event.index for event in trace.where(kind=STEPS)]
    found: list[Moment] = []
    committed: tuple[tuple[int, ...], ...] = ()
    done = 0
    for name, more in steps.items():
        done += len(more)
        so_far = trace[: begins[done]] if done < len(script) else trace
        logs = {
            server: tuple(entry.epoch for entry in log)
            for server, log in logs_of(so_far).items()
        }
        leader = so_far.facts(Elected)[-1].node
        down = {"a": "", "b": "s1", "c": "s5"}.get(name, "s1")
        said = so_far.facts(Committed)[len(committed) :]
        committed += tuple(logs[each.node][: each.what.index] for each in said)
        leader = "" if leader == down else leader
        found.append(Moment(name, logs, leader, down, committed))
    return tuple(found)


def older_term(
    rule: Annotated[
        str,
        Choice(
            {
                "majority": "when a majority has stored it",
                "own": "if besides it is of the leader's own term",
            },
            "An entry is committed",
        ),
    ] = "majority",
    then: Annotated[
        str,
        Choice(
            {
                "d": "s1 crashes (d)",
                "e": "s2 and s3 store entry 3, then s1 crashes (e)",
            },
            "After c",
        ),
    ] = "d",
) -> Picture:
    """Draw the moments of figure 8.

    Parameters
    ----------
    rule : str
        When an entry counts as committed, a key of `RULES`.
    then : {"d", "e"}
        How it ends.

    Returns
    -------
    Picture
        A step a moment.

    Notes
    -----
    Explained in ``chapters/7_3_3_raft_log``.
    """
    moments = scene(rule, then)
    parts, story, y = [], [], 18.0
    for step, moment in enumerate(moments, 1):
        drawn = [text(8, y, moment.name, anchor="start", more=BOLD)]
        drawn.append(text(26, y, TOLD[moment.name], "muted", "start"))
        for place, server in enumerate(SERVERS):
            drawn += _log(26 + 81 * place, y + 16, server, moment)
        parts.append(group(step, "".join(drawn)))
        most = max(map(len, moment.committed))
        said = "is" if most == 1 else f"to {most} are"
        leads = f"; {moment.leader} leads" if moment.leader else "; nobody leads"
        story.append(
            f"{moment.name}: {TOLD[moment.name]} Entry 1 {said} called committed"
            f"{leads}."
        )
        y += 82
    *_, third, last = moments
    if lost(last, third):
        title = "Entry 2 was called committed, and s5 has overwritten it."
    elif then == "d":
        title = "Entry 2 is overwritten, and nobody had called it committed."
    else:
        title = "s2 and s3 refuse s5: entries 2 and 3 are safe."
    legend, bottom = flow(
        (
            (22.0, _box(-9, -14, 2, True), "called committed", "muted"),
            (22.0, _box(-9, -14, 2, False), "not", "muted"),
            (18.0, text(0, 5, "▲", "green"), "leads", "muted"),
            (18.0, text(0, 5, "✗", "red"), "down", "muted"),
        ),
        y + 10,
        WIDE,
    )
    return Picture(
        "".join(parts) + legend,
        WIDE,
        bottom,
        title,
        "Each number is an entry, and the term in which a leader made it.",
        tuple(story),
        steps=len(moments),
    )


def lost(last: Moment, third: Moment) -> bool:
    """Tell whether an entry that was called committed at moment c is gone in the log of
    the last leader.
    """
    log = last.logs[last.leader or third.leader]
    return any(log[: len(kept)] != kept for kept in third.committed)


def _log(x: float, y: float, server: str, moment: Moment) -> Iterable[str]:
    sign, ink = "", "ink"
    if server == moment.leader:
        sign, ink = " ▲", "green"
    elif server == moment.down:
        sign, ink = " ✗", "red"
    yield text(x, y + 6, f"{server}{sign}", ink, "start")
    log = moment.logs[server]
    for index, term in enumerate(log):
        said = any(
            index < len(kept) and log[: index + 1] == kept[: index + 1]
            for kept in moment.committed
        )
        yield _box(x + 24 * index, y + 14, term, said)


def _box(x: float, y: float, term: int, committed: bool) -> str:
    ink, dash = colour(INKS[term]), "" if committed else ' stroke-dasharray="4 3"'
    drawn = (
        f'<rect x="{short(x)}" y="{short(y)}" width="20" height="20" rx="3"'
        f' fill="{ink}" fill-opacity=".18" stroke="{ink}" stroke-width="2"{dash}/>'
    )
    return drawn + text(x + 10, y + 15, str(term), size=14)
