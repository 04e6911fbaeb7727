"""The figures of chapters 4.3.1 and 4.3.2: two-phase commit and its mutants under
crashes that the reader chooses, a crash at every point, and lost messages.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Annotated, Any

from ftlib.drawing import Picture, spacetime
from ftlib.drawing.by_hand import Hands
from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.drawing.shapes import cross, line, text
from ftlib.figures.challenge import Challenge, breaks
from ftlib.figures.controls import NO_FAULTS, Choice, Faults, Range
from ftlib.figures.two_phase_commit_counted import COUNTED
from ftlib.simulation import (
    Cluster,
    Crash,
    Event,
    Network,
    Node,
    Point,
    Recover,
    Schedule,
    Trace,
    Uniform,
    judge,
)
from ftlib.simulation.promises import down
from ftlib.transactions.atomic_commit import PROPERTIES, Decided, Voted, agreement
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.mutants import (
    AbortsInDoubt,
    CommitsInDoubt,
    ForgetsItsVote,
    KeepsNoLog,
    OwnVoteDecides,
    SendsBeforeForcing,
    mutated,
)
from ftlib.transactions.two_phase import Coordinator, Participant

__all__ = ["VERSIONS", "crash_everywhere", "crashes", "ends", "losses", "tally"]

VERSIONS: dict[str, type[Node]] = {
    "library": Coordinator,
    "own vote": OwnVoteDecides,
    "no log": KeepsNoLog,
    "tells first": SendsBeforeForcing,
    "forgets": ForgetsItsVote,
    "commits": CommitsInDoubt,
    "aborts": AbortsInDoubt,
}
"""The library's coordinator, and mutants, each by a short name."""
NAMES = {
    "library": "the library's",
    "own vote": "each by its own vote",
    "no log": "the coordinator keeps no log",
    "tells first": "the coordinator tells before it forces",
    "forgets": "a participant forgets its vote",
    "commits": "a participant in doubt commits",
    "aborts": "a participant in doubt aborts",
}
OUTCOMES = ("commit", "abort", "blocked", "disagreement")
SEEN = ("deliver", "timer", "write", "force", "send")  # what a crash can come after
BACK = 0.2  # seconds until a crashed node is back, before anybody's patience ends


def outcome(trace: Trace) -> str:
    """Say in a word of `OUTCOMES` how a run of one transaction has ended.

    Disagreement counts whoever has decided, also if it has crashed since. Blocked is
    who is up, has voted yes and does not know the decision. Where nobody is in doubt
    and nobody has decided, nothing is going to be committed: that counts as abort.

    Examples
    --------
    >>> outcome(Cluster(mutated(Coordinator)).run())
    'commit'
    """
    outcomes = {event.what.outcome for event in trace.facts(Decided)}
    if len(outcomes) > 1:
        return "disagreement"
    doubtful = {event.node for event in trace.facts(Voted) if event.what.vote == "yes"}
    decided = {event.node for event in trace.facts(Decided)}
    if doubtful - decided - set(down(trace)):
        return "blocked"
    return next(iter(outcomes), "abort")


def _chosen(*versions: str) -> dict[Any, str]:
    return {version: NAMES[version] for version in versions}


# A crash at every effect --------------------------------------------------------------


@cache
def ends(
    version: str, victim: str, votes: str = "yy"
) -> tuple[tuple[str, str, str], ...]:
    """Crash one node after each thing that it does or receives, in turn.

    Parameters
    ----------
    version : str
        A key of `VERSIONS`.
    victim : str
        The node that crashes.
    votes : str
        As in `ftlib.transactions.bank.bank`.

    Returns
    -------
    tuple of (str, str, str)
        For each crash point: what the node has done last, and how the run ends, a word
        of `OUTCOMES`, if it stays down and if it comes back 0.2 s later. A crash after
        a timer is set or a fact is recorded is left out: nobody can tell it from the
        one before.

    Examples
    --------
    >>> ends("library", "p1")[2]
    ('forces its promise', 'abort', 'abort')
    """
    rows: list[tuple[str, str, str]] = []
    calm = _crashed(version, votes)
    done = dict.fromkeys(SEEN, 0)
    for event in calm.where(kind=SEEN, node=victim):
        done[event.kind] += 1
        crash = Crash(victim, at=Point(victim, event.kind, nth=done[event.kind]))
        back = Recover(victim, at=Point(victim, "crash", later=BACK))
        if rows or _begun(event):
            stays = _crashed(version, votes, crash)
            returns = _crashed(version, votes, crash, back)
            rows.append((_did(calm, event), outcome(stays), outcome(returns)))
    return tuple(rows)


def _crashed(version: str, votes: str, *faults: Any) -> Trace:
    return Cluster(mutated(VERSIONS[version], votes), faults=faults).run(until=4)


def _begun(event: Event) -> bool:
    """Tell whether a node has begun to work: before, there is nothing to lose."""
    return event.kind in ("force", "deliver")


