"""Mutants of a crowd and its server: each makes one mistake, and the service that
should come back stays down.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from ftlib.services.messages import Reply
from ftlib.services.overload import Crowd, QueueServer, crowded
from ftlib.services.retrying import Budget
from ftlib.simulation import Node, Schedule, Slow
from ftlib.simulation.promises import casting

__all__ = ["BREAKS", "SHOWN_BY", "RetriesForFree", "StopsAfterOne", "mutated"]


class RetriesForFree(Crowd):
    """Asks again whether there is a token or not."""

    def pays(self) -> bool:
        return True


class StopsAfterOne(QueueServer):
    """Does not take the next request when it has answered one."""

    def on_timer(self, name: str) -> None:
        if self.busy:
            client, sequence = self.busy
            self.send(client, Reply(sequence, None))


SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    RetriesForFree: (
        (8, 3),
        Schedule([Slow("server", by=2, at=5, until=5.2)]),
        "comes back",
    ),
    StopsAfterOne: ((8, 3), Schedule(), "comes back"),
}
"""What the world is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}

_crowded = casting(
    partial(crowded, budget=partial(Budget, 0.1, 5)), crowd=Crowd, server=QueueServer
)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ()
) -> dict[str, Callable[[], Node]]:
    """Make the world of a mutant, with it in the role that it derives from, and a
    budget of one retry for ten requests.

    Parameters
    ----------
    mutant : type
        A subclass of Crowd or QueueServer, or one of these.
    given : tuple
        Load and attempts, as for `crowded`.

    Raises
    ------
    TypeError
        If it derives from neither.
    """
    return _crowded(mutant, *given)
