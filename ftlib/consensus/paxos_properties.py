"""What Paxos promises, as Lamport (2001, section 2.1) asks of any consensus.

- *validity*: only a value that has been proposed may be chosen.
- *agreement*: only a single value is chosen.
- *integrity*: a process never learns that a value has been chosen unless it has been.

All are safety, and kept by processes that do nothing; their companion is *termination*:
somebody learns a value soon after the last fault. A value is chosen when so many
acceptors have accepted the same proposal, which is judged by what they record, and by
nothing that a proposer or a learner believes.
"""

from collections.abc import Mapping
from typing import Any

from ftlib.consensus.paxos import Accepted, Chosen, Proposed
from ftlib.simulation import Broken, Event, Property, Trace, freeze, monitor, thaw
from ftlib.simulation.promises import responsive, somebody_down
from ftlib.simulation.values import show

__all__ = ["PROPERTIES", "chosen_by", "termination", "validity"]

Known = frozenset[tuple[str, int, Any]]  # who has accepted which number, and value


def _validity(proposed: frozenset[Any], event: Event) -> Any:
    """Remembers what was proposed."""
    match event.what:
        case Proposed(value):
            return proposed | {freeze(value)}
        case Accepted(proposal) if freeze(proposal.value) not in proposed:
            return Broken(
                f"{event.node} accepts {show(proposal.value)}, which nobody has"
                " proposed"
            )
    return proposed


def _chosen(known: Known, enough: int) -> list[Any]:
    """Return the values that are chosen, each once."""
    proposals = sorted({each[1:] for each in known}, key=repr)
    return list(
        dict.fromkeys(
            value
            for n, value in proposals
            if sum(each[1:] == (n, value) for each in known) >= enough
        )
    )


def chosen_by(acceptors: int) -> tuple[Property, ...]:
    """Make agreement and integrity, where so many acceptors make a choice."""

    def agreement(known: Known, event: Event) -> Any:
        """Remembers what was accepted by whom."""
        match event.what:
            case Accepted(proposal):
                accepted = event.node, proposal.n, freeze(proposal.value)
                if accepted not in known:
                    known |= {accepted}
                    chosen = _chosen(known, acceptors)
                    if len(chosen) > 1:
                        both = " and ".join(show(thaw(each)) for each in chosen)
                        return Broken(f"{both} are chosen")
        return known

    def integrity(known: Known, event: Event) -> Any:
        """Remembers what was accepted by whom."""
        match event.what:
            case Accepted(proposal):
                return known | {(event.node, proposal.n, freeze(proposal.value))}
            case Chosen(value) if freeze(value) not in _chosen(known, acceptors):
                return Broken(
                    f"{event.node} has learned {show(value)}, which is not chosen"
                )
        return known

    nothing: Known = frozenset()
    return (
        monitor("agreement", nothing, agreement),
        monitor("integrity", nothing, integrity),
    )


validity = monitor("validity", frozenset(), _validity)
"""Only a value that has been proposed may be chosen."""

PROPERTIES = (validity, *chosen_by(2))
"""All of them, where two acceptors make a choice, such as a majority of three."""


def _owed(trace: Trace) -> Mapping[str, float]:
    """Owe a value from the start, until somebody has learned one."""
    return {} if trace.facts(Chosen) else {"nobody has learned a value": 0.0}


def termination(within: float, until: float) -> Property:
    """Make the property that somebody learns a value within so many seconds of the last
    fault, if nobody is down.

    Parameters
    ----------
    within : float
        The bound, in seconds.
    until : float
        How long the run was let run, in seconds.
    """
    return responsive("termination", _owed, within, until, somebody_down)
