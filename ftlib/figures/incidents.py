"""The figures of chapter 7.5, the museum: a public incident as a run that goes wrong,
and the same faults once the mistake is mended. `ftlib.figures.exhibits` has the data.
"""

from bisect import bisect_left, bisect_right
from functools import cache
from typing import Annotated

from ftlib.drawing import Picture, spacetime
from ftlib.figures.controls import Choice, Toggle
from ftlib.figures.exhibits import EXHIBITS
from ftlib.simulation import Cluster, Finding, Schedule, Trace, judge

__all__ = [
    "incident_agreement",
    "incident_failover",
    "incident_outcome",
    "replayed",
    "verdict",
]


def replayed(
    exhibit: str = "github-2012",
    mended: bool = False,
    faults: Schedule | None = None,
) -> Trace:
    """Run an exhibit.

    Parameters
    ----------
    exhibit : str
        A key of `EXHIBITS`.
    mended : bool
        Whether the node that makes the mistake is replaced by the library's own.
    faults : Schedule, optional
        What goes wrong; by default what is in the exhibit.

    Examples
    --------
    >>> replayed("santander-2021").nodes
    ('agency', 'flight', 'hotel')
    """
    shown = EXHIBITS[exhibit]
    return Cluster(
        shown.cast(shown.mended if mended else shown.broken),
        faults=shown.schedule if faults is None else faults,
        seed=shown.seed,
    ).run(until=shown.until)


def verdict(
    exhibit: str = "github-2012",
    mended: bool = False,
    faults: Schedule | None = None,
) -> Finding:
    """Judge such a run by the promise that the exhibit names.

    Parameters
    ----------
    exhibit, mended, faults
        As for `replayed`.

    Examples
    --------
    >>> verdict("santander-2021").verdict, verdict("santander-2021", True).verdict
    ('violated', 'holds')
    """
    (found,) = judge(replayed(exhibit, mended, faults), [EXHIBITS[exhibit].promise])
    return found


@cache
def _run(exhibit: str, mended: bool) -> tuple[Trace, Finding]:
    trace = replayed(exhibit, mended)
    (found,) = judge(trace, [EXHIBITS[exhibit].promise])
    return trace, found


def _drawn(exhibit: str, mended: bool) -> Picture:
    shown = EXHIBITS[exhibit]
    trace, found = _run(exhibit, mended)
    times = [event.time for event in trace]
    seen = trace[bisect_left(times, shown.since) : bisect_right(times, shown.until)]
    return spacetime(
        seen,
        nodes=shown.lanes or None,
        hide=shown.hide,
        look=shown.look,
        findings=[found],
        title=shown.green if found else shown.red,
        description=f"{shown.label}. {shown.lacks}",
        row=17,
    )


def _of(hall: str) -> Choice:
    found: dict[str | float | None, str] = {
        key: each.label for key, each in EXHIBITS.items() if each.hall == hall
    }
    return Choice(found, "Exhibit")


MENDED = Toggle("Mended")


def incident_failover(
    exhibit: Annotated[str, _of("failover")] = "github-2012",
    mended: Annotated[bool, MENDED] = False,
) -> Picture:
    """Draw an incident in which the wrong one took over, or one too many.

    Parameters
    ----------
    exhibit : str
        Which, a key of `EXHIBITS`.
    mended : bool
        Whether it is mended.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_5_incidents``.
    """
    return _drawn(exhibit, mended)


def incident_agreement(
    exhibit: Annotated[str, _of("agreement")] = "elasticsearch-2488",
    mended: Annotated[bool, MENDED] = False,
) -> Picture:
    """Draw an incident in which servers that vote did not agree, or could not.

    Parameters
    ----------
    exhibit, mended
        As for `incident_failover`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_5_incidents``.
    """
    return _drawn(exhibit, mended)


def incident_outcome(
    exhibit: Annotated[str, _of("outcome")] = "pgdog-1175",
    mended: Annotated[bool, MENDED] = False,
) -> Picture:
    """Draw an incident in which something was done twice, half, or in the wrong place.

    Parameters
    ----------
    exhibit, mended
        As for `incident_failover`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_5_incidents``.
    """
    return _drawn(exhibit, mended)
