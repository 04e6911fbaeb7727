"""The figures of chapter 7.1: two-phase commit's states drawn whole, shortest
counterexamples, and blocking as a number.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any

from ftlib.checking import ClusterModel, Counterexample, Exploration, explore
from ftlib.checking.blocking import Blocking, blocking
from ftlib.checking.reach import out_of_reach
from ftlib.drawing import GraphLook, Picture, situation_table, spacetime, state_graph
from ftlib.drawing.layers import graph_of
from ftlib.drawing.looks.transactions import COMMIT_LOOK, COMMIT_SITUATIONS
from ftlib.drawing.situations import Situation
from ftlib.figures.controls import Choice, Range, Toggle
from ftlib.simulation import Cluster, Node, judge
from ftlib.transactions import three_phase
from ftlib.transactions.atomic_commit import PROPERTIES, Decided, Voted
from ftlib.transactions.bank import bank
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.mutants import SHOWN_BY, mutated
from ftlib.transactions.specification import TwoPhase, TwoPhaseState
from ftlib.transactions.two_phase import Coordinator

__all__ = [
    "PROBLEM",
    "blocked",
    "counterexample",
    "graph",
    "protocol",
    "situations",
    "stuck",
]

# The state graph ----------------------------------------------------------------------

CELLS = {
    "working": "empty",
    "prepared": "striped",
    "committed": "tick",
    "aborted": "cross",
}
LEGEND = {
    "empty": "working",
    "striped": "prepared",
    "tick": "committed",
    "cross": "aborted",
}
REGIONS = {
    "aborted": ("abort decided", "red"),
    "init": ("undecided", "muted"),
    "committed": ("commit decided", "green"),
}
STOPS = "somebody is stuck if the coordinator stops here"


def _names(managers: tuple[str, ...]) -> str:
    return ", ".join(f"p{number} {state}" for number, state in enumerate(managers, 1))


def _told(state: TwoPhaseState) -> str:
    heard = (
        ", ".join(f"p{manager + 1}" for manager in sorted(state.prepared)) or "nobody"
    )
    decided = {
        "init": "has not decided",
        "aborted": "has decided to abort",
        "committed": "has decided to commit",
    }[state.decision]
    return (
        f"{_names(state.managers)}; the coordinator has heard from {heard}, and"
        f" {decided}"
    )


def _step(action: str) -> str:
    words, _, manager = action.rpartition(" ")
    if words == "decide":
        return f"The coordinator decides to {manager}"
    who = f"p{int(manager) + 1}"
    match words:
        case "prepare":
            return f"{who} promises"
        case "abort":
            return f"{who} aborts by itself"
        case "hear prepared":
            return f"The coordinator hears that {who} has promised"
    return f"{who} hears that it is to {words.removeprefix('hear ')}"


def _dots(state: TwoPhaseState) -> list[str]:
    return [
        (
            "full"
            if manager in state.prepared
            else "open"
            if manager in state.messages
            else ""
        )
        for manager in range(len(state.managers))
    ]


PROBLEM = GraphLook(
    lambda state: [CELLS[each] for each in state], _names, LEGEND, _step
)
"""How the states of `TCommit` look."""
SOLUTION = GraphLook(
    lambda state: [CELLS[each] for each in state.managers],
    _told,
    LEGEND,
    _step,
    _dots,
    {"open": "promise under way", "full": "promise heard"},
    lambda state: state.decision,
    REGIONS,
)


def stuck(model: TwoPhase) -> list[TwoPhaseState]:
    """List the states from which some participant cannot finish by steps of
    participants alone.

    Parameters
    ----------
    model : TwoPhase
        Or a subclass; the coordinator's steps are those named "decide ..." and "hear
        prepared ...".

    Examples
    --------
    >>> len(stuck(TwoPhase(2)))
    12
    """
    states = [state for row in graph_of(model).rows for state in row]
    number = {state: place for place, state in enumerate(states)}
    own = [
        (number[state], number[successor])
        for state in states
        for action, successor in model.successors(state)
        if not action.startswith(("decide", "hear prepared"))
    ]
    lost: set[int] = set()
    for manager in range(model.managers):
        done = [
            place
            for place, state in enumerate(states)
            if state.managers[manager] in ("committed", "aborted")
        ]
        lost |= set(
            out_of_reach(
                [one for one, _ in own], [other for _, other in own], done, len(states)
            )
        )
    return [states[place] for place in sorted(lost)]


WAYS = {"none": "no run", "commit": "a commit", "abort": "an abort after all promises"}


@cache
def _way(managers: int, end: str) -> Counterexample | None:
    def wanted(state: TwoPhaseState) -> bool:
        if end == "commit":
            return set(state.managers) == {"committed"}
        return set(state.managers) == {"aborted"} and len(state.prepared) == managers

    if end == "none":
        return None
    return explore(
        TwoPhase(managers), {end: lambda state: not wanted(state)}
    ).violations[end]


READ = (
    "Each box is one state. It shows p1, and the dot above it p1's promise.",
    "Each box is one state. Its left half shows p1, its right half p2, and the dot"
    " above a half the promise of that one.",
)


def graph(
    managers: Annotated[int, Range(range(1, 3), "Participants")] = 1,
    way: Annotated[str, Choice(WAYS, "Follow")] = "none",
    stop: Annotated[bool, Toggle("Ring where somebody is stuck")] = False,
) -> Picture:
    """Draw every state of two-phase commit as it is specified.

    Parameters
    ----------
    managers : int
        How many participants.
    way : str
        A run to follow step by step, a key of `WAYS`.
    stop : bool
        Whether to ring the states from which some participant cannot finish without the
        coordinator.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_1_every_run``.
    """
    model = TwoPhase(managers)
    ringed = stuck(model)
    states = [state for row in graph_of(model).rows for state in row]
    counts = {
        region: sum(state.decision == region for state in states) for region in REGIONS
    }
    title = (
        f"{len(states)} states: {counts['aborted']} after abort, {counts['init']}"
        f" undecided, {counts['committed']} after commit."
    )
    if stop:
        title = (
            f"In {len(ringed)} of {len(states)} states somebody is stuck if the"
            " coordinator stops."
        )
    return state_graph(
        model,
        SOLUTION,
        marked=ringed if stop else (),
        mark=STOPS,
        way=_way(managers, way),
        title=title,
        description=READ[managers - 1]
        + " Its frame and the tint behind it say what the coordinator has decided."
        " Every line is a step, and leads down.",
    )


# Counterexamples ----------------------------------------------------------------------

VERSIONS: dict[str, type[Node]] = {
    "library": Coordinator,
    **{mutant.__name__: mutant for mutant in SHOWN_BY},
}
NAMES = {
    "library": "the library's",
    "OwnVoteDecides": "each by its own vote",
    "KeepsNoLog": "the coordinator keeps no log",
    "SendsBeforeForcing": "the coordinator tells before it forces",
    "AlwaysAborts": "the coordinator always aborts",
    "ForgetsItsVote": "a participant forgets its vote",
    "CommitsInDoubt": "a participant in doubt commits",
    "AbortsInDoubt": "a participant in doubt aborts",
}
CRASHES = {0: "nobody", 1: "anybody, once"}


@cache
def explored(version: str, crashes: int) -> Exploration:
    """Live every run of a version of two-phase commit with two participants.

    Parameters
    ----------
    version : str
        A key of `VERSIONS`. Mutants vote as in `ftlib.transactions.mutants.SHOWN_BY`.
    crashes : int
        How many crashes, and recoveries.

    Returns
    -------
    Exploration

    Examples
    --------
    >>> (
    ...     explored("library", 1).states,
    ...     len(explored("SendsBeforeForcing", 1).violations["agreement"]),
    ... )
    (1182, 9)
    """
    return explore(
        ClusterModel(_nodes(version), PROPERTIES, crashes=crashes, recoveries=crashes)
    )


def _nodes(version: str) -> Mapping[str, Callable[[], Node]]:
    mutant = VERSIONS[version]
    return mutated(mutant, SHOWN_BY[mutant][0] if mutant in SHOWN_BY else "yy")


def shortest(found: Exploration) -> tuple[str, Counterexample] | None:
    """Return the property that is violated after the fewest steps, and how."""
    return min(found.violations.items(), key=lambda item: len(item[1]), default=None)


def counterexample(
    version: Annotated[str, Choice(NAMES, "Version")] = "SendsBeforeForcing",
    crashes: Annotated[int, Choice(CRASHES, "Who may crash")] = 1,
) -> Picture:
    """Draw the shortest run in which a version of two-phase commit breaks a property,
    if there is one.

    Parameters
    ----------
    version : str
        A key of `VERSIONS`.
    crashes : int
        How many crashes and recoveries there may be.

    Returns
    -------
    Picture
        The counterexample; or, where every property holds in every state, the run in
        which nothing fails.

    Notes
    -----
    Explained in ``chapters/7_1_every_run``.
    """
    found = explored(version, crashes)
    broken = shortest(found)
    words = f"Version: {NAMES[version]}. {found.states:,} states; {found.bound}."
    if broken is None:
        trace = Cluster(_nodes(version)).run()
        title = (
            f"Nothing is broken in any of {found.states:,} states. One run of them,"
            " without faults:"
        )
        return spacetime(
            trace,
            look=COMMIT_LOOK,
            findings=judge(trace, PROPERTIES),
            title=title,
            description=words,
        )
    name, way = broken
    trace = way.trace
    title = f"{name.capitalize()} is broken after {len(way)} steps."
    return spacetime(
        trace,
        look=COMMIT_LOOK,
        findings=judge(trace, PROPERTIES),
        title=title,
        description=words,
    )


# Blocking -----------------------------------------------------------------------------

PROTOCOLS = {
    "2PC": "two-phase commit",
    "asking": "participants ask their peers",
    "3PC": "three-phase commit",
}


def protocol(name: str, votes: str) -> Mapping[str, Callable[[], Node]]:
    """Make the bank under a protocol, a key of `PROTOCOLS`."""
    match name:
        case "2PC":
            return bank(votes)
        case "asking":
            return bank(votes, participant=CooperativeParticipant)
    return bank(
        votes, coordinator=three_phase.Coordinator, participant=three_phase.Participant
    )


@cache
def situations(
    name: str, crashes: int, votes: str
) -> tuple[Blocking, dict[Situation, tuple[int, int, int]]]:
    """Sort the states of a protocol by what can be seen from outside.

    Parameters
    ----------
    name : str
        A key of `PROTOCOLS`.
    crashes : int
        How many nodes may crash.
    votes : str
        As in `ftlib.transactions.bank.bank`.

    Returns
    -------
    found : Blocking
    counts : dict from situation to (states, waiting, blocked)
        A situation is who is up, who has voted, and who has decided what.

    Examples
    --------
    >>> found, counts = situations("2PC", 1, "yy")
    >>> (
    ...     found.blocked,
    ...     found.waiting,
    ...     sum(blocked > 0 for _, _, blocked in counts.values()),
    ... )
    (11, 63, 5)
    """
    model = ClusterModel(
        protocol(name, votes),
        network="multiset",
        timers="synchronous",
        crashes=crashes,
        keep=(Voted, Decided),
    )
    found = blocking(model, Voted, Decided)
    counts: dict[Situation, tuple[int, int, int]] = {}
    for state, nodes in found.stuck.items():
        now = _situation(model, state)
        states, waiting, blocked = counts.get(now, (0, 0, 0))
        counts[now] = states + 1, waiting + ("in doubt" in now), blocked + bool(nodes)
    return found, counts


def _situation(model: ClusterModel, state: Any) -> Situation:
    up = model.up(state)
    known: dict[str, str] = {}
    for node, fact in sorted(
        model.facts(state), key=lambda each: isinstance(each[1], Decided)
    ):
        if isinstance(fact, Decided):
            known[node] = fact.outcome
        elif fact.vote == "yes":
            known[node] = "in doubt"
    coordinator, *others = model.ids
    return (
        "up" if coordinator in up else "down",
        *(known.get(node, "working") if node in up else "down" for node in others),
    )


def blocked(
    protocol: Annotated[str, Choice(PROTOCOLS, "Protocol")] = "2PC",
    crashes: Annotated[int, Range(range(3), "Crashes")] = 1,
    votes: Annotated[
        str, Choice({"yy": "both yes", "yn": "p1 yes, p2 no"}, "Votes")
    ] = "yy",
) -> Picture:
    """Draw in which situations a live participant waits for a decision, and in which it
    waits in vain.

    Parameters
    ----------
    protocol : str
        A key of `PROTOCOLS`.
    crashes : int
        How many nodes may crash; none comes back.
    votes : str
        As in `ftlib.transactions.bank.bank`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_1_every_run``.
    """
    found, counts = situations(protocol, crashes, votes)
    waits = {now: count for now, (_, count, _) in counts.items() if count}
    bad = {now: count for now, (_, _, count) in counts.items() if count}
    where = "situations in which somebody waits"
    return situation_table(
        counts,
        COMMIT_SITUATIONS,
        f"Blocked in {len(bad) or 'none'} of {len(waits)} {where}.",
        f"{PROTOCOLS[protocol].capitalize()}; {found.bound}.",
    )
