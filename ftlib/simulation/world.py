"""The worlds of a protocol: in which bounds it is explored, and what is asked there.

They are plain data, because a protocol stands below the checker and knows nothing of
it. A room of protocols lists them in its ``worlds.py``, as `Protocol` objects in
``PROTOCOLS``; the page of trust explores them all, and plants the room's mutants in
them. A protocol that is in no list has no verdict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ftlib.simulation.node import Node
from ftlib.simulation.property import Property

__all__ = ["UNTIL", "Blocked", "Group", "Protocol", "Specified", "World"]

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
        if self.breaks and self.breaks not in asked:
            raise ValueError(
                f"{self.case!r} breaks {self.breaks!r}: name one of"
                f" {', '.join(asked) or 'nothing'}"
            )
        if not asked:
            raise ValueError(
                f"{self.case!r} asks nothing: give properties, a model that it is"
                " linearizable of, or what must stay possible"
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
    """A protocol, what it promises, and where that is explored.

    Parameters
    ----------
    name : str
        Its heading on the page of trust.
    module : module
        Where it stands.
    promises : tuple of Property
        What must hold. Liveness cannot be explored: it is asked of runs.
    worlds : tuple of World or Specified
    blocked : tuple of Blocked, optional
    """

    name: str
    module: ModuleType
    promises: tuple[Property, ...]
    worlds: tuple[World | Specified, ...]
    blocked: tuple[Blocked, ...] = ()