def _did(trace: Trace, event: Event) -> str:
    match event.kind:
        case "deliver":
            return f"receives {COMMIT_LOOK.message(event.what)} from {event.other}"
        case "send":
            return f"sends {COMMIT_LOOK.message(event.what)} to {event.other}"
        case "timer":
            return f"has waited: {COMMIT_LOOK.timer(str(event.other))}"
        case "write":
            return f"writes {COMMIT_LOOK.disk(event)}"
        case "force":
            written = [
                COMMIT_LOOK.disk(each)
                for each in trace.where(kind="write", node=event.node)
                if each.time == event.time
            ]
            return f"forces {next(filter(None, written), 'that it has started')}"
    return (COMMIT_LOOK.tell(event) or event.kind).removesuffix(
        " and is in doubt from now on"
    )


SIGNS = {"commit": ("✓", "green"), "abort": ("○", "ink"), "blocked": ("?", "orange")}
LEGEND = {
    "commit": "all who are up commit",
    "abort": "nobody commits",
    "blocked": "somebody is blocked",
    "disagreement": "agreement is broken",
}
VICTIMS = {COORDINATOR: "the coordinator", "p1": "p1"}
STAYS, BACKS, ROW = 310.0, 392.0, 30.0


def _sign(end: str, x: float, y: float) -> str:
    return (
        cross(x, y - 5, 6)
        if end == "disagreement"
        else text(x, y, *SIGNS[end], size=18)
    )


