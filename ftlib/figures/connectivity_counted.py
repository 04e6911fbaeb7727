"""How the first 200 seeds of `ftlib.figures.connectivity.known_cases` end, for each
case and protocol: the leader stays, changes, cannot be.

`tally` counts them in a minute; who moves a control should not wait for that. A test
counts them anew.
"""

from typing import Final

__all__ = ["COUNTED"]

COUNTED: Final[dict[tuple[str, str], tuple[int, int, int]]] = {
    ("whole", "plain"): (200, 0, 0),
    ("whole", "pre-vote"): (200, 0, 0),
    ("whole", "check-quorum"): (200, 0, 0),
    ("away", "plain"): (200, 0, 0),
    ("away", "pre-vote"): (200, 0, 0),
    ("away", "check-quorum"): (200, 0, 0),
    ("outage", "plain"): (0, 200, 0),
    ("outage", "pre-vote"): (200, 0, 0),
    ("outage", "check-quorum"): (200, 0, 0),
    ("ring", "plain"): (0, 200, 0),
    ("ring", "pre-vote"): (200, 0, 0),
    ("ring", "check-quorum"): (200, 0, 0),
    ("chained", "plain"): (0, 200, 0),
    ("chained", "pre-vote"): (200, 0, 0),
    ("chained", "check-quorum"): (200, 0, 0),
    ("quorum loss", "plain"): (193, 6, 1),
    ("quorum loss", "pre-vote"): (0, 0, 200),
    ("quorum loss", "check-quorum"): (200, 0, 0),
    ("constrained", "plain"): (0, 0, 200),
    ("constrained", "pre-vote"): (0, 0, 200),
    ("constrained", "check-quorum"): (0, 0, 200),
    ("halves", "plain"): (0, 0, 200),
    ("halves", "pre-vote"): (0, 0, 200),
    ("halves", "check-quorum"): (0, 0, 200),
}
"""By case and protocol."""
