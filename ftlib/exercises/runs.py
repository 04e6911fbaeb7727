"""Runs that a judge makes of what was handed in, and how it shows them."""

from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any

from ftlib.checking import Counterexample, Exploration, explore
from ftlib.drawing import Look, Picture, spacetime
from ftlib.exercises.answer import Wrong
from ftlib.exercises.bounds import role, watched
from ftlib.simulation import (
    Cluster,
    Finding,
    Node,
    Property,
    Schedule,
    Trace,
    judge,
)
from ftlib.transactions.bank import bank

__all__ = [
    "drawn",
    "every_run",
    "pasted",
    "run",
    "say_how_far",
    "schedule",
    "watched_bank",
]

Nodes = Mapping[str, Callable[[], Node]]

STATES = 60_000  # that an exploration may visit; what is right needs far fewer


def schedule(given: Any, name: str) -> Schedule:
    """Return the faults that were handed in, or raise `Wrong`."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise Wrong(f"{name} is {given!r}: hand in a list of faults.")
    try:
        return Schedule(given)
    except TypeError as error:
        raise Wrong(f"{name} holds something else: {error}.") from error


def run(
    nodes: Nodes,
    faults: Iterable[Any] = (),
    *,
    until: float,
    used: bool = False,
    **world: Any,
) -> Trace:
    """Simulate.

    Parameters
    ----------
    nodes, faults, **world
        As for `Cluster`.
    until : float
        In seconds.
    used : bool
        Whether to raise `Wrong` if one of the faults has not taken effect.
    """
    faults = Schedule(faults)
    try:
        cluster = Cluster(nodes, faults=faults, same_time_limit=10_000, **world)
        trace = cluster.run(until=until)
    except (ValueError, TypeError, RuntimeError) as error:
        raise Wrong(f"this cannot be run: {error}.", pasted(faults)) from error
    if used and cluster.unused:
        idle = ", ".join(map(repr, cluster.unused))
        raise Wrong(
            f"in {until:g} s one of these faults never takes effect: {idle}.",
            pasted(faults),
            drawn(trace, title="A fault has not taken effect."),
        )
    return trace


def watched_bank(votes: str, coordinator: Any, participant: Any) -> Nodes:
    """Make a bank of classes that were handed in, run within the bounds."""
    return bank(
        votes,
        coordinator=watched(role(coordinator, "the coordinator")),
        participant=watched(role(participant, "the participant")),
    )


def pasted(faults: Iterable[Any]) -> str:
    """Write faults as text that can be pasted into a cell."""
    rows = "".join(f"    {fault!r},\n" for fault in faults)
    return f"faults = [\n{rows}]" if rows else "faults = []"


def drawn(
    trace: Trace,
    properties: Iterable[Property] = (),
    *,
    look: Look | None = None,
    title: str = "",
    events: int = 80,
) -> Picture:
    """Draw a run, or its first events, with its verdicts."""
    findings: tuple[Finding, ...] = judge(trace, properties)
    return spacetime(trace[:events], look=look, findings=findings, title=title)


def every_run(
    model: Any,
    wrong: Callable[[str, Counterexample], Wrong],
    *,
    invariants: Mapping[str, Callable[[Any], bool]],
    can_reach: Mapping[str, Callable[[Any], bool]],
    states: int = STATES,
    whole: bool = True,
) -> Exploration:
    """Explore a model, and raise what `wrong` makes of the first counterexample.

    Parameters
    ----------
    model, wrong, invariants, can_reach
    states : int
        How many are visited at most.
    whole : bool
        Whether there may be no more than that.

    Raises
    ------
    Wrong
        Also if there are more states, where that is wrong.
    """
    start = monotonic()

    def progress(states: int, depth: int, seconds: float) -> None:
        say_how_far(f"{states:,} states", start)

    found = explore(model, invariants, can_reach, max_states=states, progress=progress)
    ways = {
        **found.violations,
        **{name: lost.way for name, lost in found.unreachable.items()},
    }
    if ways:
        name = min(ways, key=lambda each: len(ways[each]))
        raise wrong(name, ways[name])
    if whole and not found.complete:
        raise Wrong(
            f"its states do not end: after {states:,} of them there are still more."
            " Does a node keep something that grows, or send ever more messages?"
        )
    return found


def say_how_far(what: str, start: float) -> None:
    """Say what has been done since a start, once that is more than a second ago."""
    seconds = monotonic() - start
    if seconds > 1:
        print(f"\r{what}, {seconds:.0f} s ", end="", flush=True)
