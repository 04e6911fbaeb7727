"""All handlers of a cluster under exploration: each call is run once, and from then on
looked up.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ftlib.checking.channels import Channels
from ftlib.checking.machine import Machine
from ftlib.checking.memory import Memories
from ftlib.checking.outcome import Action, Outcome, Outcomes
from ftlib.simulation import Node

__all__ = ["Handlers", "Move", "Moves"]


class Move(NamedTuple):
    """An outcome, in numbers."""

    local: int
    sent: tuple[int, ...]
    events: int
    action: Action


Moves = tuple[tuple[Move, ...], tuple[Move, ...]]  # whole, and broken off by a crash


class Handlers:
    """What each node does in each of its local states. A `place` is a node's number, in
    the order of the cluster.
    """

    def __init__(
        self,
        nodes: Mapping[str, Callable[[], Node]],
        channels: Channels,
        memories: Memories,
        survivors: bool,
    ) -> None:
        self.ids = tuple(nodes)
        self.channels = channels
        self.memories = memories
        self.machines = [
            Machine(id, factory, self.ids, memories.kinds, survivors)
            for id, factory in nodes.items()
        ]
        self.lookups = 0
        self._delivered: list[dict[tuple[int, int], Moves]] = [{} for _ in nodes]
        self._doubled: dict[tuple[int, int], Moves] = {}
        self._dropped: dict[tuple[int, int], Moves] = {}
        self._fired: list[dict[tuple[int, str], Moves]] = [{} for _ in nodes]
        self._recovered: list[dict[int, Moves]] = [{} for _ in nodes]
        self._crashed: list[dict[int, Moves]] = [{} for _ in nodes]
        self._ends: list[tuple[int, int]] = []

    @property
    def hit_rate(self) -> float:
        """The share of handler calls that were looked up instead of run."""
        return (
            1 - sum(machine.runs for machine in self.machines) / self.lookups
            if self.lookups
            else 0.0
        )

    def ends(self, message: int) -> tuple[int, int]:
        """Return the places of a message's sender and receiver."""
        while message >= len(self._ends):
            sender, receiver, _ = self.channels.messages[len(self._ends)]
            self._ends.append((self.ids.index(sender), self.ids.index(receiver)))
        return self._ends[message]

    def deliver(self, place: int, local: int, message: int) -> Moves:
        """Let a message arrive; at a node that is down, it is lost."""
        self.lookups += 1
        found = self._delivered[place].get((local, message))
        if found is None:
            sender, receiver, what = self.channels.messages[message]
            machine = self.machines[place]
            if machine.up[local]:
                outcomes = machine.deliver(local, sender, what)
            else:
                dropped = machine.event("drop", sender, what, reason="receiver is down")
                outcomes = (
                    [
                        Outcome(
                            local,
                            (),
                            dropped,
                            Action("deliver", receiver, (sender, what)),
                        )
                    ],
                    [],
                )
            found = self._delivered[place][local, message] = self._steps(
                place, outcomes
            )
        return found

    def again(self, local: int, message: int, found: Moves) -> Moves:
        """Return the same steps with a copy of the message still under way."""
        if (local, message) not in self._doubled:
            whole, broken = (
                tuple(step._replace(action=step.action.keeping()) for step in group)
                for group in found
            )
            self._doubled[local, message] = whole, broken
        return self._doubled[local, message]

    def drop(self, place: int, local: int, message: int) -> Moves:
        """Lose a message."""
        if (local, message) not in self._dropped:
            self._dropped[local, message] = self._drop(place, local, message)
        return self._dropped[local, message]

    def _drop(self, place: int, local: int, message: int) -> Moves:
        sender, receiver, what = self.channels.messages[message]
        dropped = self.machines[place].event("drop", sender, what, reason="lost")
        return (
            Move(
                local,
                (),
                self.memories.number(dropped),
                Action("drop", receiver, (sender, what)),
            ),
        ), ()

    def fire(self, place: int, local: int, timer: str) -> Moves:
        """Let an armed timer fire."""
        self.lookups += 1
        found = self._fired[place].get((local, timer))
        if found is None:
            found = self._fired[place][local, timer] = self._steps(
                place, self.machines[place].fire(local, timer)
            )
        return found

    def crash(self, place: int, local: int) -> Moves:
        """Crash a node between two handlers."""
        found = self._crashed[place].get(local)
        if found is None:
            found = self._crashed[place][local] = self._steps(
                place, ([], self.machines[place].crashed(local))
            )
        return found

    def recover(self, place: int, local: int) -> Moves:
        """Bring a node back."""
        self.lookups += 1
        found = self._recovered[place].get(local)
        if found is None:
            found = self._recovered[place][local] = self._steps(
                place, self.machines[place].start(local, "recover")
            )
        return found

    def start(self, place: int) -> Moves:
        """Start a node for the first time."""
        self.lookups += 1
        machine = self.machines[place]
        return self._steps(place, machine.start(machine.off, "start"))

    def _steps(self, place: int, found: Outcomes) -> Moves:
        id, number = self.ids[place], self.channels.number
        whole, broken = (
            tuple(
                Move(
                    local,
                    tuple(number(id, to, message) for to, message in sent),
                    self.memories.number(events),
                    action,
                )
                for local, sent, events, action in outcomes
            )
            for outcomes in found
        )
        return whole, broken
