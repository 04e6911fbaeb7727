"""What Paxos Commit promises: atomic commit, and that it does not block.

The promises of `ftlib.transactions.atomic_commit` are taken over as they stand; only
balances are left out, because no money is moved here. To them comes *non-blocking*:
every resource manager that is up decides soon after the last fault, if a majority of
the acceptors and a leader are up. Two-phase commit does not promise that, and where a
network may delay messages for ever no protocol can promise it without such faults'
end.
"""

from collections.abc import Mapping
from dataclasses import replace

from ftlib.simulation import Property, Trace, Unknown
from ftlib.simulation.promises import down
from ftlib.transactions import atomic_commit
from ftlib.transactions.atomic_commit import (
    agreement,
    nontriviality,
    stability,
    validity,
)

__all__ = ["PROPERTIES", "nonblocking"]

PROPERTIES = (agreement, validity, nontriviality, stability)
"""What holds whatever fails."""


def nonblocking(within: float, until: float, leaders: int = 2, f: int = 1) -> Property:
    """Make the property that whoever is up decides, while F acceptors at most and not
    all leaders are down.

    Parameters
    ----------
    within, until : float
        As for `ftlib.transactions.atomic_commit.nonblocking`.
    leaders, f : int
        As for `ftlib.transactions.paxos_commit_nodes.paxos_commit_nodes`.
    """
    base = atomic_commit.nonblocking(within, until)

    def rule(trace: Trace) -> str | Unknown | None:
        found = base.rule(trace)
        kinds: Mapping[str, int] = {"a": f, "l": leaders - 1}
        for letter, most in kinds.items():
            names = [name for name in down(trace) if name.startswith(letter)]
            if found and len(names) > most:
                return Unknown(f"{', '.join(names)} are down at the end: too many")
        return found

    return replace(base, rule=rule)
