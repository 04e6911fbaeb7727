"""The explorer against brute force on small random models, and against the published
counts.
"""

import itertools
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftlib.checking import explore
from ftlib.transactions.specification import TCommit, TwoPhase, consistent

SIZE = 7
EDGES = st.frozensets(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)), max_size=16
)
SOME = st.frozensets(st.integers(0, SIZE - 1), max_size=SIZE)


class Graph:
    """A model with numbers for states: `twins` of a step are two actions that lead to
    the same place.
    """

    def __init__(self, initial, edges, twins=frozenset()):
        self.initial, self.edges, self.twins = initial, edges, twins

    def initial_states(self):
        return sorted(self.initial)

    def successors(self, state):
        for source, target in sorted(self.edges):
            if source == state:
                yield f"to {target}", target
                if target in self.twins:
                    yield f"also to {target}", target


def distances(initial, edges, inside):
    """How far each reachable state is, by relaxing every edge until nothing changes."""
    far = {state: 1 for state in initial if state in inside}
    for _ in range(SIZE):
        for source, target in edges:
            if (
                source in far
                and target in inside
                and far[source] + 1 < far.get(target, 99)
            ):
                far[target] = far[source] + 1
    return far


def can_get(start, goal, edges, inside):
    """Whether `goal` can be reached, by the closure of the relation."""
    reach = {start}
    for _ in range(SIZE):
        reach |= {
            target for source, target in edges if source in reach and target in inside
        }
    return bool(reach & goal)


@settings(max_examples=300, deadline=None)
@given(SOME.filter(bool), EDGES, SOME, SOME, SOME, SOME)
def test_against_brute_force(initial, edges, twins, bad, goal, outside):
    inside = frozenset(range(SIZE)) - outside
    constraint = (lambda state: state in inside) if outside else None
    model = Graph(initial, edges, twins)
    found = explore(
        model,
        {"good": lambda state: state not in bad},
        {"goal": lambda state: state in goal},
        constraint=constraint,
    )
    far = distances(initial, edges, inside)
    out = [(source, target) for source, target in edges if source in far]
    assert found.states == len(far)
    assert found.depth == max(far.values(), default=0)
    assert found.transitions == len(out) + sum(target in twins for _, target in out)
    after = {
        state: {target for source, target in out if source == state} for state in far
    }
    assert found.terminal == sum(not targets for targets in after.values())
    assert found.stuttering == sum(
        targets == {state} for state, targets in after.items()
    )
    assert found.starved == sum(
        bool(targets - inside) and not (targets & inside - {state})
        for state, targets in after.items()
    )
    wrong = {state: length for state, length in far.items() if state in bad}
    wrong |= {state: 1 for state in initial if state in bad - inside}
    for source, target in out:
        if target in bad - inside:
            wrong[target] = min(wrong.get(target, 99), far[source] + 1)
    assert ("good" in found.violations) == bool(wrong)
    if wrong:
        way = found.violations["good"]
        assert len(way.states) == min(wrong.values())
        check_way(way, initial, edges, way.states[-1] in bad)
    lost = {state for state in far if not can_get(state, goal, edges, inside)}
    assert ("goal" in found.unreachable) == bool(lost)
    if lost:
        assert found.unreachable["goal"].count == len(lost)
        way = found.unreachable["goal"].way
        assert len(way.states) == min(far[state] for state in lost)
        check_way(way, initial, edges, way.states[-1] in lost)
    assert found.complete
    assert bool(found) == (not wrong and not lost)


def check_way(way, initial, edges, arrives):
    assert way.states[0] in initial
    assert all(pair in edges for pair in itertools.pairwise(way.states))
    assert [action.rsplit(" ", 1)[1] for action in way.actions] == [
        str(state) for state in way.states[1:]
    ]
    assert arrives


@settings(max_examples=150, deadline=None)
@given(SOME.filter(bool), EDGES, st.integers(1, 9), st.integers(1, 9))
def test_bounds_are_kept_and_said(initial, edges, most, deep):
    far = distances(initial, edges, frozenset(range(SIZE)))
    few = explore(Graph(initial, edges), max_states=most)
    assert few.states == min(most, len(far))
    assert few.complete == (most >= len(far))
    assert few.complete or f"stopped after {most} states" in few.bound
    shallow = explore(Graph(initial, edges), max_depth=deep)
    assert shallow.states == sum(length <= deep for length in far.values())
    assert shallow.depth == min(deep, max(far.values()))
    assert shallow.complete == (deep >= max(far.values()))


