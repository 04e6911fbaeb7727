"""What may happen next in a cluster under exploration: a message arrives, is doubled or
lost, a timer fires, a node crashes or comes back, a partition falls.

A state is a tuple of numbers: the local state of each node, what is under way, what is
left of the budgets, what the properties remember.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ftlib.checking.budget import Budget, Budgets
from ftlib.checking.channels import Channels
from ftlib.checking.handlers import Handlers, Move, Moves
from ftlib.checking.memory import Memories
from ftlib.checking.outcome import Action
from ftlib.simulation import Node
from ftlib.simulation.event import Untimed

__all__ = ["Next", "Numbers", "Steps"]

Numbers = tuple[int, ...]
Next = tuple[Action, Numbers]


class Steps:
    """The steps from every state.

    Parameters
    ----------
    nodes : mapping of id to factory
    network, timers, partition, survivors
        As for `ClusterModel`.
    crashing : frozenset of str
        The nodes that may crash.
    memories : Memories
        What the properties remember.
    """

    def __init__(
        self,
        nodes: Mapping[str, Callable[[], Node]],
        memories: Memories,
        *,
        network: str,
        timers: str,
        partition: tuple[tuple[str, ...], ...],
        crashing: frozenset[str],
        survivors: bool,
    ) -> None:
        self.ids = tuple(nodes)
        self.timers, self.partition = timers, partition
        self.crashing = frozenset(self.ids.index(id) for id in crashing)
        self.channels, self.memories = Channels(network), memories
        self.handlers = Handlers(nodes, self.channels, memories, survivors)
        self.machines = self.handlers.machines
        self.budgets = Budgets(self.ids)
        self._stripped: dict[tuple[int, int], tuple[int, int]] = {}

    def after(self, state: Numbers) -> list[Next]:
        """Return every step that may be taken next, and where it leads."""
        size, handlers, budgets = len(self.ids), self.handlers, self.budgets
        net, number = state[size], state[size + 1]
        left = budgets[number]
        ends, deliver, take = handlers.ends, handlers.deliver, self._take
        steps: list[Next] = []
        for message, rest in self.channels.arrivals(net):
            place = ends(message)[1]
            local = state[place]
            found = deliver(place, local, message)
            take(steps, state, place, found, rest, number)
            if left.duplicates:
                twice = handlers.again(local, message, found)
                fewer = budgets.less(number, "duplicates")
                take(steps, state, place, twice, net, fewer)
            if left.losses:
                lost = handlers.drop(place, local, message)
                fewer = budgets.less(number, "losses")
                take(steps, state, place, lost, rest, fewer)
        up = [
            place
            for place, machine in enumerate(self.machines)
            if machine.up[state[place]]
        ]
        if self.timers == "free" or self._silent(net, up):
            for place in up:
                for timer in self.machines[place].timers[state[place]]:
                    spent = budgets.after_firing(number, timer)
                    if spent is not None:
                        found = handlers.fire(place, state[place], timer)
                        take(steps, state, place, found, net, spent)
        if left.crashes:
            for place in up:
                found = handlers.crash(place, state[place])
                take(steps, state, place, found, net, number)
        if left.recoveries:
            for place in range(size):
                if place not in up:
                    fewer = budgets.after_recovery(number, place, up)
                    found = handlers.recover(place, state[place])
                    take(steps, state, place, found, net, fewer)
        if self.partition and not left.cut and not left.calm:
            move = Move(state[0], (), 0, Action("partition", ""))
            fewer = budgets.number(left._replace(cut=True))
            take(steps, state, 0, ((move,), ()), net, fewer)
        return steps

    def _take(
        self,
        steps: list[Next],
        state: Numbers,
        place: int,
        found: Moves,
        net: int,
        number: int,
    ) -> None:
        """Add the states that a step of one node leads to, whole or broken off by a
        crash.
        """
        whole, broken = found
        if whole:
            self._add(steps, state, place, whole, net, number)
        if broken and place in self.crashing and self.budgets[number].crashes:
            spent = self.budgets.after_crash(number, place)
            self._add(steps, state, place, broken, net, spent)

    def _add(
        self,
        steps: list[Next],
        state: Numbers,
        place: int,
        found: tuple[Move, ...],
        net: int,
        number: int,
    ) -> None:
        before, after = state[:place], state[place + 1 : -3]
        memory, left, stripped = state[-1], self.budgets[number], self._stripped
        gone = left.dead or left.cut
        for local, sent, events, action in found:
            under_way = self.channels.add(net, sent) if sent else net
            remembered = self.memories.after(memory, events) if events else memory
            if gone:
                known = stripped.get((under_way, number))
                under_way, dropped = known or self._strip(under_way, number)
                if dropped:
                    remembered = self.memories.after(remembered, dropped)
            steps.append(
                (action, (*before, local, *after, under_way, number, remembered))
            )

    def _strip(self, net: int, number: int) -> tuple[int, int]:
        """Take away what can arrive no more, to the dead and across a partition: what
        is left, and the events of that.
        """
        left, whole = self.budgets[number], net
        # what comes to the dead is dropped, which no property sees unless it asks
        lost = () if "drop" in self.memories.kinds else left.dead
        net, _ = self.channels.without(
            net,
            lambda one, other: other in lost or (left.calm and one in left.dead),
        )
        drops: tuple[Untimed, ...] = ()
        if left.cut:
            net, taken = self.channels.without(net, self.apart)
            for sender, receiver, message in (
                self.channels.messages[each] for each in taken
            ):
                drops += self.machines[self.ids.index(receiver)].event(
                    "drop", sender, message, reason="lost"
                )
        found = self._stripped[whole, number] = net, self.memories.number(drops)
        return found

    def _silent(self, net: int, up: Iterable[int]) -> bool:
        """Tell whether no message to or from a live node is under way."""
        return not any(
            place in up
            for message in self.channels.nets[net]
            for place in self.handlers.ends(message)
        )

    def apart(self, one: str, other: str) -> bool:
        """Tell whether the partition, once it has come, separates two nodes."""
        return any((one in group) != (other in group) for group in self.partition)

    # States ---------------------------------------------------------------------------

    def up(self, places: Numbers) -> tuple[str, ...]:
        """Return the nodes that are up."""
        local: Any = zip(self.ids, self.machines, places, strict=False)
        return tuple(id for id, machine, at in local if machine.up[at])

    def state(self, places: Numbers, net: int, left: Budget, memory: int) -> Numbers:
        """Make a state of its parts."""
        if not left.recoveries:
            up = self.up(places)
            left = left._replace(dead=tuple(id for id in self.ids if id not in up))
        number = self.budgets.number(left)
        net, dropped = self._strip(net, number)
        return (*places, net, number, self.memories.after(memory, dropped))

    def calm(self, state: Numbers) -> Numbers:
        """Return the state from which nothing more goes wrong: no fault, no recovery,
        and nothing under way from the dead.
        """
        *places, net, number, memory = state
        left = Budget(0, 0, 0, 0, None, self.budgets[number].cut, (), True)
        return self.state(tuple(places), net, left, memory)

    def starved(self, state: Numbers) -> bool:
        """Tell whether with a recovery more, or a timer more, something could still
        happen.
        """
        number = state[-2]
        local = list(zip(self.machines, state, strict=False))
        down = not all(machine.up[at] for machine, at in local)
        armed = (timer for machine, at in local for timer in machine.timers[at])
        stopped = any(
            self.budgets.after_firing(number, timer) is None for timer in armed
        )
        return (not self.budgets[number].recoveries and down) or stopped
