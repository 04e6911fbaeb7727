"""A node: plain Python with handlers, which acts on the world only through effects.

The same class runs in a seeded simulation, under exhaustive exploration, in the
reader's browser and as an operating-system process; it cannot tell which. A handler
runs to its end, then its effects happen in program order. A crash may fall between any
two of them: what was sent before is sent, what was not forced to disk is lost, and with
the object goes everything it held in memory (the crash-recovery model; Cachin,
Guerraoui and Rodrigues 2011, section 2.2).

An effect is a tuple, its kind first, that holds a copy of what it was given: a list put
into a message and changed afterwards is sent as it was.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from weakref import WeakSet

from ftlib.simulation.chance import microseconds
from ftlib.simulation.values import (
    SNAPSHOTS,
    check_state,
    check_value,
    copy_value,
    unchanging,
)

__all__ = ["Disk", "HandlerError", "Node", "NotTimed", "attach", "state_of"]

Choice = TypeVar("Choice")

SEND, SET_TIMER, CANCEL_TIMER, WRITE, APPEND, DELETE, FORCE, FACT, CALL, RETURN = range(
    10
)
WRITES = {WRITE: None, APPEND: "append", DELETE: "delete"}
"""The kinds of effect that write to the disk, and what a trace says of them."""


class NotTimed(Exception):  # noqa: N818 - it names what the protocol is, not the accident
    """A protocol that does not say ``timed = True`` has read the clock."""


class HandlerError(Exception):
    """A handler raised, or did what no node may do: says which node, which handler,
    which input.
    """


class Disk:
    """What one node sees of its disk: its own writes at once, durable or not.

    A write is buffered; `force` makes everything written before it durable, all of it
    together. What was not forced when the node crashes is gone, or all but the first of
    them, in their order, for a disk may get around to writing by itself.
    """

    __slots__ = ("_contents", "_effects")

    _contents: dict[str, Any]
    _effects: list[tuple[Any, ...]]

    def __init__(
        self, contents: dict[str, Any], effects: list[tuple[Any, ...]]
    ) -> None:
        self._contents = contents
        self._effects = effects

    def read(self, key: str, default: Any = None) -> Any:
        """Return a copy of what was last written under `key`, or the list of what was
        appended to it; else `default`.
        """
        return copy_value(self._contents[key]) if key in self._contents else default

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Iterate over the keys that begin with `prefix`, in alphabetical order."""
        return iter(sorted(key for key in self._contents if key.startswith(prefix)))

    def write(self, key: str, value: Any) -> None:
        """Put `value` under `key`, buffered until the next `force`.

        Raises
        ------
        TypeError
            If `key` is no str, or `value` of a type that `ftlib.simulation.values` does
            not allow.
        """
        self._write((WRITE, key, _copied(key, value)))

    def append(self, key: str, value: Any) -> None:
        """Put `value` at the end of the list under `key`, buffered until the next
        `force`.

        Raises
        ------
        TypeError
            As for `write`, and if something other than a list was written under `key`.
        """
        value = _copied(key, value)
        tail = self._contents.get(key, [])
        if not isinstance(tail, list):
            raise TypeError(
                f"disk key {key!r} holds a {type(tail).__name__}: append to a new key,"
                " or to one that holds a list"
            )
        self._write((APPEND, key, value))

    def delete(self, key: str) -> None:
        """Take away what is under `key`, buffered as a write is; no error if there is
        nothing.
        """
        self._write((DELETE, key, None))

    def _write(self, effect: tuple[Any, ...]) -> None:
        write(self._contents, effect)
        self._effects.append(effect)

    def force(self) -> None:
        """Make everything written so far durable."""
        self._effects.append((FORCE,))


def write(contents: dict[str, Any], effect: tuple[Any, ...]) -> None:
    """Let a write take effect on what a disk holds."""
    kind, key, value = effect
    if kind == WRITE:  # whoever reads is given a copy; only to a list may be appended
        contents[key] = [*value] if type(value) is list else value
    elif kind == APPEND:
        contents.setdefault(key, []).append(value)
    else:
        contents.pop(key, None)


def _copied(key: str, value: Any) -> Any:
    if not isinstance(key, str):
        raise TypeError(f"a disk key is {key!r}: give a str")
    return _passed(value, f"disk[{key!r}]")


