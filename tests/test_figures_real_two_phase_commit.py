"""What chapter 7.4.3 says of its figures holds for each of their settings."""

import pytest

from ftlib.checking import explore
from ftlib.figures.real_two_phase_commit import (
    DONE,
    FENCES,
    HANDS,
    KILLED,
    PAUSES,
    REFUSED,
    State,
    TwoCoordinators,
    agree,
    balances,
    by_hand,
    decided,
    in_doubt,
    kept,
    killed,
    outcome,
    played,
    twin,
    woken,
)
from ftlib.live import Live
from ftlib.simulation import judge
from ftlib.transactions import ABORT, COMMIT, PROPERTIES

INVARIANTS = {"agreement": agree, "the log keeps its word": kept}
POINTS = list(KILLED)


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def explored(fence, earlier=True):
    return explore(
        TwoCoordinators(fence, earlier),
        INVARIANTS,
        {
            "nobody in doubt": lambda state: (
                "prepared" not in state.participants and state.old >= DONE
            )
        },
    )


# Killed -------------------------------------------------------------------------------


def test_who_waits_and_how_it_ends_depends_on_the_force_alone():
    waiting = [in_doubt(twin(point, back=0)) for point in POINTS]
    assert waiting == [[], ["p1"], ["p1", "p2"], ["p1", "p2"], ["p2"], []]
    assert [outcome(twin(point)) for point in POINTS] == [ABORT] * 3 + [COMMIT] * 3
    for number, point in enumerate(POINTS):
        moved = {"p1": 70, "p2": 130} if number > 2 else {"p1": 100, "p2": 100}
        assert balances(twin(point)) == moved
        assert not in_doubt(twin(point))
        assert all(judge(twin(point), PROPERTIES))


def test_the_title_says_who_is_in_doubt():
    for given in settings(killed):
        trace, title = twin(**given), killed(**given).title
        for name in ("p1", "p2"):
            assert (name in title) == (name in in_doubt(trace)), given
        if given["back"]:
            assert title.endswith(f"Outcome: {outcome(trace)}."), given


# Paused, and woken --------------------------------------------------------------------


def test_only_the_lock_keeps_every_run_right():
    for fence in FENCES:
        found = explored(fence)
        assert found.complete, fence
        assert bool(found) == (fence == "lock"), fence
        assert not found.unreachable, fence
        if fence != "lock":
            assert set(found.violations) == set(INVARIANTS), fence


def test_a_recovery_that_was_overtaken_may_touch_only_what_is_earlier():
    found = explored("lock", earlier=False)
    assert found.complete
    assert set(found.violations) == set(INVARIANTS)


def test_the_picture_ends_as_its_verdict_says():
    bad = {}
    for given in settings(woken):
        state, picture = played(**given)[-1][2], woken(**given)
        assert "prepared" not in state.participants, given
        assert state.old in (DONE, REFUSED), given
        good = agree(state) and kept(state)
        assert good == picture.title.startswith("All agree"), given
        assert picture.title.startswith("Half") == (not agree(state)), given
        assert len(picture.story) == len(played(**given))
        if not good:
            bad.setdefault(given["fence"], []).append(given["paused"])
    assert bad == {"none": [1, 2, 3], "looks": [3], "late": [3]}


def test_each_row_is_a_step_of_the_model():
    for given in settings(woken):
        model = TwoCoordinators(given["fence"])
        state = State()
        for _, words, after in played(**given):
            if words == "waits for the lock":
                assert state.locked
                assert after == state
                continue
            reachable = {state}
            for _ in range(3):  # steps that change nothing have no row
                reachable |= {
                    new for old in reachable for _, new in model.successors(old)
                }
            assert after in reachable, (given, words)
            state = after


def test_the_old_one_is_refused_exactly_if_it_had_not_looked_in_time():
    for paused in PAUSES:
        end = played("lock", paused)[-1][2]
        assert (end.old == REFUSED) == (paused < 3)


# Decided by hand ----------------------------------------------------------------------


def test_what_harms_is_the_decision_that_the_log_has_not():
    for given in settings(by_hand):
        trace, title = decided(**given), by_hand(**given).title
        wanted = outcome(twin(given["point"]))
        hands = [
            given[name]
            for name in in_doubt(twin(given["point"], back=0))
            if given[name] != "waits"
        ]
        wrong = any(end != wanted for end in hands)
        assert title.startswith("The same everywhere") == (not wrong), given
        # where both have committed and no log says so, they agree all the same
        harmed = wrong and not title.startswith("Heuristic commit")
        assert harmed == (not all(judge(trace, PROPERTIES))), given


@pytest.mark.parametrize("point", POINTS)
def test_whoever_waits_harms_nobody(point):
    assert by_hand(point, "waits", "waits").title == (
        f"The same everywhere: {outcome(twin(point))}."
    )
    assert set(HANDS) == {"waits", COMMIT, ABORT}
