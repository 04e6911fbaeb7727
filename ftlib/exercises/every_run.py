"""Judges of the exercises on exploration: a claim that is to be refuted, the smallest
budget within which a mistake shows, and a specification that asks its peers.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ftlib.checking import ClusterModel, Counterexample, Exploration, explore
from ftlib.drawing import Picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded
from ftlib.exercises.runs import every_run
from ftlib.exercises.two_phase_commit import AcknowledgesFirst, show
from ftlib.exercises.ways import way_drawn
from ftlib.figures.every_run import stuck
from ftlib.transactions.atomic_commit import PROPERTIES, agreement
from ftlib.transactions.bank import bank
from ftlib.transactions.specification import TwoPhase, TwoPhaseState, changed

__all__ = ["judge_asking", "judge_never", "judge_smallest_budget"]

MANAGERS = 3
MOST = 2  # crashes and recoveries that are explored at most
FINAL = ("committed", "aborted")


def _table(way: Counterexample, title: str) -> Picture:
    names = [f"p{number + 1}" for number in range(len(way.states[0].managers))]
    return way_drawn(
        way,
        ["coordinator", *names],
        lambda state: [state.decision, *state.managers],
        title,
    )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# 1: a claim to be refuted -------------------------------------------------------------


@judging
def judge_never(never: Any, steps: Any) -> Answer:
    """Judge a claim whose counterexample is a shortest way to a commit of all.

    Asked is a function of a state of `TwoPhase`, true unless all managers have
    committed, and the number of steps to the first state in which it is false. Refused
    is a claim that no state refutes, or that another state refutes; and a wrong number.

    Parameters
    ----------
    never : callable from state to bool
        Or a mapping with one such in it, as `explore` takes.
    steps : int
    """
    if isinstance(never, Mapping) and len(never) == 1:
        (never,) = never.values()
    if never is None:
        return not_attempted("Write a claim, a function of a state.")
    if not callable(never):
        raise Wrong(f"never is {never!r}: hand in a function of a state.")

    def holds(state: TwoPhaseState) -> bool:
        said = bounded(never, state, lines=10_000)
        if not isinstance(said, bool):
            raise Wrong(f"of {state.managers} the claim says {said!r}: True or False?")
        return said

    def over(state: TwoPhaseState) -> bool:
        return set(state.managers) == {"committed"}

    def wrong(name: str, way: Counterexample) -> Wrong:
        last = ", ".join(way.states[-1].managers)
        if over(way.states[-1]):
            why = f"nothing refutes it: the claim is true although all have {last}."
            return Wrong(why.replace("committed, committed, committed", "committed"))
        why = f"the claim is false where the managers are {last}: not all committed."
        return Wrong(why, str(way), _table(way, "Not all have committed."))

    every_run(
        TwoPhase(MANAGERS),
        wrong,
        invariants={"claim": lambda state: holds(state) != over(state)},
        can_reach={},
    )
    if steps is None:
        return not_attempted("The claim is refuted as it should be. Now set my_steps.")
    way = explore(TwoPhase(MANAGERS), {"claim": holds}).violations["claim"]
    if steps == len(way) + 1 and _whole(steps):
        raise Wrong(f"{steps} states stand on the way; the steps lie between them.")
    if steps != len(way) or not _whole(steps):
        raise Wrong(f"my_steps is {steps!r}, and the shortest way has another length.")
    return Answer(
        "right",
        f"{steps} steps, and no way is shorter.",
        picture=_table(way, "All have committed."),
    )


# 2: the smallest budget ---------------------------------------------------------------


@judging
def judge_smallest_budget(budget: Any, steps: Any) -> Answer:
    """Judge the smallest budget within which exploration finds what is wrong with
    `AcknowledgesFirst`, and after how many steps.

    Refused is a budget within which every promise holds, one that can be made smaller,
    and a wrong number of steps.

    Parameters
    ----------
    budget : mapping
        How many crashes and how many recoveries, by these names.
    steps : int
        Of the shortest run that breaks agreement.
    """
    if steps is None and (not budget or not any(dict(budget).values())):
        return not_attempted("Set my_budget and my_steps.")
    if not isinstance(budget, Mapping) or set(budget) - {"crashes", "recoveries"}:
        raise Wrong(f"my_budget is {budget!r}: give the crashes and the recoveries.")
    numbers = [budget.get(name, 0) for name in ("crashes", "recoveries")]
    if not all(_whole(number) and number >= 0 for number in numbers):
        raise Wrong(f"my_budget is {budget!r}: give whole numbers, 0 or more.")
    crashes, recoveries = numbers
    for fewer in _smaller(crashes, recoveries):
        found = _found(*fewer)
        if found:
            raise Wrong(
                "a smaller budget is enough: one with fewer crashes or recoveries.",
                picture=_shown(found, "Found within a smaller budget."),
            )
    found = _found(crashes, recoveries)
    if not found:
        raise Wrong(
            f"with {crashes} crashes and {recoveries} recoveries no run breaks"
            " agreement: the mistake does not show."
        )
    if steps is None:
        return not_attempted("The budget is the smallest. Now set my_steps.")
    if not _whole(steps) or steps != len(found):
        raise Wrong(f"my_steps is {steps!r}: count the steps of the counterexample.")
    return Answer(
        "right",
        f"Within no smaller budget a run breaks agreement; here one of {steps} steps.",
        str(found),
        _shown(found, "Agreement is broken."),
    )


def _smaller(crashes: int, recoveries: int) -> Iterable[tuple[int, int]]:
    """The budgets one smaller; of a large one, the largest that is explored."""
    if max(crashes, recoveries) > MOST:
        yield min(crashes, MOST), min(recoveries, MOST)
    elif crashes + recoveries:
        yield from [(crashes - 1, recoveries)] * bool(crashes)
        yield from [(crashes, recoveries - 1)] * bool(recoveries)


def _found(crashes: int, recoveries: int) -> Counterexample | None:
    nodes = bank(participant=AcknowledgesFirst)
    model = ClusterModel(
        nodes,
        [agreement],
        crashes=min(crashes, MOST),
        recoveries=min(recoveries, MOST),
    )
    explored = explore(model)
    return explored.violations.get(agreement.name)


def _shown(way: Counterexample, title: str) -> Picture:
    return show(way.trace, PROPERTIES, title=title)


# 3: ask one another -------------------------------------------------------------------


@judging
def judge_asking(asking: Any, counts: Any) -> Answer:
    """Judge a specification in which a prepared manager does what it sees another one
    has done, and how many states it has and in how many somebody is stuck.

    Looked at is every reachable state with two managers and with three. Refused are
    steps that are missing, those of `TwoPhase` among them; steps of a manager that is
    not prepared; steps that do more; and numbers that are not those of two managers.

    Parameters
    ----------
    asking : type
        A subclass of `TwoPhase`.
    counts : (int, int)
        With two managers: the states, and those in which somebody is stuck without the
        coordinator.
    """
    if not isinstance(asking, type) or not issubclass(asking, TwoPhase):
        raise Wrong(f"Asking is {asking!r}: hand in a subclass of TwoPhase.")
    if not any(callable(value) for value in vars(asking).values()):
        return not_attempted("Asking has the steps of TwoPhase: add yours.")
    explored = [_all_steps(asking, managers) for managers in (2, 3)]
    if counts is None:
        return not_attempted("The steps are right. Now set my_counts.")
    truth = explored[0].states, len(stuck(asking(2)))
    if not isinstance(counts, tuple | list) or len(counts) != 2:
        raise Wrong(f"my_counts is {counts!r}: give two numbers.")
    if tuple(counts) != truth:
        what = "states" if counts[0] != truth[0] else "states in which one is stuck"
        raise Wrong(
            f"my_counts is {counts!r}: the steps are right, but not how many"
            f" {what} there are with two managers."
        )
    return Answer(
        "right",
        f"{truth[0]} states, and in {truth[1]} of them somebody is stuck; the"
        f" {explored[1].states} with three managers were looked at too.",
    )


class _Bounded:
    """A learner's model, each call within the bound."""

    def __init__(self, model: TwoPhase) -> None:
        self.model = model

    def initial_states(self) -> list[TwoPhaseState]:
        return bounded(lambda: list(self.model.initial_states()))

    def successors(self, state: TwoPhaseState) -> list[tuple[str, TwoPhaseState]]:
        steps = bounded(lambda: list(self.model.successors(state)), lines=20_000)
        for step in steps:
            if (
                not isinstance(step, tuple)
                or len(step) != 2
                or not isinstance(step[0], str)
                or not isinstance(step[1], TwoPhaseState)
                or len(step[1].managers) != len(state.managers)
            ):
                raise Wrong(
                    f"successors gives {step!r}: give pairs of a name and the"
                    " TwoPhaseState that the step leads to."
                )
        return steps


