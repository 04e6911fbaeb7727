"""The first starts of a cluster under exploration: every node comes up, in order; or a
crash befalls some before they start, or between the effects of their first handler.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ftlib.checking.budget import Budget
from ftlib.checking.handlers import Handlers
from ftlib.checking.outcome import Action

__all__ = ["Start", "starts"]


class Start(NamedTuple):
    """How a cluster has come up."""

    places: tuple[int, ...]  # the local state of each node
    net: int  # what is under way
    memory: int  # what properties remember
    left: Budget
    actions: tuple[Action, ...]  # what the nodes chose, and how they crashed


def starts(
    handlers: Handlers, crashing: frozenset[str], left: Budget
) -> Iterator[Start]:
    """Yield every way to come up within a budget.

    Parameters
    ----------
    handlers : Handlers
    crashing : frozenset of str
        The nodes that may crash.
    left : Budget
    """
    return _more(handlers, crashing, Start((), 0, 0, left, ()), (), ())


def _more(
    handlers: Handlers,
    crashing: frozenset[str],
    so_far: Start,
    early: tuple[Any, ...],
    late: tuple[Any, ...],
) -> Iterator[Start]:
    """Start the next node; `early` are events before any of them starts, `late` the
    (sent, events) of the starts.
    """
    places, _, _, left, actions = so_far
    if len(places) == len(handlers.ids):
        net, memories = 0, handlers.memories
        for sent, _ in late:
            net = handlers.channels.add(net, sent)
        memory = memories.after(memories.first, memories.number(early))
        for _, events in late:
            memory = memories.after(memory, events)
        yield Start(places, net, memory, left, actions)
        return
    machine = handlers.machines[len(places)]
    whole, broken = handlers.start(len(places))
    for step in whole:
        chosen = (step.action,) if step.action.choices else ()
        after = Start((*places, step.local), 0, 0, left, (*actions, *chosen))
        told = (*late, (step.sent, step.events))
        yield from _more(handlers, crashing, after, early, told)
    if left.crashes and machine.id in crashing:
        fewer = left._replace(crashes=left.crashes - 1)
        never = Action("start", machine.id, after=0)
        after = Start((*places, machine.off), 0, 0, fewer, (*actions, never))
        crash = machine.event("crash", ref=None)
        yield from _more(handlers, crashing, after, (*early, *crash), late)
        for step in broken:
            after = Start((*places, step.local), 0, 0, fewer, (*actions, step.action))
            told = (*late, (step.sent, step.events))
            yield from _more(handlers, crashing, after, early, told)
