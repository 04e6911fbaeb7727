"""One node under exploration: its local states, and what its handlers do from each of
them.

A local state is everything that one machine holds: the node's attributes, its disk,
what is written but not forced, the timers that are armed. A handler sees nothing else,
and so a handler called again with the same local state and the same input has the same
outcome: it is run once and remembered. Millions of states of a cluster are made of a
few hundred local ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ftlib.simulation.effects import FORCED
from ftlib.simulation.node import (
    APPEND,
    CALL,
    CANCEL_TIMER,
    FACT,
    FORCE,
    RETURN,
    SEND,
    SET_TIMER,
    WRITE,
    HandlerError,
    Node,
    NotTimed,
    attach,
    state_of,
)
from ftlib.simulation.trace import Event
from ftlib.simulation.values import copy_value, freeze, show, thaw

__all__ = ["Action", "Local", "Machine", "Outcome", "Outcomes"]


class Local(NamedTuple):
    """A local state, frozen. `memory` is None while the node is down: then the disk is
    all there is.
    """

    memory: Any
    disk: Any
    buffer: tuple[Any, ...] = ()
    timers: tuple[str, ...] = ()
    calls: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a run.

    Attributes
    ----------
    kind : str
        "start", "deliver", "fire", "recover", "crash", "drop" or "partition".
    node : str
        Where it happens.
    what : object
        For a delivery and a drop (sender, message); for a timer its name.
    after : int or None
        Within this step the node crashes after so many effects.
    choices : tuple of int
        The options that the handler chose.
    kept : bool
        Whether a copy of the message stays under way.
    """

    kind: str
    node: str
    what: Any = None
    after: int | None = None
    choices: tuple[int, ...] = ()
    kept: bool = False

    def keeping(self) -> "Action":
        """Return the same step, with a copy of the message still under way."""
        return Action(
            self.kind, self.node, self.what, self.after, self.choices, kept=True
        )

    def __str__(self) -> str:
        match self.kind:
            case "deliver" | "drop":
                sender, message = self.what
                text = f"{self.kind} {show(message)} {sender}->{self.node}"
            case "fire":
                text = f"fire {self.what!r} of {self.node}"
            case _:
                text = f"{self.kind} {self.node}".strip()
        return text + (
            f", crash after {self.after} effects" if self.after is not None else ""
        )


class Outcome(NamedTuple):
    """What a step does: the new local state, the messages sent in order, the events
    that properties see, and its name.
    """

    local: int
    sent: tuple[Any, ...]
    events: tuple[Event, ...]
    action: Action


Outcomes = tuple[list[Outcome], list[Outcome]]