def _passed(value: Any, where: str) -> Any:
    """Return a copy of what is allowed: itself, in the common case."""
    if unchanging(value):
        return value
    check_value(value, where)
    return copy_value(value)


class Node:
    """The base of every protocol: override the handlers, use the effects.

    A subclass lists the dataclasses it sends in `MESSAGES` and those it records in
    `FACTS`; what is listed is checked. It says ``timed = True`` if it must read the
    clock. Its state is its attributes, of the types that `ftlib.simulation.values`
    allows. Its parameters are those of its ``__init__``, which has no world yet and so
    can neither send nor read the disk; the world calls the factory anew at every
    recovery, and nothing else survives a crash but the disk.

    Attributes
    ----------
    id : str
        What the other nodes call this one.
    disk : Disk
        What survives a crash.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from ftlib.simulation import Cluster
    >>> @dataclass(frozen=True, slots=True)
    ... class Hello:
    ...     text: str
    >>> class Greeter(Node):
    ...     MESSAGES = (Hello,)
    ...
    ...     def on_start(self):
    ...         if self.id == "a":
    ...             self.send("b", Hello("good morning"))
    ...
    ...     def on_message(self, sender, message):
    ...         match message:
    ...             case Hello(text):
    ...                 self.record(message)
    >>> print(Cluster({"a": Greeter, "b": Greeter}).run())
    0.000000  a  send     -> b  Hello(text='good morning')
    0.010000  b  deliver  <- a  Hello(text='good morning')
    0.010000  b  fact           Hello(text='good morning')
    """

    __slots__ = ("_effects", "_world", "disk", "id")

    MESSAGES: tuple[type, ...] = ()
    FACTS: tuple[type, ...] = ()
    timed = False

    id: str
    disk: Disk
    _effects: list[tuple[Any, ...]]
    _world: Any

    # Handlers -------------------------------------------------------------------------

    def on_start(self) -> None:
        """Run once at the start of the world, and again after every recovery."""

    def on_message(self, sender: str, message: Any) -> None:
        """Run when `message` from `sender` arrives."""

    def on_timer(self, name: str) -> None:
        """Run when the timer `name` fires."""

    # Effects --------------------------------------------------------------------------

    def send(self, to: str, message: Any) -> None:
        """Send `message`, a frozen dataclass, to the node `to`: it may arrive late,
        twice, or never.

        Raises
        ------
        TypeError
            If the class lists its `MESSAGES`, and not this one.
        """
        kind = type(message)
        message = SNAPSHOTS[kind](message)
        if self.MESSAGES and kind not in self.MESSAGES:
            raise TypeError(_unlisted(self, "sends", kind, "MESSAGES"))
        self._effects.append((SEND, to, message))

    def set_timer(self, name: str, after: float | tuple[float, float]) -> None:
        """Fire `name` after so many seconds, or after a time drawn from (low, high); a
        timer of that name is replaced.

        Raises
        ------
        ValueError
            If a time is negative or no number, or low is above high.
        """
        if not isinstance(after, tuple):
            wait = microseconds(after, "the time of timer {!r}", name)
            self._effects.append((SET_TIMER, name, wait))
            return
        if len(after) != 2:
            raise ValueError(
                f"the time of timer {name!r} is {after!r}: give seconds, or a pair"
                " (low, high)"
            )
        low = microseconds(after[0], "a bound of timer {!r}", name)
        high = microseconds(after[1], "a bound of timer {!r}", name)
        if high < low:
            raise ValueError(
                f"the time of timer {name!r} is {after!r}: give a pair (low, high) with"
                " low <= high"
            )
        self._effects.append((SET_TIMER, name, (low, high)))

    def cancel_timer(self, name: str) -> None:
        """Make sure that `name` does not fire; no error if it is not set."""
        self._effects.append((CANCEL_TIMER, name))

    def record(self, fact: Any) -> None:
        """Put a fact, a frozen dataclass, into the trace: what properties judge by.

        Raises
        ------
        TypeError
            If the class lists its `FACTS`, and not this one.
        """
        kind = type(fact)
        fact = SNAPSHOTS[kind](fact)
        if self.FACTS and kind not in self.FACTS:
            raise TypeError(_unlisted(self, "records", kind, "FACTS"))
        self._effects.append((FACT, fact))

    def call(self, operation: Any) -> None:
        """Put on record that this client invokes `operation`; one at a time."""
        self._effects.append((CALL, _passed(operation, "the operation called")))

    def returned(self, operation: Any, result: Any) -> None:
        """Put on record that `operation` has come back with `result`; a call that never
        returns is pending, not failed.
        """
        operation = _passed(operation, "the operation that returned")
        result = _passed(result, "the result returned")
        self._effects.append((RETURN, operation, result))

    def choose(self, options: Sequence[Choice]) -> Choice:
        """Return one of `options`: by chance in a simulation, every one in turn under
        exploration.

        Raises
        ------
        ValueError
            If there is no option.
        TypeError
            If they stand in no order, as in a set: chance would then differ from run to
            run.
        """
        if not isinstance(options, Sequence):
            raise TypeError(
                f"the options are a {type(options).__name__}: choose from a list, a"
                " tuple or another sequence"
            )
        if not options:
            raise ValueError("choose needs at least one option, not an empty sequence")
        return self._world.choose(options)

    @property
    def now(self) -> float:
        """This node's clock in seconds; only where ``timed = True``.

        Raises
        ------
        NotTimed
            If the class does not say so.
        """
        if not self.timed:
            raise NotTimed(
                f"{type(self).__name__} {self.id!r} reads self.now: a protocol that"
                " needs the clock says timed = True"
            )
        return self._world.now()


