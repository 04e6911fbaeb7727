"""Real nodes as a model: the very classes that run in the simulator, in a world that
takes every choice it has.

Where the simulator draws a latency, this world delivers any message that is under way
next; where it follows a fault schedule, this one lets the faults of a budget fall at
any moment, a crash between any two effects included. Its timers know no durations.
*Free* timers may fire whenever they are armed, so that what holds holds for every
timing. *Synchronous* ones fire only when no message to or from a live node is under
way: what has not been answered by then never will be, and a time-out proves a crash.

A state is a tuple of small numbers: for each node its local state, then what is under
way, what is left of the budgets, and what the properties remember of the events so far.
The technique, real code explored through interposed effects and remembered handler
calls, is that of Killian et al. (2007) and Guerraoui and Yabandeh (2011).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from ftlib.checking.budget import (
    Budget,
    count,
    firings_of,
    groups_of,
    known,
    words,
)
from ftlib.checking.channels import NETWORKS
from ftlib.checking.counterexample import Counterexample
from ftlib.checking.memory import Memories
from ftlib.checking.outcome import Action, Local
from ftlib.checking.replay import Disagreement, differences, names, script_of
from ftlib.checking.starts import starts
from ftlib.checking.steps import Next, Numbers, Steps
from ftlib.simulation import (
    Cluster,
    Deliver,
    Fire,
    Node,
    Property,
    Schedule,
    Trace,
    judge,
    play,
    thaw,
)

__all__ = ["ClusterModel"]

TIMERS = ("free", "synchronous")


class ClusterModel:
    """Nodes, the network between them, and budgets of what may go wrong, as a model for
    `explore`.

    Parameters
    ----------
    nodes : mapping of id to factory
        As for `Cluster`. Untimed protocols only: where a handler reads the clock,
        `explore` raises HandlerError and names it.
    properties : iterable of Property
        Safety properties; `explore` checks them as invariants of the model.
    network : {"set", "multiset", "fifo"}
        "set": any message may arrive any number of times, or never. "multiset": each
        copy at most once, in any order. "fifo": those of one link in order.
    timers : {"free", "synchronous"}
        "free": an armed timer may fire at any moment. "synchronous": only when no
        message to or from a live node is under way.
    losses, duplicates : int
        How many messages may be lost, and doubled; a set network needs neither.
    crashes, recoveries : int
        How many times in all nodes may crash, between any two effects; how many times
        they may come back, with their disk.
    firings : int or mapping from a timer's name to int, optional
        How many times in all timers may fire, or those of that name; any number if left
        out. Multiset and FIFO networks with free timers need it where a protocol sends
        again and again: else the states never end.
    survivors : bool
        Whether unforced writes may survive a crash: none, the first, the first two, ...
    settled : iterable of Deliver and Fire
        Steps that are taken before anything goes wrong, such as those of a first
        election. They cost nothing of the budgets. A message is the first that fits;
        there is no second one, because no order of sending is known.
    partition : groups of nodes, optional
        At any moment, once, every message between nodes of different groups is lost
        from then on, under way or not.
    crashing : iterable of str, optional
        The nodes that may crash; all by default.
    keep : types
        The types of facts that `facts` can tell later.

    Attributes
    ----------
    invariants : dict from name to predicate
        The properties, as predicates of a state.

    Raises
    ------
    ValueError, TypeError
        If a parameter is none of those; if a property is liveness.

    Examples
    --------
    >>> from ftlib.checking import explore
    >>> from ftlib.transactions.atomic_commit import PROPERTIES
    >>> from ftlib.transactions.bank import bank
    >>> found = explore(ClusterModel(bank("yy"), PROPERTIES, crashes=1, recoveries=1))
    >>> found.complete, found.violations
    (True, {})

    Notes
    -----
    A message to a node that is down and can come back no more is taken away at once. A
    handler that leaves everything as it was leads back to the same state. Equal
    messages between the same two nodes are told apart by nothing.

    Explained in chapters/7_1_every_run.ipynb.
    """

    def __init__(
        self,
        nodes: Mapping[str, Callable[[], Node]],
        properties: Iterable[Property] = (),
        *,
        network: Literal["set", "multiset", "fifo"] = "set",
        timers: Literal["free", "synchronous"] = "free",
        losses: int = 0,
        duplicates: int = 0,
        crashes: int = 0,
        recoveries: int = 0,
        firings: int | Mapping[str, int] | None = None,
        survivors: bool = False,
        settled: Iterable[Deliver | Fire] = (),
        partition: Iterable[Iterable[str]] | None = None,
        crashing: Iterable[str] | None = None,
        keep: Iterable[type] = (),
    ) -> None:
        self.nodes = dict(nodes)
        self.ids = tuple(self.nodes)
        if not self.ids:
            raise ValueError("there is no node: give at least one")
        if network not in NETWORKS:
            raise ValueError(
                f"network is {network!r}: choose from {', '.join(map(repr, NETWORKS))}"
            )
        if timers not in TIMERS:
            raise ValueError(
                f"timers is {timers!r}: choose from {', '.join(map(repr, TIMERS))}"
            )
        if network == "set" and timers == "synchronous":
            raise ValueError(
                "a set network is never silent, so that synchronous timers never fire:"
                " choose 'multiset' or 'fifo'"
            )
        if network == "set" and (losses or duplicates):
            raise ValueError(
                "a set network loses and doubles what it likes: choose 'multiset' to"
                " count losses and duplicates"
            )
        settled = tuple(settled)
        for step in settled:
            if getattr(step, "nth", 1) != 1:
                raise ValueError(
                    f"settled has {step!r}: the order of sending is not known here, so"
                    " name the message by its type, its sender and its receiver"
                )
        self.network, self.timers = network, timers
        self.partition = groups_of(partition, self.ids)
        self.crashing = frozenset(
            known(self.ids if crashing is None else crashing, self.ids)
        )
        self.first = Budget(
            count("losses", losses),
            count("duplicates", duplicates),
            count("crashes", crashes),
            count("recoveries", recoveries),
            firings_of(firings),
        )
        self.survivors, self.settled = bool(survivors), settled
        self.memories = Memories(properties, keep, self.ids)
        self.invariants = self.memories.invariants(len(self.ids) + 2)
        self.steps = Steps(
            self.nodes,
            self.memories,
            network=network,
            timers=timers,
            partition=self.partition,
            crashing=self.crashing,
            survivors=self.survivors,
        )
        self.handlers = self.steps.handlers
        self.machines = self.handlers.machines
        self.channels = self.steps.channels
        # how each initial state is made: what the starts chose, and the steps after
        self._starts: dict[Numbers, tuple[tuple[Action, ...], tuple[Action, ...]]] = {}

    typed = True

    @property
    def bound(self) -> str:
        """The bound, in words."""
        parts = [f"{self.network} network", f"{self.timers} timers", *words(self.first)]
        if self.first.firings == 0:
            parts.append("no timer fires")
        if self.partition:
            parts.append(
                "a partition " + " | ".join(" ".join(group) for group in self.partition)
            )
        if self.first.crashes and self.crashing != set(self.ids):
            parts.append(
                f"only {', '.join(id for id in self.ids if id in self.crashing)} may"
                " crash"
            )
        if self.survivors:
            parts.append("unforced writes may survive")
        if self.settled:
            parts.append(f"after {len(self.settled)} steps")
        return ", ".join(parts)

    # The model ------------------------------------------------------------------------

    def initial_states(self) -> Iterator[Numbers]:
        """Yield the states after all nodes have started, in order, and have taken the
        settled steps; or after some have crashed before or while they did.
        """
        if self._starts:
            yield from self._starts
            return
        first = self.first
        if self.settled:
            first = Budget(0, 0, 0, 0, None)
        found: dict[Numbers, Any] = {}
        for start in starts(self.handlers, self.crashing, first):
            state = self.steps.state(start.places, start.net, start.left, start.memory)
            if state in found:
                continue
            steps: tuple[Action, ...] = ()
            if self.settled:
                steps, state = self._settled(state)
            found[state] = start.actions, steps
            self._starts[state] = found[state]
            yield state

    def _settled(self, state: Numbers) -> tuple[tuple[Action, ...], Numbers]:
        """Take the settled steps, whose faults and firings count for nothing."""
        taken: list[Action] = []
        for wanted in self.settled:
            steps = self.successors(state)
            fitting = [step for step in steps if names(wanted, step[0])]
            if not fitting:
                raise ValueError(
                    f"settled step {len(taken) + 1}, {wanted!r}, is not possible: there"
                    f" are {', '.join(str(action) for action, _ in steps)}"
                )
            action, state = fitting[0]
            taken.append(action)
        *places, net, _, memory = state
        return tuple(taken), self.steps.state(tuple(places), net, self.first, memory)

    def successors(self, state: Numbers) -> list[Next]:
        """Return every step that may be taken next, and where it leads."""
        return self.steps.after(state)

    def calm(self, state: Numbers) -> Numbers:
        """Return the state from which nothing more goes wrong: no fault, no recovery,
        and nothing under way from the dead.
        """
        return self.steps.calm(state)

    def starved(self, state: Numbers) -> bool:
        """Tell whether with a recovery more, or a timer more, something could still
        happen.
        """
        return self.steps.starved(state)

    # Looking at it --------------------------------------------------------------------

    def attributes(self, state: Numbers, node: str) -> dict[str, Any] | None:
        """Return the attributes of a node in a state; None while it is down."""
        memory = self._local(state, node).memory
        return None if memory is None else thaw(memory[1])

    def disk(self, state: Numbers, node: str) -> dict[str, Any]:
        """Return what is durable on a node's disk."""
        disk: dict[str, Any] = thaw(self._local(state, node).disk)
        return disk

    def armed(self, state: Numbers, node: str) -> tuple[str, ...]:
        """Return the timers of a node that are armed."""
        return self._local(state, node).timers

    def under_way(self, state: Numbers) -> tuple[tuple[str, str, Any], ...]:
        """Return the messages under way: (sender, receiver, message)."""
        return tuple(
            self.channels.messages[number]
            for number in self.channels.nets[state[len(self.ids)]]
        )

    def facts(self, state: Numbers) -> frozenset[tuple[str, Any]]:
        """Return the (node, fact) recorded so far, of the types to `keep`."""
        return self.memories.facts(state[-1])

    def up(self, state: Numbers) -> tuple[str, ...]:
        """Return the nodes that are up."""
        return self.steps.up(state)

    def _local(self, state: Numbers, node: str) -> Local:
        place = self.ids.index(known([node], self.ids)[0])
        return self.machines[place].locals[state[place]]

    # In the simulator -----------------------------------------------------------------

    def script(self, way: Counterexample) -> Schedule:
        """Return the schedule that plays this way in the simulator."""
        first, settled = self._starts[way.states[0]]
        return script_of(
            self.nodes,
            first,
            (*settled, *way.actions),
            stays=self.network == "set",
            apart=self.steps.apart,
        )

    def replay(self, way: Counterexample) -> Trace:
        """Return the trace of that script."""
        return play(Cluster(self.nodes), self.script(way))

    def confirm(self, way: Counterexample, broken: str = "") -> None:
        """Play a way in the simulator, and raise unless it leads to the same state
        there, and breaks the property of that name, if it is one of the model's.

        Raises
        ------
        Disagreement
            With both runs in it.
        """
        cluster = Cluster(self.nodes)
        script = self.script(way)
        trace = play(cluster, script)
        for id, host in cluster.hosts.items():
            local = self._local(way.states[-1], id)
            told = differences(local, host)
            if told:
                raise Disagreement(f"{id!r} {told}", way, script, trace)
        for prop in self.memories.properties:
            if prop.name == broken and judge(trace, [prop])[0].verdict != "violated":
                raise Disagreement(f"{broken!r} holds", way, script, trace)