def test_a_bound_in_depth_visits_no_state_below_it():
    chain = Graph({0}, {(0, 1), (1, 2), (2, 3)})
    found = explore(chain, {"small": lambda state: state < 3}, max_depth=3)
    assert (found.states, found.depth, found.complete, found.violations) == (
        3,
        3,
        False,
        {},
    )
    assert "down to depth 3" in str(found)
    assert "holds in the states visited" in str(found)
    assert not found


def test_states_that_were_not_followed_may_lead_anywhere():
    chain = Graph({0}, {(0, 1), (1, 2), (2, 3)})
    assert (
        explore(
            chain, can_reach={"end": lambda state: state == 3}, max_depth=2
        ).unreachable
        == {}
    )
    assert (
        explore(chain, can_reach={"start": lambda state: state == 0})
        .unreachable["start"]
        .count
        == 3
    )


def test_an_exploration_stops_in_time():
    class Endless:
        def initial_states(self):
            return [0]

        def successors(self, state):
            return [("next", state + 1)]

    found = explore(Endless(), timeout=0.2)
    assert not found.complete
    assert found.states > 64
    assert "stopped after 0.2 s" in found.bound
    assert found.seconds < 5


def test_symmetric_states_are_visited_once_and_the_way_is_a_real_one():
    def canonical(state):
        return tuple(sorted(state))

    whole, folded = explore(TCommit(4)), explore(TCommit(4), canonical=canonical)
    distinct = set()
    todo = list(TCommit(4).initial_states())
    while todo:
        state = todo.pop()
        if state not in distinct:
            distinct.add(state)
            todo += [successor for _, successor in TCommit(4).successors(state)]
    assert whole.states == len(distinct)
    assert folded.states == len({canonical(state) for state in distinct})
    way = explore(
        TCommit(4),
        {
            "none": (
                lambda state: state != ("aborted", "aborted", "committed", "prepared")
            )
        },
        canonical=canonical,
    )
    assert not way.violations
    way = explore(
        TCommit(3),
        {"none": lambda state: state != ("aborted", "aborted", "prepared")},
        canonical=canonical,
    ).violations["none"]
    for (action, after), before in zip(
        zip(way.actions, way.states[1:], strict=True), way.states, strict=False
    ):
        assert (action, after) in TCommit(3).successors(before)
    assert canonical(way.states[-1]) == ("aborted", "aborted", "prepared")


PUBLISHED = {TCommit: (34, 7), TwoPhase: (288, 11)}


@pytest.mark.parametrize("specification", PUBLISHED)
def test_counts_are_those_of_tlc(specification):
    found = explore(
        specification(3),
        {"consistent": lambda state: consistent(getattr(state, "managers", state))},
    )
    assert (found.states, found.depth) == PUBLISHED[specification]
    assert found


def test_a_mistake_in_the_specification_is_found():
    class Hasty(TwoPhase):
        def successors(self, state):
            yield from super().successors(state)
            if state.decision == "init" and state.prepared:
                yield (
                    "decide commit early",
                    state._replace(
                        decision="committed", messages=state.messages | {"commit"}
                    ),
                )

    found = explore(Hasty(2), {"consistent": lambda state: consistent(state.managers)})
    way = found.violations["consistent"]
    assert "decide commit early" in way.actions
    assert not consistent(way.states[-1].managers)
    assert "consistent: violated, after" in str(found)
    with pytest.raises(TypeError, match="Hasty is a specification"):
        way.script  # noqa: B018
    assert str(way).splitlines()[-1].startswith(f"{len(way)}  {way.actions[-1]}: ")


COUNTS = """
from ftlib.checking import ClusterModel, explore
from ftlib.transactions.atomic_commit import PROPERTIES
from ftlib.transactions.bank import bank
from ftlib.transactions.specification import TwoPhase
from ftlib.transactions.mutants import KeepsNoLog, mutated
spec = explore(TwoPhase(3), {"x": lambda state: "aborted" not in state.managers})
real = explore(ClusterModel(mutated(KeepsNoLog), PROPERTIES, crashes=1, recoveries=1))
print(spec, len(spec.violations["x"]))
print(real, real.violations["agreement"].script)
"""


