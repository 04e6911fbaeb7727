"""What any room of protocols needs to say what it promises: who was down, when the last
fault was, what was still owed at the end; and mutants in the place of a role.

A liveness property over a finite run names a bound: what is owed must be done within so
many seconds after it is owed *and* after the last fault (Alpern and Schneider 1985). A
protocol says what it owes, and since when; `responsive` makes a property of that.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ftlib.simulation.node import Node
from ftlib.simulation.property import Property, Unknown
from ftlib.simulation.trace import Trace

__all__ = [
    "FAULT_EVENTS",
    "casting",
    "down",
    "last_fault",
    "responsive",
    "somebody_down",
]

FAULT_EVENTS = ("crash", "recover", "drop", "fault")
"""The kinds of event that mean that something went wrong."""


def down(trace: Trace) -> tuple[str, ...]:
    """Name the nodes that are down at the end of a run, sorted.

    Examples
    --------
    >>> down(Trace([(0, "crash", "b", None, None, None)]))
    ('b',)
    """
    last = {event.node: event.kind for event in trace.where(kind=("crash", "recover"))}
    return tuple(sorted(node for node, kind in last.items() if kind == "crash"))


def last_fault(trace: Trace) -> float:
    """Tell when the last fault was, in seconds; 0 if there was none. A message that
    finds its receiver down is no fault of its own.
    """
    faults = (
        event.time
        for event in trace.where(kind=FAULT_EVENTS)
        if event.reason != "receiver is down"
    )
    return max(faults, default=0.0)


def somebody_down(trace: Trace) -> str | None:
    """Excuse a protocol that waits for whoever is down: say who is, at the end."""
    names = down(trace)
    if not names:
        return None
    return f"{', '.join(names)} is down at the end: nothing is promised then"


def responsive(
    name: str,
    owed: Callable[[Trace], Mapping[str, float] | Unknown],
    within: float,
    until: float,
    excuse: Callable[[Trace], str | None] = lambda trace: None,
) -> Property:
    """Make a liveness property: nothing is owed for `within` seconds in which nothing
    has failed.

    Parameters
    ----------
    name : str
    owed : callable from Trace to a mapping from str to float, or to Unknown
        What has not been done, in words (``"t1: p2 has not decided"``), and since when,
        in seconds; or why that cannot be told.
    within : float
        The bound, in seconds: after the last fault, and since it is owed.
    until : float
        How long the run was let run, in seconds.
    excuse : callable from Trace to str or None, optional
        Why nothing is promised of this run, such as `somebody_down`. Asked only if
        something is owed.

    Returns
    -------
    Property
        Its verdict is unknown where there is an excuse, or where faults went on until
        less than `within` before the end.

    Examples
    --------
    >>> from ftlib.simulation import Trace, judge
    >>> echo = responsive("echo", lambda trace: {"a: no echo": 1.0}, 2, until=9)
    >>> judge(Trace([]), [echo])[0].reason
    'a: no echo, though nothing has failed for 8 s'
    """

    def rule(trace: Trace) -> str | Unknown | None:
        owing = owed(trace)
        if isinstance(owing, Unknown):
            return owing
        if not owing:
            return None
        why = excuse(trace)
        if why:
            return Unknown(why)
        fault = last_fault(trace)
        for what, since in owing.items():
            waited = until - max(since, fault)
            if waited >= within:
                return f"{what}, though nothing has failed for {waited:g} s"
        return Unknown(
            f"the run ended less than {within:g} s after the last fault or request"
        )

    return Property(name, rule, liveness=True)


def casting(
    make: Callable[..., dict[str, Callable[[], Node]]], **roles: type[Node]
) -> Callable[..., dict[str, Callable[[], Node]]]:
    """Make of a function that makes a cluster one that makes it with a mutant in it.

    Parameters
    ----------
    make : callable
        Takes what it is given, and a class for each role by its name, and returns the
        factories.
    **roles : type
        The right class for each role.

    Returns
    -------
    callable
        Takes a subclass of one of these classes, or one of them, and what `make` is
        given. Raises TypeError if it is none.

    Examples
    --------
    >>> class Client(Node): ...
    >>> class Server(Node): ...
    >>> class Lazy(Server): ...
    >>> def group(size, client, server):
    ...     return {"c": client} | {f"s{k}": server for k in range(size)}
    >>> mutated = casting(group, client=Client, server=Server)
    >>> [kind.__name__ for kind in mutated(Lazy, 2).values()]
    ['Client', 'Lazy', 'Lazy']
    >>> mutated(Node, 2)
    Traceback (most recent call last):
        ...
    TypeError: Node is neither a Client nor a Server: give a subclass of one of them
    """

    def mutated(mutant: type[Node], *given: Any) -> dict[str, Callable[[], Node]]:
        """Make the cluster with a mutant in it, in the role that it derives from.

        Parameters
        ----------
        mutant : type
            A subclass of the class of some role, or that class.
        *given
            As for the function that makes the cluster.

        Raises
        ------
        TypeError
            If it derives from none of them.
        """
        for role, right in roles.items():
            if issubclass(mutant, right):
                return make(*given, **{**roles, role: mutant})
        known = " nor ".join(
            f"{'an' if right.__name__[0] in 'AEIOU' else 'a'} {right.__name__}"
            for right in roles.values()
        )
        raise TypeError(
            f"{mutant.__name__} is neither {known}: give a subclass of one of them"
        )

    return mutated
