"""Raft as processes: what was acknowledged survives kill -9 and the loss of power."""

import pytest

from benchmarks.real_rounds import FORGETFUL, judged, outage

pytestmark = pytest.mark.slow
ROUNDS = 3  # make bench does 50, and 50 of a server that forces no entry


@pytest.mark.parametrize("how", ["kill", "cut_power"])
def test_no_acknowledged_write_is_lost(how):
    for seed in range(ROUNDS):
        verdict = judged(how, seed)
        assert verdict, verdict.reason


def test_without_forced_entries_a_power_failure_loses_what_was_acknowledged():
    """In every round, if no election falls between the writes and the failure."""
    verdicts = [outage("cut_power", FORGETFUL) for _ in range(3)]
    assert not all(verdicts), verdicts
    lost = next(verdict for verdict in verdicts if not verdict)
    assert "get" in lost.reason


def test_with_them_it_does_not():
    assert outage("cut_power")


def test_killing_alone_does_not_show_it():
    """Which is why the power is cut, and not only processes killed."""
    assert outage("kill", FORGETFUL)
