"""A way through a model, played in the simulator: the steps of a script that take the
same nodes through the same events.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from ftlib.checking.counterexample import Counterexample
from ftlib.checking.outcome import Action, Local, frozen_disk
from ftlib.simulation import (
    Choose,
    Cluster,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Node,
    Recover,
    Schedule,
    Trace,
)
from ftlib.simulation.freezing import exact, freeze
from ftlib.simulation.host import Host
from ftlib.simulation.node import state_of
from ftlib.simulation.script import Player, pending
from ftlib.simulation.values import show

__all__ = ["Disagreement", "differences", "names", "script_of"]

Nodes = Mapping[str, Callable[[], Node]]


class Disagreement(RuntimeError):  # noqa: N818 - it names what was found
    """A mistake in `ftlib` itself: what exploration has found does not happen in the
    simulator. Says what differs, and holds both runs.
    """

    def __init__(
        self, what: str, way: Counterexample, script: Schedule, trace: Trace
    ) -> None:
        explored = "\n".join(str(action) for action in way.actions) or "(no step)"
        super().__init__(
            f"exploration and simulation differ: in the simulator {what}. This is a"
            f" mistake of ftlib, and no verdict.\n\nexplored:\n{explored}\n\nthe"
            f" script:\n{script}\n\nsimulated:\n{trace}"
        )


def script_of(
    nodes: Nodes,
    starts: Iterable[Action],
    actions: Iterable[Action],
    *,
    stays: bool,
    apart: Callable[[str, str], bool],
) -> Schedule:
    """Write the script, while playing it to see which of the pending messages each step
    means.

    Parameters
    ----------
    nodes : mapping of id to factory
    starts, actions : iterable of Action
        The first starts, and the steps after them.
    stays : bool
        Whether a message stays under way after it has arrived.
    apart : callable
        Whether the partition, once it has come, separates two nodes.
    """
    writer = _Writer(nodes, starts)
    cut = False
    actions = tuple(actions)
    for index, action in enumerate(actions):
        cut = cut or action.kind == "partition"
        kept = action.kept or (stays and writer.again(action, actions[index + 1 :]))
        for step in writer.steps(action, kept):
            writer.take(step)
        while cut and (lost := writer.across(apart)):
            writer.take(lost)
    return Schedule(writer.script)


class _Writer:
    """Plays a script while it is written."""

    def __init__(self, nodes: Nodes, starts: Iterable[Action]) -> None:
        self.nodes = nodes
        first: list[Any] = []
        for action in starts:
            first.extend(_choices(action))
            if action.after is not None:
                keeps = self._keeps(action, (first, []), [])
                first.append(Crash(action.node, 0.0, action.after, keeps))
        self.first, self.later = first, list[Any]()
        self.player = Player(Cluster(nodes), first)

    @property
    def script(self) -> list[Any]:
        return [*self.first, *self.later]

    def take(self, step: Any) -> None:
        self.player.take(step)
        self.later.append(step)

    def steps(self, action: Action, kept: bool) -> list[Any]:
        """Write one step of a run, a message staying under way or not."""
        steps: list[Any] = list(_choices(action))
        last: list[Any] = []
        match action.kind:
            case "deliver":
                last = [(Duplicate if kept else Deliver)(*self._named(action))]
            case "drop":
                last = [Drop(*self._named(action))]
            case "fire":
                last = [Fire(action.node, action.what)]
            case "recover":
                last = [Recover(action.node)]
        if action.after is not None or action.kind == "crash":
            so_far = (self.first, [*self.later, *steps])
            keeps = self._keeps(action, so_far, last)
            steps.append(Crash(action.node, None, action.after or 0, keeps))
        return steps + last

    def _keeps(
        self, action: Action, so_far: tuple[list[Any], list[Any]], last: list[Any]
    ) -> int:
        """Find how many unforced writes must survive for a crash to leave its disk."""
        if action.left is None:
            return 0
        first, later = so_far
        for keeps in count(1):
            if action.kind == "start":
                crash = Crash(action.node, 0.0, action.after or 0, keeps)
                cluster = _played(self.nodes, [*first, crash], [])
            else:
                crash = Crash(action.node, None, action.after or 0, keeps)
                cluster = _played(self.nodes, first, [*later, crash, *last])
            if frozen_disk(cluster.hosts[action.node].disk) == action.left:
                return keeps
            if keeps > len(cluster.trace):  # more than there were writes
                break
        raise RuntimeError(f"no number of surviving writes leaves what {action} says")

    def _named(self, action: Action) -> tuple[str, str, str, int]:
        """Name a pending message as a step does: of the `nth` that fits."""
        sender, message = action.what
        name = type(message).__name__
        fitting = [
            exact(what)
            for start, end, what in pending(self.player.cluster)
            if (start, end, type(what).__name__) == (sender, action.node, name)
        ]
        return name, sender, action.node, fitting.index(exact(message)) + 1

    def again(self, action: Action, later: tuple[Action, ...]) -> bool:
        """Tell whether a message must stay pending, because it is delivered more often
        than copies of it are sent.
        """
        if action.kind != "deliver":
            return False
        sender, message = action.what
        wanted = exact((sender, action.node, message))
        copies = sum(exact(each) == wanted for each in pending(self.player.cluster))
        return copies < 2 and any(
            each.kind == "deliver"
            and exact((each.what[0], each.node, each.what[1])) == wanted
            for each in later
        )

    def across(self, apart: Callable[[str, str], bool]) -> Drop | None:
        """Lose a message that a partition separates from its receiver."""
        for sender, receiver, message in pending(self.player.cluster):
            if apart(sender, receiver):
                return Drop(type(message).__name__, sender, receiver)
        return None


def _choices(action: Action) -> Iterator[Choose]:
    return (Choose(action.node, option) for option in action.choices)


def _played(nodes: Nodes, first: list[Any], later: list[Any]) -> Cluster:
    player = Player(Cluster(nodes), first)
    for step in later:
        player.take(step)
    return player.cluster


def names(step: Deliver | Fire, action: Action) -> bool:
    """Tell whether a step of a script is this step of a run, whole."""
    if action.after is not None or action.choices or action.kept:
        return False
    match step, action.kind:
        case Deliver(message, sender, receiver), "deliver":
            start, what = action.what
            return (
                message in (None, type(what).__name__)
                and sender in (None, start)
                and receiver in (None, action.node)
            )
        case Fire(node, timer), "fire":
            return (node, timer) == (action.node, action.what)
    return False


def differences(local: Local, host: Host) -> str:
    """Say in what a machine of the simulator differs from a local state of exploration;
    an empty text if in nothing.
    """
    node = host.node
    if (node is None) != (local.memory is None):
        return "is down" if node is None else "is up"
    if frozen_disk(host.disk) != local.disk:
        return f"has on its disk {show(host.disk)}"
    if node is None:
        return ""
    if freeze(state_of(node)) != local.memory[1]:
        return f"has the state {show(state_of(node))}"
    if tuple(sorted(host.timers)) != local.timers:
        return f"has armed {', '.join(sorted(host.timers)) or 'no timer'}"
    return ""
