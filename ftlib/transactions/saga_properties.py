"""What a saga must promise, as properties of the trace; and the facts that its
orchestrator and participants record.

All but `termination` are safety and hold in an asynchronous network: no time-out has to
be right for them. That nobody looks in between is no promise:
`ftlib.transactions.reader.whole_reads`, held against a trip that is turned back, finds
a reader that saw a place taken which nobody has in the end.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.simulation import Broken, Event, Property, Trace, Unknown, monitor
from ftlib.simulation.promises import FAULT_EVENTS, responsive, somebody_down
from ftlib.transactions.atomic_commit import NOTHING, TROUBLE, Outcome, Pairs

__all__ = [
    "FACTS",
    "PROPERTIES",
    "Began",
    "Compensated",
    "Done",
    "Ended",
    "Holds",
    "Refused",
    "all_or_compensated",
    "at_most_once",
    "nontriviality",
    "reverse_order",
    "termination",
    "within_places",
]


# Facts --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Began:
    """The orchestrator has begun a saga. Said again when it recovers, as `Ended` is."""

    saga: str
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A participant has executed a step, durably."""

    saga: str
    step: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A participant has refused a step."""

    saga: str
    step: int


@dataclass(frozen=True, slots=True)
class Compensated:
    """A participant has compensated a step that it had executed."""

    saga: str
    step: int


@dataclass(frozen=True, slots=True)
class Holds:
    """A participant that recovers: these (saga, step), and no others, stand on my
    disk.
    """

    steps: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The orchestrator has ended a saga: "commit" if all of it stands, "abort" if all
    of it is compensated.
    """

    saga: str
    outcome: Outcome


FACTS = (Began, Done, Refused, Compensated, Holds, Ended)
"""What the nodes of a saga may record."""


# Properties ---------------------------------------------------------------------------


def _standing(seen: Pairs, event: Event) -> Pairs:
    """Keep account of which steps stand, and with whom: pairs ("stands", (participant,
    saga, step)).
    """
    node = event.node
    match event.what:
        case Done(saga, step):
            return seen | {("stands", (node, saga, step))}
        case Compensated(saga, step):
            return seen - {("stands", (node, saga, step))}
        case Holds(steps):
            others = {
                (kind, what)
                for kind, what in seen
                if kind != "stands" or what[0] != node
            }
            return frozenset(others | {("stands", (node, *step)) for step in steps})
    return seen


def _stand(seen: Pairs, saga: str) -> set[int]:
    """Return which steps of a saga stand."""
    return {what[2] for kind, what in seen if kind == "stands" and what[1] == saga}


def _whole(seen: Pairs, event: Event) -> Pairs | Broken:
    """Remembers how many steps each saga has, which of them stand, and how it ended."""
    seen = _standing(seen, event)
    match event.what:
        case Began(saga, participants):
            seen |= {("steps", (saga, len(participants)))}
        case Ended(saga, outcome):
            seen |= {("ended", (saga, outcome))}
    for kind, what in sorted(seen, key=repr):
        if kind == "ended":
            wrong = _half(seen, *what)
            if wrong:
                return Broken(wrong)
    return seen


def _half(seen: Pairs, saga: str, outcome: str) -> str | None:
    stand = _stand(seen, saga)
    steps = next(
        (what[1] for kind, what in seen if kind == "steps" and what[0] == saga), 0
    )
    wrong = sorted(stand if outcome == "abort" else set(range(1, steps + 1)) - stand)
    if not wrong:
        return None
    return (
        f"{saga}: ended in {outcome}, but these steps"
        f" {'stand' if outcome == 'abort' else 'do not stand'}: {str(wrong)[1:-1]}"
    )


