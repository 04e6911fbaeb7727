"""Thousands of random schedules, for `make soak` and `make test-all`, less than five
minutes of them: other tests run a few hundred.
"""

import pytest
from test_primary_replica import PROMISING, searched

from ftlib.checking import KeyValue, linearizable
from ftlib.checking.search import find
from ftlib.consensus import raft_servers
from ftlib.consensus.raft_properties import PROPERTIES

pytestmark = pytest.mark.soak
BATCHES = 10


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_acknowledged_write_is_lost_in_ten_thousand_schedules(batch):
    """Each mode that promises it has its part of a batch of 1,000."""
    for number, mode in enumerate(PROMISING):
        seeds = range(1_000 * batch + number, 1_000 * (batch + 1), len(PROMISING))
        assert searched(mode, seeds, until=1) is None


@pytest.mark.parametrize("batch", range(BATCHES))
def test_raft_keeps_its_properties_in_three_thousand_schedules(batch):
    """And the store on it is linearizable."""
    work = [[("append", "x", "a"), ("get", "x")], [("append", "x", "b"), ("get", "x")]]
    found = find(
        raft_servers(work),
        (*PROPERTIES, linearizable(KeyValue)),
        until=2,
        most=4,
        seeds=range(300 * batch, 300 * (batch + 1)),
        survivors=True,
    )
    assert found is None