def test_hash_seeds_do_not_matter():
    runs = {
        subprocess.run(
            [sys.executable, "-c", COUNTS],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_states": 0}, "max_states is 0"),
        ({"max_depth": -1}, "max_depth is -1"),
        ({"timeout": 0.0}, "timeout is 0.0"),
        ({"max_states": 2.5}, "max_states is 2.5: give a whole number"),
        ({"max_states": float("inf")}, "max_states is inf"),
        ({"max_depth": float("nan")}, "max_depth is nan"),
        ({"max_depth": True}, "max_depth is True"),
        ({"max_states": "9"}, "max_states is '9'"),
        ({"timeout": "1"}, "timeout is '1': give seconds"),
        ({"timeout": float("nan")}, "timeout is nan"),
        (
            {"invariants": {"good": bool}, "until": "bad"},
            "until is 'bad', which is no invariant: there are 'good'",
        ),
        (
            {"invariants": {"same": bool}, "can_reach": {"same": bool}},
            "two things to check are called 'same'",
        ),
    ],
)
def test_what_cannot_be_asked(options, message):
    with pytest.raises(ValueError, match=message):
        explore(TCommit(1), **options)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (TCommit, {}, "TCommit is a class: give a model made of it"),
        (7, {}, "7 is no model, it has no initial_states"),
        (
            TCommit(1),
            {"invariants": [consistent]},
            "invariants: .* is no mapping from names to predicates",
        ),
        (
            TCommit(1),
            {"invariants": {"consistent": True}},
            "invariants: .* is no mapping",
        ),
        (TCommit(1), {"can_reach": "decided"}, "can_reach: 'decided' is no mapping"),
        (
            TCommit(1),
            {"canonical": sorted([])},
            "canonical is []: give a function of a state".replace("[", r"\["),
        ),
        (TCommit(1), {"constraint": 3}, "constraint is 3"),
    ],
)
def test_what_is_no_question(model, options, message):
    with pytest.raises(TypeError, match=message):
        explore(model, **options)


def test_what_a_model_must_not_give():
    class Careless(Graph):
        def __init__(self, initial, steps):
            super().__init__(initial, set())
            self.steps = steps

        def successors(self, state):
            return self.steps if state == 0 else []

    with pytest.raises(
        TypeError, match=r"successors gave 1: it gives pairs \(action, state\)"
    ) as caught:
        explore(Careless({0}, [1]))
    assert caught.value.__notes__ == ["on the way to: 0  0"]
    with pytest.raises(
        TypeError, match=r"the state \[1\]: .*; make states of tuples and frozensets"
    ):
        explore(Careless({0}, [("a list", [1])]))
    with pytest.raises(TypeError, match="unhashable") as begun:
        explore(Careless([{0}], []))
    assert begun.value.__notes__ == ["in an initial state"]


def test_a_model_that_does_not_do_the_same_again():
    class Moody(Graph):
        asked = 0

        def successors(self, state):
            self.asked += 1
            yield "go", state + self.asked

    with pytest.raises(
        ValueError,
        match=(
            r"asked twice, successors\(0\) gave two answers: what a model does must"
            r" depend on the state"
        ),
    ):
        explore(Moody({0}, set()), {"small": lambda state: state < 4})


def test_a_model_without_a_beginning():
    with pytest.raises(ValueError, match="Graph has no initial state"):
        explore(Graph(set(), set()))


def test_what_a_model_or_a_predicate_raises_says_where():
    class Broken(Graph):
        def successors(self, state):
            if state == 2:
                raise KeyError("lost")
            yield from super().successors(state)

    with pytest.raises(KeyError) as caught:
        explore(Broken({0}, {(0, 1), (1, 2)}))
    assert "on the way to: 0  0\n1  to 1: 1\n2  to 2: 2" in caught.value.__notes__[0]
    with pytest.raises(ZeroDivisionError) as divided:
        explore(Graph({1}, {(1, 0)}), {"inverse": lambda state: 1 / state})
    assert divided.value.__notes__[0].startswith("'inverse', on the way to:")


@pytest.mark.parametrize("managers", [0, -1, 2.0, "3", True])
def test_specifications_need_managers(managers):
    for specification in PUBLISHED:
        with pytest.raises(ValueError, match="managers is"):
            specification(managers)


@settings(max_examples=100, deadline=None)
@given(SOME.filter(bool), EDGES, SOME, SOME)
def test_an_exploration_may_end_at_a_violation(initial, edges, wrong, bad):
    asked = {
        "right": lambda state: state not in wrong,
        "good": lambda state: state not in bad,
    }
    whole = explore(Graph(initial, edges), asked)
    cut = explore(Graph(initial, edges), asked, until="right")
    if "right" not in whole.violations:
        assert cut == whole
        return
    way = cut.violations["right"]
    assert way.states == whole.violations["right"].states
    assert not cut.complete
    assert "until right failed" in cut.bound
    far = distances(initial, edges, frozenset(range(SIZE)))
    nearer = [state for state in far if far[state] <= len(way)]
    assert cut.states <= whole.states
    assert cut.states <= sum(length <= len(way) + 1 for length in far.values())
    assert not wrong.intersection(nearer)
