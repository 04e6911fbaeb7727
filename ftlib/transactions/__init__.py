"""Atomic commit: all nodes of a transaction take effect, or none does.

The room holds the problem and what a solution must promise, the bank that all examples
run in, and two-phase commit, whose nodes are `Coordinator` and `Participant`. Its parts
are the other protocols (`three_phase`, `paxos_commit`, `saga`), what a bank and a saga
promise beyond, and the mutants of each: one mistake a class.
"""

from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    PROPERTIES,
    Applied,
    Began,
    Decided,
    Transaction,
    Voted,
    Waits,
    nonblocking,
    termination,
    transfer,
)
from ftlib.transactions.bank import bank, rivals
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.messages import Ack, Decision, Inquiry, Prepare, Vote
from ftlib.transactions.reader import Reader, whole_reads
from ftlib.transactions.specification import TCommit, TwoPhase, changed, consistent
from ftlib.transactions.two_phase import Coordinator, Participant

__all__ = [
    "ABORT",
    "COMMIT",
    "PROPERTIES",
    "Ack",
    "Applied",
    "Began",
    "CooperativeParticipant",
    "Coordinator",
    "Decided",
    "Decision",
    "Inquiry",
    "Participant",
    "Prepare",
    "Reader",
    "TCommit",
    "Transaction",
    "TwoPhase",
    "Vote",
    "Voted",
    "Waits",
    "bank",
    "bank_mutants",
    "bank_properties",
    "changed",
    "consistent",
    "mutants",
    "nonblocking",
    "paxos_commit",
    "paxos_commit_messages",
    "paxos_commit_mutants",
    "paxos_commit_nodes",
    "paxos_commit_properties",
    "rivals",
    "saga",
    "saga_mutants",
    "saga_properties",
    "termination",
    "three_phase",
    "three_phase_mutants",
    "transfer",
    "whole_reads",
]
