"""Atomic commit and two-phase commit as specifications: states and steps, without
nodes, messages on wires, or disks.

Transliterations of Lamport's TLA+ modules TCommit and TwoPhase, in which the
transaction commit problem and its best known solution were specified (Gray and Lamport
2006, appendix; the modules are among the TLA+ examples). What a resource manager is
called there is a participant elsewhere in this library, a transaction manager a
coordinator. Both are models for `ftlib.checking.explore`. With three resource managers
TLC finds 34 and 288 distinct states, at depth 7 and 11.
"""

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["TCommit", "TwoPhase", "TwoPhaseState", "changed", "consistent"]

States = tuple[
    str, ...
]  # of the resource managers: "working", "prepared", "committed" or "aborted"


def consistent(managers: States) -> bool:
    """Tell whether no resource manager has committed while another has aborted:
    TCConsistent.
    """
    return not ("committed" in managers and "aborted" in managers)


def changed(managers: States, manager: int, state: str) -> States:
    """Return the states after one resource manager has changed its own."""
    return (*managers[:manager], state, *managers[manager + 1 :])


def _count(managers: int) -> int:
    if type(managers) is not int or managers < 1:
        raise ValueError(f"managers is {managers!r}: give a whole number, 1 or more")
    return managers


class TCommit:
    """What is to be solved: each resource manager decides, and they may look at each
    other's states.

    Parameters
    ----------
    managers : int
        How many resource managers, 1 or more.

    Examples
    --------
    >>> TCommit(1).successors(("working",))
    [('prepare 0', ('prepared',)), ('abort 0', ('aborted',))]
    """

    def __init__(self, managers: int) -> None:
        self.managers = _count(managers)

    def initial_states(self) -> list[States]:
        return [("working",) * self.managers]

    def successors(self, state: States) -> list[tuple[str, States]]:
        can_commit = all(each in ("prepared", "committed") for each in state)
        steps = []
        for manager, each in enumerate(state):
            if each == "working":
                steps.append(
                    (f"prepare {manager}", changed(state, manager, "prepared"))
                )
            if each == "prepared" and can_commit:
                steps.append(
                    (f"commit {manager}", changed(state, manager, "committed"))
                )
            if each in ("working", "prepared") and "committed" not in state:
                steps.append((f"abort {manager}", changed(state, manager, "aborted")))
        return steps


class TwoPhaseState(NamedTuple):
    """A state of `TwoPhase`: of each resource manager, of the transaction manager, who
    is known to be prepared, what was sent.
    """

    managers: States
    decision: str  # "init", "committed" or "aborted"
    prepared: frozenset[int]
    messages: frozenset[
        str | int
    ]  # "commit", "abort", or the number of a manager that says it is prepared


class TwoPhase:
    """Two-phase commit: a transaction manager collects the resource managers' promises,
    and tells all of them the outcome.

    A message once sent can be received at any time, any number of times; nobody fails,
    except by never taking a step.

    Parameters
    ----------
    managers : int
        How many resource managers, 1 or more.
    """

    def __init__(self, managers: int) -> None:
        self.managers = _count(managers)

    def initial_states(self) -> list[TwoPhaseState]:
        return [
            TwoPhaseState(
                ("working",) * self.managers, "init", frozenset(), frozenset()
            )
        ]

    def successors(self, state: TwoPhaseState) -> Iterator[tuple[str, TwoPhaseState]]:
        managers, decision, prepared, messages = state
        if decision == "init":
            if len(prepared) == self.managers:
                yield (
                    "decide commit",
                    TwoPhaseState(
                        managers, "committed", prepared, messages | {"commit"}
                    ),
                )
            yield (
                "decide abort",
                TwoPhaseState(managers, "aborted", prepared, messages | {"abort"}),
            )
        for manager, each in enumerate(managers):
            if decision == "init" and manager in messages:
                yield (
                    f"hear prepared {manager}",
                    TwoPhaseState(managers, decision, prepared | {manager}, messages),
                )
            if each == "working":
                promised = changed(managers, manager, "prepared")
                yield (
                    f"prepare {manager}",
                    TwoPhaseState(promised, decision, prepared, messages | {manager}),
                )
                yield (
                    f"abort {manager}",
                    TwoPhaseState(
                        changed(managers, manager, "aborted"),
                        decision,
                        prepared,
                        messages,
                    ),
                )
            for word, outcome in (("commit", "committed"), ("abort", "aborted")):
                if word in messages:
                    obeyed = changed(managers, manager, outcome)
                    yield (
                        f"hear {word} {manager}",
                        TwoPhaseState(obeyed, decision, prepared, messages),
                    )