def _all_steps(asking: Callable[[int], TwoPhase], managers: int) -> Exploration:
    right, model = TwoPhase(managers), _Bounded(asking(managers))
    if model.initial_states() != right.initial_states():
        raise Wrong("it does not begin where TwoPhase begins.")

    def wrong(name: str, way: Counterexample) -> Wrong:
        why = _amiss(right, model, way.states[-1]) or name
        return Wrong(why, str(way), _table(way, "Where it is wrong."))

    return every_run(
        model,
        wrong,
        invariants={"steps": lambda state: not _amiss(right, model, state)},
        can_reach={},
        states=5_000,
    )


def _amiss(right: TwoPhase, model: _Bounded, state: TwoPhaseState) -> str:
    """Say what is wrong with the steps from a state; nothing if they are as asked."""
    managers = state.managers
    mine = model.successors(state)
    old = dict(right.successors(state))
    reached = {after for _, after in mine}
    for action, after in old.items():
        if after not in reached:
            return f"{action!r} is a step of TwoPhase, and is not possible any more."
    asked = {
        state._replace(managers=changed(managers, asker, outcome)): (asker, outcome)
        for asker, own in enumerate(managers)
        for outcome in FINAL
        if own == "prepared" and outcome in managers
    }
    for after, (asker, outcome) in asked.items():
        if after not in reached:
            return (
                f"p{asker + 1} is prepared, somebody has {outcome}, and no step lets"
                f" p{asker + 1} do the same."
            )
    for action, after in mine:
        if after in old.values():
            continue
        if after not in asked:
            return f"{action!r} {_too_much(state, after)}."
        if action.startswith(("decide", "hear prepared")):
            return f"{action!r} is called as the coordinator's steps are: rename it."
    return ""


def _too_much(state: TwoPhaseState, after: TwoPhaseState) -> str:
    if after[1:] != state[1:]:
        return "changes more than the managers: who asks sends nothing here"
    for number, (own, new) in enumerate(
        zip(state.managers, after.managers, strict=True), 1
    ):
        if own != new and own != "prepared":
            return f"lets p{number} change that is {own}: only who is prepared asks"
        if own != new and new not in state.managers:
            return f"lets p{number} be {new}, and nobody is"
    return "changes two managers at once, or to what nobody has decided"
