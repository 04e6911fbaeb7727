"""Figures: pure functions from plain keyword parameters to a `Picture`, one module a
chapter.

A module lists in ``__all__`` its figures and what else its chapter needs. Each
parameter has a default and, if the reader may move it, its control as an annotation,
``Annotated[int, Range(range(1, 6), "Nodes")]``; `ftlib.live.Live` shows it. Twenty
milliseconds at the defaults.
"""

import importlib
import pkgutil
from collections.abc import Callable

from ftlib.drawing import Picture

__all__ = [
    "availability",
    "background",
    "by_hand",
    "connectivity",
    "consistent_hashing",
    "core_concepts",
    "detectors",
    "distributed_transactions",
    "downtime",
    "every_figure",
    "every_run",
    "exhibits",
    "happens_before",
    "hash_ring",
    "incidents",
    "landing",
    "large_scale",
    "last_write",
    "linearizability",
    "machine",
    "mechanisms",
    "n_plus_one",
    "overload",
    "primary_replica",
    "primary_standby",
    "raft_elections",
    "raft_forces",
    "raft_log",
    "raft_older_term",
    "real_cache_ring",
    "real_consensus",
    "real_replication",
    "real_two_phase_commit",
    "replicated_ring",
    "replication",
    "replication_modes",
    "replication_write",
    "ring_walk",
    "sagas",
    "two_phase_commit",
    "unreliable_networks",
    "voting",
    "why_majorities",
]


def every_figure() -> dict[str, Callable[..., Picture]]:
    """All figures by their full names: the functions in the ``__all__`` of every module
    of this package that return a `Picture`.

    Examples
    --------
    >>> "ftlib.figures.availability.k_of_n" in every_figure()
    True
    """
    modules = [
        importlib.import_module(f"{__name__}.{info.name}")
        for info in pkgutil.iter_modules(__path__)
    ]
    return {
        f"{module.__name__}.{name}": getattr(module, name)
        for module in modules
        for name in module.__all__
        if getattr(getattr(module, name), "__annotations__", {}).get("return")
        is Picture
    }
