"""Verdicts: every run of a model explored, every history judged, every counterexample
made small.
"""

from ftlib.checking.blocking import Blocking, blocking
from ftlib.checking.cluster_model import ClusterModel
from ftlib.checking.counterexample import Counterexample
from ftlib.checking.exploration import Exploration, Model, explore
from ftlib.checking.fewest import least
from ftlib.checking.history import History
from ftlib.checking.linearizability import Verdict, check_linearizable
from ftlib.checking.linearizable import linearizable
from ftlib.checking.models import CasRegister, KeyValue, Lock, Log, Queue, Register
from ftlib.checking.offers import offers
from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.checking.search import Found, find
from ftlib.checking.shrinking import shrink

__all__ = [
    "UNKNOWN",
    "Blocking",
    "CasRegister",
    "ClusterModel",
    "Counterexample",
    "Exploration",
    "Found",
    "History",
    "KeyValue",
    "Lock",
    "Log",
    "Model",
    "Operation",
    "Queue",
    "Register",
    "Verdict",
    "blocking",
    "check_linearizable",
    "explore",
    "find",
    "least",
    "linearizable",
    "offers",
    "shrink",
]
