"""Judges of exercises: what a learner hands in is not attempted, right, or wrong,
because ..., with the run that shows it.
"""

from ftlib.exercises.adaptive_recovery import (
    judge_complaints,
    judge_expected,
    judge_time_out,
)
from ftlib.exercises.answer import Answer
from ftlib.exercises.background import judge_nodes, judge_persistent
from ftlib.exercises.by_hand import judge_challenge
from ftlib.exercises.consistent_hashing import (
    judge_fewest_points,
    judge_placement,
    judge_stale_cache,
)
from ftlib.exercises.core_concepts import (
    judge_concurrent,
    judge_lamport_clock,
    judge_vector_clock,
)
from ftlib.exercises.crash_everywhere import (
    ForcesLater,
    judge_blocked,
    judge_fewest_faults,
    judge_group_commit,
)
from ftlib.exercises.distributed_transactions import (
    judge_highest_rate,
    judge_messages,
    judge_nobody_tells,
)
from ftlib.exercises.every_run import (
    judge_asking,
    judge_never,
    judge_smallest_budget,
)
from ftlib.exercises.faq import judge_takeover, judge_undo
from ftlib.exercises.forgetting import judge_forgetting
from ftlib.exercises.handing_over import HandOver, StartNow, judge_hands_over
from ftlib.exercises.incidents import (
    judge_exhibit,
    judge_missing_forces,
    judge_whole_network,
)
from ftlib.exercises.keeping import Paid, Pay, judge_account, judge_lost_writes
from ftlib.exercises.large_scale import (
    judge_copysets,
    judge_site,
    judge_traffic,
)
from ftlib.exercises.linearizability import (
    judge_half_done,
    judge_only_pending,
    judge_thrifty,
)
from ftlib.exercises.n_plus_one import judge_group, judge_paused, judge_short_vote
from ftlib.exercises.one_crew import judge_one_crew
from ftlib.exercises.pipelined import judge_window
from ftlib.exercises.primary_replica import (
    HowFar,
    LongestAlone,
    SoFar,
    judge_any_one,
    judge_as_far,
    judge_longest_alone,
)
from ftlib.exercises.primary_standby import (
    judge_leases,
    judge_resource,
    judge_two_primaries,
)
from ftlib.exercises.raft_elections import judge_one_number, judge_votes
from ftlib.exercises.raft_log import judge_goes_back, judge_refusals
from ftlib.exercises.reading_aside import AskIndex, ReadAt, judge_reads_aside
from ftlib.exercises.real_cache_ring import (
    judge_deal,
    judge_one_copy,
    judge_same_slot,
)
from ftlib.exercises.real_consensus import judge_kept, judge_outage, judge_together
from ftlib.exercises.real_replication import (
    judge_bounded,
    judge_fates,
    judge_saves,
)
from ftlib.exercises.real_two_phase_commit import (
    Doubtful,
    Passive,
    WhoIsInDoubt,
    judge_harm,
    judge_recovery,
    judge_sweeps,
)
from ftlib.exercises.replicated_ring import judge_lookup, judge_pages, judge_racks
from ftlib.exercises.replication import (
    judge_any_two,
    judge_exposure,
    judge_too_few,
)
from ftlib.exercises.two_phase_commit import (
    AcknowledgesFirst,
    judge_acknowledged_first,
    judge_in_doubt,
)
from ftlib.exercises.unreliable_networks import (
    judge_attempts,
    judge_hedger,
    judge_line,
)
from ftlib.exercises.uptime import judge_part_up
from ftlib.exercises.why_majorities import (
    Does,
    Order,
    Says,
    judge_drift,
    judge_lieutenants,
    judge_quorums,
)

__all__ = [
    "AcknowledgesFirst",
    "Answer",
    "AskIndex",
    "Does",
    "Doubtful",
    "ForcesLater",
    "HandOver",
    "HowFar",
    "LongestAlone",
    "Order",
    "Paid",
    "Passive",
    "Pay",
    "ReadAt",
    "Says",
    "SoFar",
    "StartNow",
    "WhoIsInDoubt",
    "judge_account",
    "judge_acknowledged_first",
    "judge_any_one",
    "judge_any_two",
    "judge_as_far",
    "judge_asking",
    "judge_attempts",
    "judge_blocked",
    "judge_bounded",
    "judge_challenge",
    "judge_complaints",
    "judge_concurrent",
    "judge_copysets",
    "judge_deal",
    "judge_drift",
    "judge_exhibit",
    "judge_expected",
    "judge_exposure",
    "judge_fates",
    "judge_fewest_faults",
    "judge_fewest_points",
    "judge_forgetting",
    "judge_goes_back",
    "judge_group",
    "judge_group_commit",
    "judge_half_done",
    "judge_hands_over",
    "judge_harm",
    "judge_hedger",
    "judge_highest_rate",
    "judge_in_doubt",
    "judge_kept",
    "judge_lamport_clock",
    "judge_leases",
    "judge_lieutenants",
    "judge_line",
    "judge_longest_alone",
    "judge_lookup",
    "judge_lost_writes",
    "judge_messages",
    "judge_missing_forces",
    "judge_never",
    "judge_nobody_tells",
    "judge_nodes",
    "judge_one_copy",
    "judge_one_crew",
    "judge_one_number",
    "judge_only_pending",
    "judge_outage",
    "judge_pages",
    "judge_part_up",
    "judge_paused",
    "judge_persistent",
    "judge_placement",
    "judge_quorums",
    "judge_racks",
    "judge_reads_aside",
    "judge_recovery",
    "judge_refusals",
    "judge_resource",
    "judge_same_slot",
    "judge_saves",
    "judge_short_vote",
    "judge_site",
    "judge_smallest_budget",
    "judge_stale_cache",
    "judge_sweeps",
    "judge_takeover",
    "judge_thrifty",
    "judge_time_out",
    "judge_together",
    "judge_too_few",
    "judge_traffic",
    "judge_two_primaries",
    "judge_undo",
    "judge_vector_clock",
    "judge_votes",
    "judge_whole_network",
    "judge_window",
]