def crash_everywhere(
    version: Annotated[str, Choice(NAMES, "Version")] = "library",
    victim: Annotated[str, Choice(VICTIMS, "Who crashes")] = "p1",
    votes: Annotated[
        str, Choice({"yy": "both yes", "yn": "p1 yes, p2 no"}, "Votes")
    ] = "yy",
) -> Picture:
    """Draw what becomes of the transfer for a crash after each thing that one node does
    or receives.

    Parameters
    ----------
    version : str
        The protocol, a key of `VERSIONS`.
    victim : str
        The node that crashes.
    votes : str
        As in `ftlib.transactions.bank.bank`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_3_2_crash_it_everywhere``.
    """
    rows, who = ends(version, victim, votes), VICTIMS[victim]
    parts = [text(12, 40, f"The last thing that {who} does", "muted", "start", size=13)]
    for x, first, second in ((STAYS, "stays", "down"), (BACKS, "back", f"in {BACK} s")):
        parts += [
            text(x, 24, first, "muted", size=13),
            text(x, 40, second, "muted", size=13),
        ]
    for number, (effect, *results) in enumerate(rows):
        y = 72 + ROW * number
        parts.append(line(8, y - 20, 422, y - 20, "line", 1))
        parts.append(text(12, y, effect, "ink", "start"))
        parts += [
            _sign(end, x, y) for x, end in zip((STAYS, BACKS), results, strict=True)
        ]
    bottom = 72 + ROW * len(rows)
    parts.append(line(8, bottom - 20, 422, bottom - 20, "line", 1))
    for place, (name, words) in enumerate(LEGEND.items()):
        x, y = 20 + 200 * (place % 2), bottom + 12 + 26 * (place // 2)
        parts += [_sign(name, x, y), text(x + 16, y, words, "muted", "start", size=13)]
    return Picture(
        "".join(parts),
        430,
        bottom + 52,
        _verdict([end for _, *both in rows for end in both]),
        f"Version: {NAMES[version]}. Each row is a crash point of {who}, and each sign"
        " a run of 4 s.",
        tuple(
            f"{who} {effect} and crashes: {stays} if it stays down, {returns} if it"
            " comes back."
            for effect, stays, returns in rows
        ),
    )


def _verdict(results: list[str]) -> str:
    broken, blocked = results.count("disagreement"), results.count("blocked")
    if broken:
        return f"{broken} of {len(results)} runs break agreement."
    return (
        f"None of {len(results)} runs breaks agreement; {blocked or 'none'}"
        f" block{'s' * (blocked < 2)}."
    )


# Crashes by hand, step by step -------------------------------------------------------

CRASHED = _chosen("library", "no log", "tells first", "forgets", "aborts")
END = 0.4


def _by_hand(version: str, faults: Schedule) -> Cluster:
    """A run with short waits, so that all of it is soon over."""
    kind = VERSIONS[version]
    coordinator = kind if issubclass(kind, Coordinator) else Coordinator
    participant = kind if issubclass(kind, Participant) else Participant
    nodes = bank(
        "yy",
        coordinator=partial(coordinator, vote_timeout=0.05, resend=0.15),
        participant=partial(participant, patience=0.1),
    )
    cluster = Cluster(nodes, faults=faults)
    cluster.run(until=END)
    return cluster


HANDS = Faults(
    ("crash", "recover"),
    maximum=3,
    challenge=Challenge(
        "make two nodes disagree",
        2,
        _by_hand,
        breaks(agreement),
        "Whoever tells something has forced it before, and so still knows it when it"
        " is back; and whoever does not know waits.",
    ),
)


def crashes(
    version: Annotated[str, Choice(CRASHED, "Version")] = "tells first",
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw one run of a transfer between two participants that vote yes, in which the
    reader lets nodes crash.

    Parameters
    ----------
    version : str
        The protocol, a key of `VERSIONS`.
    faults : Schedule
        Who crashes when, and who comes back.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_3_1_two_phase_commit``.
    """
    cluster = _by_hand(version, faults)
    return _drawn(cluster.trace, f"Version: {NAMES[version]}.", HANDS.on(cluster))


def _faults(crash: Crash | None, back: float) -> list[Any]:
    if crash is None:
        return []
    return (
        [crash, Recover(crash.node, at=Point(crash.node, "crash", later=back))]
        if back
        else [crash]
    )


def _drawn(trace: Trace, words: str, hands: Hands | None = None) -> Picture:
    findings = judge(trace, PROPERTIES)
    broken = [finding for finding in findings if finding.verdict == "violated"]
    end = outcome(trace)
    title = (
        "Blocked: whoever has voted yes must wait."
        if end == "blocked"
        else f"{end.capitalize()}{_but(trace)}."
    )
    if broken:
        title = f"Broken: {broken[0].reason}."
    return spacetime(
        trace,
        look=COMMIT_LOOK,
        findings=findings,
        title=title,
        description=words,
        hands=hands,
    )


def _but(trace: Trace) -> str:
    missing = set(down(trace)) - {event.node for event in trace.facts(Decided)}
    return (
        f", and {' and '.join(sorted(missing))} is down" if missing else " everywhere"
    )


# Lost messages ------------------------------------------------------------------------

SEEDS = 200
P1_CRASHES: dict[str, Crash | None] = {
    "none": None,
    "asked": Crash("p1", at=Point("p1", "deliver", "Prepare")),
    "voted": Crash("p1", at=Point("p1", "send", "Vote")),
    "committed": Crash("p1", at=Point("p1", "fact", "Decided")),
}
P1_WORDS = {
    "none": "never",
    "asked": "when it is asked",
    "voted": "when it has voted",
    "committed": "when it has decided",
}
LOSS = {0.0: "none", 0.1: "1 in 10", 0.3: "3 in 10", 0.5: "1 in 2"}
LOSSY = _chosen("library", "commits", "aborts")


def losses(
    version: Annotated[str, Choice(LOSSY, "Version")] = "library",
    loss: Annotated[float, Choice(LOSS, "Messages lost")] = 0.3,
    crash: Annotated[str, Choice(P1_WORDS, "p1 crashes")] = "none",
    back: Annotated[
        float,
        Choice({0.0: "never", 0.2: "after 0.2 s", 1.0: "after 1 s"}, "It comes back"),
    ] = 0.2,
    seed: Annotated[int, Range(range(8), "Seed")] = 5,
) -> Picture:
    """Draw one run of a transfer between two participants that vote yes, where messages
    are lost.

    Parameters
    ----------
    version : str
        The protocol, a key of `VERSIONS`.
    loss : float
        The chance that a message is lost.
    crash : str
        When p1 crashes, a key of `P1_CRASHES`.
    back : float
        After how many seconds it recovers; 0 for never.
    seed : int
        Which messages are lost, and latencies between 5 and 15 ms, are drawn from this
        seed.

    Returns
    -------
    Picture
        Its description says how the first 200 seeds end.

    Notes
    -----
    Explained in ``chapters/4_3_2_crash_it_everywhere``.
    """
    counts = COUNTED[version, loss, crash, back if P1_CRASHES[crash] else 0.0]
    often = ", ".join(
        f"{name.replace('blocked', 'still in doubt')} {count}"
        for name, count in zip(OUTCOMES, counts, strict=True)
        if count
    )
    return _drawn(
        _lossy(version, loss, crash, back, seed),
        f"Version: {NAMES[version]}. Among {SEEDS} seeds: {often}.",
    )


def _lossy(version: str, loss: float, crash: str, back: float, seed: int) -> Trace:
    nodes: dict[str, Callable[[], Node]] = mutated(VERSIONS[version])
    network = Network(latency=Uniform(0.005, 0.015), loss=loss)
    return Cluster(
        nodes, network=network, seed=seed, faults=_faults(P1_CRASHES[crash], back)
    ).run(until=4)


def tally(version: str, loss: float, crash: str, back: float) -> dict[str, int]:
    """Count how the runs of the first 200 seeds end, after 4 s.

    Parameters
    ----------
    version, loss, crash, back
        As in `losses`.

    Returns
    -------
    dict from a word of `OUTCOMES` to int
    """
    return dict(_tally(version, loss, crash, back if P1_CRASHES[crash] else 0.0))


@cache
def _tally(
    version: str, loss: float, crash: str, back: float
) -> tuple[tuple[str, int], ...]:
    found = [outcome(_lossy(version, loss, crash, back, seed)) for seed in range(SEEDS)]
    return tuple((name, found.count(name)) for name in OUTCOMES)