class Machine:
    """The local states of one node, numbered as they are met."""

    def __init__(
        self,
        id: str,
        factory: Callable[[], Node],
        nodes: Sequence[str],
        kinds: frozenset[str],
    ) -> None:
        self.id = id
        self.factory = factory
        self.nodes = nodes
        self.kinds = kinds
        self.locals: list[Local] = []
        self.up: list[bool] = []
        self.timers: list[tuple[str, ...]] = []  # armed in each local state
        self.runs = 0  # of handlers
        self._numbers: dict[Local, int] = {}
        self._crashed: dict[int, int] = {}
        self._chosen: list[
            list[int]
        ] = []  # [option, of how many] for each choice of the handler that runs
        self._asked = 0
        self.off = self._number(Local(None, freeze({})))  # before its first start

    def _number(self, local: Local) -> int:
        number = self._numbers.get(local)
        if number is None:
            number = self._numbers[local] = len(self.locals)
            self.locals.append(local)
            self.up.append(local.memory is not None)
            self.timers.append(local.timers)
        return number

    def crashed(self, number: int) -> int:
        """Return the local state after a crash: the disk, and nothing else."""
        if number not in self._crashed:
            self._crashed[number] = self._number(Local(None, self.locals[number].disk))
        return self._crashed[number]

    def event(
        self,
        kind: str,
        other: str | None = None,
        what: Any = None,
        ref: Any = None,
        reason: str = "",
    ) -> tuple[Event, ...]:
        """Return the event, if any property looks at such ones."""
        return (
            (Event(0, 0.0, kind, self.id, other, what, ref, reason),)
            if kind in self.kinds
            else ()
        )

    # Handlers -------------------------------------------------------------------------

    def start(self, number: int, kind: str) -> Outcomes:
        """Start a node on its disk, for the first time ("start") or after a crash
        ("recover").

        Returns
        -------
        whole, broken : list of Outcome
            One for every way to choose; and those in which a crash falls between two of
            the effects.
        """

        def make(local: Local) -> Node:
            try:
                node = self.factory()
                attach(node, self.id, thaw(local.disk), self)
            except Exception as error:
                raise HandlerError(
                    f"{self.id!r} cannot be made: {type(error).__name__}: {error}"
                ) from error
            return node

        first = self.event("recover", None, "kept") if kind == "recover" else ()
        return self._all(
            number,
            make,
            lambda node: node.on_start(),
            "on_start()",
            first,
            Action(kind, self.id),
        )

    def deliver(self, number: int, sender: str, message: Any) -> Outcomes:
        """Handle a message; returns as `start`."""
        return self._all(
            number,
            self._revive,
            lambda node: node.on_message(sender, copy_value(message)),
            f"on_message({show(message)} from {sender!r})",
            self.event("deliver", sender, message),
            Action("deliver", self.id, (sender, message)),
        )

    def fire(self, number: int, timer: str) -> Outcomes:
        """Let an armed timer fire; returns as `start`."""
        return self._all(
            number,
            self._revive,
            lambda node: node.on_timer(timer),
            f"on_timer({timer!r})",
            self.event("timer", timer, 0.0),
            Action("fire", self.id, timer),
        )

    def _all(
        self,
        number: int,
        make: Any,
        handle: Any,
        called: str,
        first: tuple[Event, ...],
        action: Action,
    ) -> Outcomes:
        """Run a handler once for every way to answer its choices."""
        local = self.locals[number]
        if action.kind == "fire":
            local = local._replace(
                timers=tuple(name for name in local.timers if name != action.what)
            )
        whole: list[Outcome] = []
        broken: list[Outcome] = []
        self._chosen = []
        while True:
            self._asked = 0
            self.runs += 1
            node = make(local)
            try:
                handle(node)
                memory = (type(node), freeze(state_of(node)))
            except Exception as error:
                raise HandlerError(
                    f"{type(node).__name__} {self.id!r}, {called}:"
                    f" {type(error).__name__}: {error}"
                ) from error
            choices = tuple(option for option, _ in self._chosen)
            named = Action(action.kind, action.node, action.what, None, choices)
            one, others = self._follow(local, memory, node._effects, first, named)
            whole.append(one)
            broken += others
            while self._chosen and self._chosen[-1][0] + 1 == self._chosen[-1][1]:
                self._chosen.pop()
            if not self._chosen:
                return whole, broken
            self._chosen[-1][0] += 1

    def _revive(self, local: Local) -> Node:
        """Make the node as it was when its last handler ended."""
        kind, attributes = local.memory
        node: Node = kind.__new__(kind)
        contents = thaw(local.disk)
        for each in local.buffer:
            write(contents, thaw(each))
        attach(node, self.id, contents, self)
        for name, value in thaw(attributes).items():
            setattr(node, name, value)
        return node

    def choose(self, options: Sequence[Any]) -> Any:
        """Answer `Node.choose`: every option in turn."""
        if self._asked == len(self._chosen):
            self._chosen.append([0, len(options)])
        self._asked += 1
        return options[self._chosen[self._asked - 1][0]]

    def now(self) -> float:
        """Answer `Node.now`: exploration knows no time."""
        raise NotTimed(
            f"{self.id!r} reads self.now under exploration: a timed protocol is"
            " simulated, not explored"
        )

    # Effects --------------------------------------------------------------------------

    def _follow(
        self,
        local: Local,
        memory: Any,
        effects: list[Any],
        first: tuple[Event, ...],
        action: Action,
    ) -> tuple[Outcome, list[Outcome]]:
        """Let the effects happen in order; after each but the last, a crash may
        come.
        """
        disk, buffer, timers, calls = (
            thaw(local.disk),
            list(local.buffer),
            dict.fromkeys(local.timers),
            list(local.calls),
        )
        sent: list[Any] = []
        events = list(first)
        broken: dict[
            Any, Outcome
        ] = {}  # what a crash leaves, from the first effect after which it leaves that
        for count, effect in enumerate(effects, 1):
            kind = effect[0]
            if kind == SEND:
                if effect[1] not in self.nodes:
                    raise HandlerError(
                        f"{self.id!r} sends {show(effect[2])} to {effect[1]!r}: there"
                        f" are {', '.join(self.nodes)}"
                    )
                sent.append((effect[1], effect[2]))
                events += self.event("send", effect[1], effect[2])
            elif kind == SET_TIMER:
                timers[effect[1]] = None
            elif kind == CANCEL_TIMER:
                timers.pop(effect[1], None)
            elif kind in (WRITE, APPEND):
                buffer.append(freeze(effect))
                events += self.event(
                    "write", effect[1], effect[2], "append" if kind == APPEND else None
                )
            elif kind in (FORCE, FORCED):
                for each in buffer:
                    write(disk, thaw(each))
                buffer.clear()
                events += self.event("force")
            elif kind == FACT:
                events += self.event("fact", None, effect[1])
            elif kind == CALL:
                calls.append(freeze(effect[1]))
                events += self.event("call", None, effect[1])
            elif kind == RETURN:
                if freeze(effect[1]) not in calls:
                    raise HandlerError(
                        f"{self.id!r} returns from {show(effect[1])}, which it has not"
                        " called"
                    )
                calls.remove(freeze(effect[1]))
                events += self.event("return", None, effect[1:])
            if count < len(effects):
                down = self._number(Local(None, freeze(disk)))
                named = Action(
                    action.kind, action.node, action.what, count, action.choices
                )
                crash = Outcome(
                    down, tuple(sent), (*events, *self.event("crash")), named
                )
                broken.setdefault((down, len(sent), len(events)), crash)
        after = Local(
            memory, freeze(disk), tuple(buffer), tuple(sorted(timers)), tuple(calls)
        )
        return Outcome(self._number(after), tuple(sent), tuple(events), action), list(
            broken.values()
        )


def write(disk: dict[str, Any], effect: Any) -> None:
    """Let a buffered write take effect."""
    kind, key, value = effect
    if kind == APPEND:
        disk.setdefault(key, []).append(value)
    else:
        disk[key] = copy_value(value)
