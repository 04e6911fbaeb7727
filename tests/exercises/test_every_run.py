"""The judges of exploration: what they accept, and what they refuse, and why."""

from itertools import count

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_asking, judge_never, judge_smallest_budget
from ftlib.transactions.specification import TCommit, TwoPhase, TwoPhaseState

# 1 ------------------------------------------------------------------------------------


def not_yet(state):
    return any(each != "committed" for each in state.managers)


CLAIMS = [
    not_yet,
    lambda state: state.managers.count("committed") < 3,
    {"never": lambda state: set(state.managers) != {"committed"}},
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_is_refuted(claim):
    answer = judge_never(claim, 10)
    assert answer, answer
    assert answer.picture.steps == 10
    assert judge_never(claim, None).verdict == "not attempted"


def test_no_claim_yet():
    assert judge_never(None, None).verdict == "not attempted"


def spins(state):
    while state:
        pass


@pytest.mark.parametrize(
    ("claim", "steps", "words"),
    [
        (lambda state: True, 10, ["nothing refutes it"]),
        (lambda state: True, None, ["nothing refutes it"]),
        (lambda state: False, 0, ["not all committed"]),
        (lambda state: "committed" not in state.managers, 8, ["not all committed"]),
        (lambda state: state.decision != "committed", 7, ["not all committed"]),
        (lambda state: state.managers[2] != "committed", 8, ["not all committed"]),
        (lambda state: state.managers, 10, ["True or False"]),
        (lambda state: state.committed, 10, ["AttributeError"]),
        (lambda: True, 10, ["TypeError"]),
        (spins, 10, ["does not end"]),
        (10, 10, ["hand in a function"]),
        (not_yet, 11, ["between them"]),
        (not_yet, 9, ["another length"]),
        (not_yet, "ten", ["another length"]),
        (not_yet, True, ["another length"]),
    ],
)
def test_a_claim_is_refused(claim, steps, words):
    refused(judge_never(claim, steps), *words)


# 2 ------------------------------------------------------------------------------------

STEPS = 11


@pytest.mark.parametrize(
    "budget", [{"crashes": 1, "recoveries": 1}, {"recoveries": 1, "crashes": 1}]
)
def test_the_smallest_budget(budget):
    answer = judge_smallest_budget(budget, STEPS)
    assert answer, answer
    assert answer.picture.steps > 5
    assert judge_smallest_budget(budget, None).verdict == "not attempted"


@pytest.mark.parametrize("budget", [None, {}, {"crashes": 0, "recoveries": 0}])
def test_no_budget_yet(budget):
    assert judge_smallest_budget(budget, None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("budget", "steps", "words"),
    [
        ({"crashes": 0, "recoveries": 0}, STEPS, ["does not show"]),
        ({"crashes": 1, "recoveries": 0}, STEPS, ["does not show"]),
        ({"crashes": 1}, None, ["does not show"]),
        ({"crashes": 0, "recoveries": 1}, STEPS, ["does not show"]),
        ({"crashes": 2, "recoveries": 0}, STEPS, ["does not show"]),
        ({"crashes": 2, "recoveries": 1}, STEPS, ["a smaller budget"]),
        ({"crashes": 1, "recoveries": 2}, STEPS, ["a smaller budget"]),
        ({"crashes": 99, "recoveries": 99}, STEPS, ["a smaller budget"]),
        ({"crashes": 9, "recoveries": 0}, STEPS, ["does not show"]),
        ({"crashes": -1, "recoveries": 1}, STEPS, ["whole numbers"]),
        ({"crashes": True, "recoveries": 1}, STEPS, ["whole numbers"]),
        ({"crashes": 1, "losses": 1}, STEPS, ["the crashes and the recoveries"]),
        (7, STEPS, ["the crashes and the recoveries"]),
        ({"crashes": 1, "recoveries": 1}, STEPS - 1, ["count the steps"]),
        ({"crashes": 1, "recoveries": 1}, "many", ["count the steps"]),
    ],
)
def test_a_budget_is_refused(budget, steps, words):
    refused(judge_smallest_budget(budget, steps), *words)


# 3 ------------------------------------------------------------------------------------


class Asking(TwoPhase):
    def successors(self, state):
        yield from super().successors(state)
        for manager, own in enumerate(state.managers):
            for other in {"committed", "aborted"} & set(state.managers):
                if own == "prepared":
                    after = list(state.managers)
                    after[manager] = other
                    yield f"learn {manager}", state._replace(managers=tuple(after))


class Pairwise(TwoPhase):
    """Every pair is a step of its own, in a list."""

    def successors(self, state):
        steps = list(super().successors(state))
        for asker in range(self.managers):
            for other in range(self.managers):
                outcome = state.managers[other]
                asks = state.managers[asker] == "prepared"
                if asks and outcome in ("committed", "aborted"):
                    after = tuple(
                        outcome if k == asker else each
                        for k, each in enumerate(state.managers)
                    )
                    steps.append(
                        (f"{asker} asks {other}", TwoPhaseState(after, *state[1:]))
                    )
        return steps


def test_nothing_is_added_yet():
    class Mine(TwoPhase):
        pass

    assert judge_asking(Mine, None).verdict == "not attempted"
    assert judge_asking(Mine, (60, 4)).verdict == "not attempted"


def adding(steps, *, old=True):
    """A class whose states have these steps too."""

    class Mine(TwoPhase):
        def successors(self, state):
            if old:
                yield from super().successors(state)
            yield from steps(self, state)

    return Mine


def learned(state, manager, word):
    managers = list(state.managers)
    managers[manager] = word
    return state._replace(managers=tuple(managers))


def also_working(self, state):
    for k, own in enumerate(state.managers):
        for word in ("committed", "aborted"):
            if own in ("prepared", "working") and word in state.managers:
                yield f"learn {k}", learned(state, k, word)


@pytest.mark.parametrize("asking", [Asking, Pairwise, adding(also_working)])
def test_managers_ask(asking):
    answer = judge_asking(asking, (60, 4))
    assert answer, answer
    assert judge_asking(asking, None).verdict == "not attempted"


def impatient(self, state):
    yield from also_working(self, state)
    for k, own in enumerate(state.managers):
        if own == "working" and state.managers.count("prepared") == self.managers - 1:
            yield f"join {k}", learned(state, k, "committed")


def only_commits(self, state):
    for k, own in enumerate(state.managers):
        if own == "prepared" and "committed" in state.managers:
            yield f"learn {k}", learned(state, k, "committed")


def from_the_coordinator(self, state):
    for k, own in enumerate(state.managers):
        if own == "prepared" and state.decision != "init":
            yield f"learn {k}", learned(state, k, state.decision)


def all_at_once(self, state):
    for word in ("committed", "aborted"):
        if word in state.managers and "prepared" in state.managers:
            yield (
                "learn",
                state._replace(
                    managers=tuple(
                        word if each == "prepared" else each for each in state.managers
                    )
                ),
            )


def gives_up(self, state):
    yield from Asking.successors(Asking(self.managers), state)
    for k, own in enumerate(state.managers):
        if own == "prepared":
            yield f"give up {k}", learned(state, k, "aborted")


def helps_the_coordinator(self, state):
    yield from Asking.successors(Asking(self.managers), state)
    if "aborted" in state.managers:
        yield "tell", state._replace(decision="aborted")


def misnamed(self, state):
    for action, after in Asking.successors(Asking(self.managers), state):
        yield action.replace("learn", "decide"), after


def endless(self, state):
    for k in count():
        yield f"wait {k}", state


def nonsense(self, state):
    yield "away", "somewhere"


@pytest.mark.parametrize(
    ("asking", "counts", "words"),
    [
        (adding(impatient), (60, 4), ["only who is prepared asks"]),
        (adding(only_commits), (60, 4), ["has aborted", "do the same"]),
        (adding(from_the_coordinator), (60, 4), ["do the same"]),
        (adding(all_at_once), (60, 4), []),
        (adding(gives_up), (60, 4), ["nobody is"]),
        (adding(helps_the_coordinator), (60, 4), ["more than the managers"]),
        (adding(misnamed), (60, 4), ["rename it"]),
        (adding(endless), (60, 4), ["does not end"]),
        (adding(nonsense), (60, 4), ["pairs of a name"]),
        (adding(lambda self, state: [], old=False), (60, 4), ["is not possible any"]),
        (adding(lambda self, state: [7]), (60, 4), ["pairs of a name"]),
        (adding(lambda self, state: state.no), (60, 4), ["AttributeError"]),
        (TCommit, (60, 4), ["subclass of TwoPhase"]),
        (None, None, ["subclass of TwoPhase"]),
        (Asking, (56, 4), ["how many states"]),
        (Asking, (60, 12), ["stuck"]),
        (Asking, 60, ["two numbers"]),
    ],
)
def test_asking_is_refused(asking, counts, words):
    refused(judge_asking(asking, counts), *words)
