"""Raft as processes: what was acknowledged survives kill -9 and the loss of power."""

import pytest

from benchmarks.real_rounds import FORGETFUL, forgets, judged

pytestmark = pytest.mark.slow
ROUNDS = 3  # python benchmarks/bench_real.py 50 does more


@pytest.mark.parametrize("how", ["kill", "cut_power"])
def test_no_acknowledged_write_is_lost(how):
    for seed in range(ROUNDS):
        verdict = judged(how, seed)
        assert verdict, verdict.reason


def test_without_forced_entries_a_power_failure_loses_one():
    assert any(forgets("cut_power", seed) for seed in range(12))


def test_killing_alone_does_not_show_it():
    """Which is why the power is cut, and not only processes killed."""
    assert judged("kill", 0, FORGETFUL)
