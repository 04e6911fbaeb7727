"""Verdicts: every run of a model explored, every history judged, every counterexample made small."""

from ftlib.checking.cluster_model import ClusterModel
from ftlib.checking.counterexample import Counterexample
from ftlib.checking.exploration import Exploration, Model, Unreachable, explore

__all__ = ["ClusterModel", "Counterexample", "Exploration", "Model", "Unreachable", "explore"]