def _once(seen: Pairs, event: Event) -> Pairs | Broken:
    """Remembers which steps stand, and which were compensated."""
    node = event.node
    match event.what:
        case Done(saga, step) if ("stands", (node, saga, step)) in seen:
            return Broken(f"{saga}: {node} executed step {step} twice")
        case Done(saga, step) if ("compensated", (saga, step)) in seen:
            return Broken(f"{saga}: {node} executed step {step} after its compensation")
        case Compensated(saga, step) if ("stands", (node, saga, step)) not in seen:
            return Broken(
                f"{saga}: {node} compensated step {step}, which did not stand"
            )
        case Compensated(saga, step):
            seen |= {("compensated", (saga, step))}
    return _standing(seen, event)


def _reverse(seen: Pairs, event: Event) -> Pairs | Broken:
    """Remembers which steps stand."""
    match event.what:
        case Compensated(saga, step):
            later = [each for each in _stand(seen, saga) if each > step]
            if later:
                return Broken(
                    f"{saga}: step {step} is compensated while step {max(later)}, which"
                    " came after it, stands"
                )
    return _standing(seen, event)


def _nontriviality(excused: Any, event: Event) -> Any:
    """Remembers the sagas that may end in abort: a step was refused, or a timer ran
    out; None: something failed, all may.
    """
    if excused is None or event.kind in FAULT_EVENTS:
        return None
    match event.kind, event.what:
        case "timer", _:
            name, _, saga = (event.other or "").partition(" ")
            return excused | {saga} if name != "begin" else excused
        case _, Refused(saga):
            return excused | {saga}
        case _, Ended(saga, "abort") if saga not in excused:
            return Broken(
                f"{saga}: ended in abort, though nobody refused, nothing failed and no"
                " timer ran out"
            )
    return excused


def within_places(places: int) -> Property:
    """No participant ever sells more places than it has: the only thing that two sagas
    are promised of each other.

    Parameters
    ----------
    places : int
        How many each has.
    """

    def step(seen: Pairs, event: Event) -> Pairs | Broken:
        seen = _standing(seen, event)
        taken = sum(kind == "stands" and what[0] == event.node for kind, what in seen)
        if taken > places:
            return Broken(f"{event.node} has sold {taken} places, and has {places}")
        return seen

    return monitor("within places", NOTHING, step)


def termination(within: float, until: float) -> Property:
    """Every saga ends within `within` seconds once faults stop, all nodes are up and
    messages arrive.

    Parameters
    ----------
    within : float
        The bound, in seconds: after the last fault, and after the beginning.
    until : float
        How long the run was let run, in seconds.

    Returns
    -------
    Property
        Its verdict is unknown when no saga has begun, when one has not ended and a node
        is down at the end, or when faults went on until less than `within` before it.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Crash, Recover, judge
    >>> from ftlib.transactions.saga import trip
    >>> crash = [Crash("hotel", at=0.03), Recover("hotel", at=5)]
    >>> judge(
    ...     Cluster(trip("yyn"), faults=crash).run(until=9), [termination(1, until=9)]
    ... )[0].verdict
    'holds'
    """
    return responsive("termination", _unended, within, until, somebody_down)


def _unended(trace: Trace) -> dict[str, float] | Unknown:
    """Say which sagas have not ended, and since when they should have."""
    began: dict[str, float] = {}
    for event in trace.facts(Began):
        began.setdefault(event.what.saga, event.time)
    if not began:
        return Unknown("no saga has begun")
    ended = {event.what.saga for event in trace.facts(Ended)}
    return {
        f"{saga}: has not ended": since
        for saga, since in began.items()
        if saga not in ended
    }


all_or_compensated = monitor("all or compensated", NOTHING, _whole)
"""In the end either every step stands or none does."""
at_most_once = monitor("at most once", NOTHING, _once)
"""No step is executed twice, nor after its compensation, nor compensated twice."""
reverse_order = monitor("reverse order", NOTHING, _reverse)
"""A step is compensated when those that came after it no longer stand."""
nontriviality = monitor(
    "non-triviality", NOTHING, _nontriviality, kinds=("fact", *TROUBLE)
)
"""A saga is turned back only if a step was refused or something failed."""

PROPERTIES = (all_or_compensated, at_most_once, reverse_order, nontriviality)
"""What a saga promises, whatever fails."""