def _unlisted(node: Node, does: str, kind: type, where: str) -> str:
    listed = ", ".join(each.__name__ for each in getattr(node, where))
    return f"{does} {kind.__name__}, which {where} does not list: there are {listed}"


def make(
    factory: Callable[[], Node], id: str, contents: dict[str, Any], world: Any
) -> Node:
    """Make a fresh node and give it what the world gives: its name, its disk, a list
    for its effects, and whom to ask for chance and time.

    Raises
    ------
    TypeError
        If the factory made something that is no `Node`, or a node that it had made
        before; or if what a node changes is shared with other nodes, by its class or by
        what the factory hands to all of them.
    """
    node = factory()
    attach(node, id, contents, world)
    if factory not in MAKERS:
        where = type(node).__name__
        mine = check_state(state_of(node), where)
        other = factory()
        if other is node:
            raise TypeError(_twice(id))
        for place, name in check_state(state_of(other), where).items():
            if place in mine:
                raise TypeError(
                    f"{name} is the same in every node that this factory makes, so a"
                    " change would outlive a crash: copy it in __init__"
                )
        for kind in type(node).__mro__[: type(node).__mro__.index(Node)]:
            for name, value in vars(kind).items():
                if type(value) in (list, dict, set) and not name.startswith("__"):
                    raise TypeError(
                        f"{kind.__name__}.{name} is a {type(value).__name__} of the"
                        " class, which all its nodes share: make it in __init__"
                    )
        MAKERS.add(factory)
    return node


def attach(node: Node, id: str, contents: dict[str, Any], world: Any) -> None:
    """Give a node what the world gives; raises as `make`."""
    if not isinstance(node, Node):
        kind = type(node).__name__
        raise TypeError(f"the factory of {id!r} made a {kind}, not a Node")
    if hasattr(node, "_world"):
        raise TypeError(_twice(id))
    effects: list[tuple[Any, ...]] = []
    node.id = id
    node.disk = Disk(contents, effects)
    node._effects = effects
    node._world = world


MAKERS: "WeakSet[Callable[[], Node]]" = WeakSet()  # that were looked at


def _twice(id: str) -> str:
    return (
        f"the factory of {id!r} made the same node twice: it must make a new one each"
        " time"
    )


def state_of(node: Node) -> dict[str, Any]:
    """Return the state of a node: its attributes, less what the world gave.

    Examples
    --------
    >>> class Counter(Node):
    ...     def __init__(self):
    ...         self.count = 0
    >>> state_of(Counter())
    {'count': 0}
    """
    state = dict(getattr(node, "__dict__", {}))
    for kind in type(node).__mro__:
        if kind is Node:
            break
        slots = kind.__dict__.get("__slots__", ())
        state |= {
            name: getattr(node, name)
            for name in ([slots] if isinstance(slots, str) else slots)
            if hasattr(node, name)
        }
    return state
