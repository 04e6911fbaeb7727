"""One node under exploration: its local states, and what its handlers do from each of
them.

A local state is everything that one machine holds: the node's attributes, its disk,
what is written but not forced, the timers that are armed. A handler sees nothing else,
and so a handler called again with the same local state and the same input has the same
outcome: it is run once and remembered. Millions of states of a cluster are made of a
few hundred local ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ftlib.checking.outcome import Action, Local, Outcome, Outcomes, frozen_disk
from ftlib.simulation.effects import FORCED
from ftlib.simulation.event import HIDDEN, Untimed
from ftlib.simulation.freezing import freeze, thaw
from ftlib.simulation.node import (
    CALL,
    CANCEL_TIMER,
    FACT,
    FORCE,
    RETURN,
    SEND,
    SET_TIMER,
    WRITES,
    HandlerError,
    Node,
    NotTimed,
    attach,
    make,
    state_of,
    write,
)
from ftlib.simulation.values import check_state, copy_value, show

__all__ = ["Machine"]

ALL_TWICE = 100  # so many handlers are run twice, and every so-manieth after them
SOME_TWICE = 8


class Machine:
    """The local states of one node, numbered as they are met.

    Parameters
    ----------
    id, factory
        The node.
    nodes : sequence of str
        All nodes of the cluster.
    kinds : frozenset of str
        The kinds of event that properties look at.
    survivors : bool
        Whether the first of the unforced writes may survive a crash.
    """

    def __init__(
        self,
        id: str,
        factory: Callable[[], Node],
        nodes: Sequence[str],
        kinds: frozenset[str],
        survivors: bool,
    ) -> None:
        self.id = id
        self.factory = factory
        self.nodes = nodes
        self.kinds = kinds
        self.survivors = survivors
        self.locals: list[Local] = []
        self.up: list[bool] = []
        self.timers: list[tuple[str, ...]] = []  # armed in each local state
        self.runs = 0  # of handlers
        self._numbers: dict[Local, int] = {}
        # [option, of how many] for each choice of the handler that runs
        self._chosen: list[list[int]] = []
        self._asked = 0
        self.off = self._number(Local(None, frozen_disk({})))  # before its first start

    def _number(self, local: Local) -> int:
        number = self._numbers.get(local)
        if number is None:
            number = self._numbers[local] = len(self.locals)
            self.locals.append(local)
            self.up.append(local.memory is not None)
            self.timers.append(local.timers)
        return number

    def crashed(self, number: int) -> list[Outcome]:
        """Crash between two handlers: for each disk that may be left, what is so."""
        local = self.locals[number]
        return [
            Outcome(
                self._number(Local(None, disk)),
                (),
                self.event("crash", ref=None),
                Action("crash", self.id, left=disk if disk != local.disk else None),
            )
            for disk in (local.disk, *local.leftovers)
        ]

    def event(
        self,
        kind: str,
        other: str | None = None,
        what: Any = None,
        ref: Any = HIDDEN,
        reason: str = "",
    ) -> tuple[Untimed, ...]:
        """Return the event, if any property looks at such ones."""
        if kind not in self.kinds:
            return ()
        return (Untimed.of(kind, self.id, other, what, ref, reason),)

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

        def fresh(local: Local) -> Node:
            try:
                return make(self.factory, self.id, thaw(local.disk), self)
            except Exception as error:
                raise HandlerError(
                    f"{self.id!r} cannot be made: {type(error).__name__}: {error}"
                ) from error

        first = self.event("recover", None, "kept", None) if kind == "recover" else ()
        return self._all(
            number,
            fresh,
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
            self.event("timer", timer, None, None),
            Action("fire", self.id, timer),
        )

    def _all(
        self,
        number: int,
        revive: Callable[[Local], Node],
        handle: Callable[[Node], None],
        called: str,
        first: tuple[Untimed, ...],
        action: Action,
    ) -> Outcomes:
        """Run a handler once for every way to answer its choices."""
        local = self.locals[number]
        if action.kind == "fire":
            left = tuple(name for name in local.timers if name != action.what)
            local = local._replace(timers=left)
        whole: list[Outcome] = []
        broken: list[Outcome] = []

        def run() -> tuple[Any, list[Any]]:
            self._asked = 0
            node = revive(local)
            try:
                handle(node)
                state = state_of(node)
                check_state(state, type(node).__name__)
                return (type(node), freeze(state)), node._effects
            except Exception as error:
                where = f"{type(node).__name__} {self.id!r}, {called}"
                raise HandlerError(
                    f"{where}: {type(error).__name__}: {error}"
                ) from error

        self._chosen = []
        while True:
            self.runs += 1
            memory, effects = run()
            if self.runs <= ALL_TWICE or self.runs % SOME_TWICE == 0:
                again = run()
                if (again[0], freeze(again[1])) != (memory, freeze(effects)):
                    raise HandlerError(
                        f"{memory[0].__name__} {self.id!r}, {called}: run twice from"
                        " the same state, it did two things; chance comes from"
                        " self.choose, and nothing is kept outside the node"
                    )
            choices = tuple(option for option, _ in self._chosen)
            named = replace(action, choices=choices) if choices else action
            one, others = self._follow(local, memory, effects, first, named)
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
        attach(node, self.id, thaw(local.contents), self)
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
        first: tuple[Untimed, ...],
        action: Action,
    ) -> tuple[Outcome, list[Outcome]]:
        """Let the effects happen in order; after each but the last, a crash may
        come.
        """
        disk, contents = local.disk, thaw(local.contents or local.disk)
        leftovers = dict.fromkeys(local.leftovers)
        timers, calls = dict.fromkeys(local.timers), list(local.calls)
        sent: list[Any] = []
        events = list(first)
        # what a crash leaves, from the first effect after which it leaves that
        broken: dict[Any, Outcome] = {}
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
            elif kind in WRITES:
                write(contents, effect)
                if self.survivors:
                    leftovers[frozen_disk(contents)] = None
                events += self.event("write", effect[1], effect[2], WRITES[kind])
            elif kind in (FORCE, FORCED):
                disk = frozen_disk(contents)
                leftovers = {}
                events += self.event("force", ref=None)
            elif kind == FACT:
                events += self.event("fact", None, effect[1], None)
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
            # after the last one the crash is a step of its own, once all have started
            if count < len(effects) or action.kind == "start":
                for left in (disk, *_others(leftovers, disk)):
                    down = self._number(Local(None, left))
                    key = (down, len(sent), len(events))
                    if key not in broken:
                        named = replace(
                            action, after=count, left=left if left != disk else None
                        )
                        crash = (*events, *self.event("crash", ref=None))
                        broken[key] = Outcome(down, tuple(sent), crash, named)
        after = Local(
            memory,
            disk,
            frozen_disk(contents),
            _others(leftovers, disk),
            tuple(sorted(timers)),
            tuple(calls),
        )
        whole = Outcome(self._number(after), tuple(sent), tuple(events), action)
        return whole, list(broken.values())


def _others(leftovers: dict[Any, None], disk: Any) -> tuple[Any, ...]:
    """Put the disks that a crash may leave, beside the durable one, in one order."""
    return tuple(sorted((each for each in leftovers if each != disk), key=repr))
