"""The worlds of a protocol: in which bounds it is explored or simulated, and what is
asked there.

They are plain data, because a protocol stands below the checker and knows nothing of
it. A room of protocols lists them in its ``worlds.py``, as `Protocol` objects in
``PROTOCOLS``; the page of trust explores them all, or searches them by chance, and
plants the room's mutants in them. A protocol that is in no list has no verdict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ftlib.simulation.node import Node
from ftlib.simulation.property import Property

__all__ = [
    "UNTIL",
    "Blocked",
    "Group",
    "Protocol",
    "Simulated",
    "Specified",
    "World",
]

Group = Mapping[str, Callable[[], Node]]
UNTIL = 8.0
"""How long a run is let run in which a mutant is looked for by chance, in seconds."""


@dataclass(frozen=True, slots=True)
class World:
    """Nodes, and within what bound they are explored.

    Parameters
    ----------
    case : str
        Who takes part, in words.
    groups : tuple of mappings from id to factory
        The nodes, as for `Cluster`; more than one group where cases are taken together.
        A factory is a class or a `functools.partial` of one, so that a mutant can take
        its place.
    properties : tuple of Property
        What must hold, all of it safety.
    bound : mapping
        What `ftlib.checking.ClusterModel` takes, such as ``{"crashes": 1}``.
    breaks : str
        The name of what must fail here; empty if everything must hold.
    linearizable : str
        The name of the model in `ftlib.checking` of which the histories of clients must
        be linearizable; empty if that is not asked.
    possible : mapping from str to (node, fact)
        What must stay possible, in words: from every state there must be a way to one
        in which the node has recorded the fact.

    Raises
    ------
    ValueError
        If nothing is asked, or what must fail is not.

    Examples
    --------
    >>> World("one node that is idle", ({"a": Node},), breaks="agreement")
    Traceback (most recent call last):
        ...
    ValueError: 'one node that is idle' breaks 'agreement': name one of nothing
    """

    case: str
    groups: tuple[Group, ...]
    properties: tuple[Property, ...] = ()
    bound: Mapping[str, Any] = field(default_factory=dict)
    breaks: str = ""
    linearizable: str = ""
    possible: Mapping[str, tuple[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        asked = [prop.name for prop in self.properties] + list(self.possible)
        if self.linearizable:
            asked.append("linearizable")
        _must_be_asked(self.case, self.breaks, asked)
        if not asked:
            raise ValueError(
                f"{self.case!r} asks nothing: give properties, a model that it is"
                " linearizable of, or what must stay possible"
            )


@dataclass(frozen=True, slots=True)
class Simulated:
    """Nodes that are run under random faults and not explored: they read the clock, or
    what is asked of them holds for some durations only, or is liveness.

    Parameters
    ----------
    case : str
        Who takes part, in words, and in which network if it is not the usual one.
    group : mapping from id to factory
        The nodes, as in a `World`.
    properties : tuple of Property
        What must hold, safety and liveness.
    bound : mapping
        What `ftlib.checking.find` takes besides, such as ``{"faults": ("crash",)}``.
    breaks : str
        The name of what must fail here; then nothing else is searched for. Empty if
        everything must hold.
    seeds : int
        How many runs are tried, each with a schedule of its own.
    until : float
        How long each run is let run, in seconds.

    Raises
    ------
    ValueError
        If nothing is asked, or what must fail is not; if there is no run.

    Examples
    --------
    >>> Simulated("one node that is idle", {"a": Node}, ())
    Traceback (most recent call last):
        ...
    ValueError: 'one node that is idle' asks nothing: give properties
    """

    case: str
    group: Group
    properties: tuple[Property, ...]
    bound: Mapping[str, Any] = field(default_factory=dict)
    breaks: str = ""
    seeds: int = 200
    until: float = UNTIL

    def __post_init__(self) -> None:
        _must_be_asked(self.case, self.breaks, [prop.name for prop in self.properties])
        if not self.properties:
            raise ValueError(f"{self.case!r} asks nothing: give properties")
        if type(self.seeds) is not int or self.seeds < 1:
            raise ValueError(
                f"{self.case!r} has {self.seeds!r} seeds: give a whole number, 1 or"
                " more"
            )


def _must_be_asked(case: str, breaks: str, asked: list[str]) -> None:
    if breaks and breaks not in asked:
        raise ValueError(
            f"{case!r} breaks {breaks!r}: name one of {', '.join(asked) or 'nothing'}"
        )


@dataclass(frozen=True, slots=True)
class Specified:
    """A specification: states and steps, without nodes.

    Parameters
    ----------
    case : str
        Who takes part, in words.
    model : object with initial_states and successors
        As for `ftlib.checking.explore`.
    invariants : mapping from str to predicate of a state
        What must hold.
    """

    case: str
    model: Any
    invariants: Mapping[str, Callable[[Any], object]]


@dataclass(frozen=True, slots=True)
class Blocked:
    """Nodes of which the question is in how many states somebody is blocked.

    Parameters
    ----------
    case : str
        Who takes part and what goes wrong, in words. Protocols that are compared have
        the same cases.
    group : mapping from id to factory
        The nodes.
    waits, decides : type
        The fact with which a node begins to wait, and the one with which it ends, as
        for `ftlib.checking.blocking.blocking`.
    bound : mapping
        What `ftlib.checking.ClusterModel` takes.
    """

    case: str
    group: Group
    waits: type
    decides: type
    bound: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol, what it promises, and where that is explored or searched.

    Parameters
    ----------
    name : str
        Its heading on the page of trust.
    module : module
        Where it stands.
    promises : tuple of Property
        What must hold. Liveness cannot be explored: it is asked of runs.
    worlds : tuple of World, Specified or Simulated
    blocked : tuple of Blocked, optional
    """

    name: str
    module: ModuleType
    promises: tuple[Property, ...]
    worlds: tuple[World | Specified | Simulated, ...]
    blocked: tuple[Blocked, ...] = ()
