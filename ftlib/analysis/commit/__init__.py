"""What atomic commit costs, and how long it keeps nodes waiting: counted and timed in
traces.
"""

from ftlib.analysis.commit.cost import (
    commit_costs,
    count_forces,
    count_messages,
    message_delays,
)
from ftlib.analysis.commit.paxos_cost import paxos_commit_costs
from ftlib.analysis.commit.spans import (
    Span,
    blocked_times,
    in_doubt_times,
    lock_times,
)
from ftlib.analysis.costs import CostRow

__all__ = [
    "CostRow",
    "Span",
    "blocked_times",
    "commit_costs",
    "count_forces",
    "count_messages",
    "in_doubt_times",
    "lock_times",
    "message_delays",
    "paxos_commit_costs",
]
