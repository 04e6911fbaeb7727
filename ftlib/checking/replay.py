"""A way through a model, played in the simulator: the steps of a script that take the
same nodes through the same events.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ftlib.checking.machine import Action
from ftlib.simulation import (
    Choose,
    Cluster,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Recover,
    Schedule,
    Trace,
    play,
)
from ftlib.simulation.script import Player, pending

if TYPE_CHECKING:
    from ftlib.checking.cluster_model import ClusterModel

__all__ = ["replay", "script_of"]


def replay(model: "ClusterModel", script: Schedule) -> Trace:
    """Play a script on the nodes of a model."""
    return play(Cluster(model.nodes), script)


def script_of(
    model: "ClusterModel", starts: Iterable[Action], actions: Iterable[Action]
) -> Schedule:
    """Write the script, while playing it to see which of the pending messages each step
    means.
    """
    first = [step for action in starts for step in _start(action)]
    player = Player(Cluster(model.nodes), first)
    steps = list(first)
    cut = False
    actions = tuple(actions)
    for index, action in enumerate(actions):
        cut = cut or action.kind == "partition"
        for step in _steps(model, player, action, actions[index + 1 :]):
            player.take(step)
            steps.append(step)
        while cut and (step := _across(model, player)):
            player.take(step)
            steps.append(step)
    return Schedule(steps)


def _start(action: Action) -> Iterator[Any]:
    for option in action.choices:
        yield Choose(action.node, option)
    if action.after is not None:
        yield Crash(action.node, at=0.0, after=action.after)


def _steps(
    model: "ClusterModel", player: Player, action: Action, later: tuple[Action, ...]
) -> Iterator[Any]:
    for option in action.choices:
        yield Choose(action.node, option)
    if action.after is not None:
        yield Crash(action.node, after=action.after)
    match action.kind:
        case "deliver":
            kept = action.kept or (
                model.network == "set" and _again(player, action, later)
            )
            yield (Duplicate if kept else Deliver)(*_named(player, action))
        case "drop":
            yield Drop(*_named(player, action))
        case "fire":
            yield Fire(action.node, action.what)
        case "crash":
            yield Crash(action.node)
        case "recover":
            yield Recover(action.node)


def _named(player: Player, action: Action) -> tuple[str, str, str, int]:
    """Name a pending message as a step does: of the `nth` that fits."""
    sender, message = action.what
    name = type(message).__name__
    fitting = [
        what
        for start, end, what in pending(player.cluster)
        if (start, end, type(what).__name__) == (sender, action.node, name)
    ]
    return name, sender, action.node, fitting.index(message) + 1


def _again(player: Player, action: Action, later: tuple[Action, ...]) -> bool:
    """Tell whether a message must stay pending, because it is delivered more often than
    copies of it are sent.
    """
    sender, message = action.what
    copies = sum(
        each == (sender, action.node, message) for each in pending(player.cluster)
    )
    return copies < 2 and any(
        (each.kind, each.node, each.what) == (action.kind, action.node, action.what)
        for each in later
    )


def _across(model: "ClusterModel", player: Player) -> Drop | None:
    for sender, receiver, message in pending(player.cluster):
        if model.apart(sender, receiver):
            return Drop(type(message).__name__, sender, receiver)
    return None
