"""The figures of chapter 7.5, the museum: a public incident as a run that goes wrong,
and the same faults once the mistake is mended. `ftlib.figures.exhibits` has the data.
"""

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import Annotated, Any

from ftlib.drawing import Picture, spacetime
from ftlib.figures.controls import NO_FAULTS, Choice, Faults, Toggle
from ftlib.figures.exhibits import EXHIBITS, Exhibit
from ftlib.simulation import Cluster, Finding, Misfit, Schedule, Trace, judge

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


def _drawn(exhibit: str, mended: bool, by_hand: bool, faults: Schedule) -> Picture:
    shown = EXHIBITS[exhibit]
    given = NO_FAULTS if by_hand else shown.schedule
    strange: list[Any] = []  # put on another exhibit, of other nodes or messages
    while True:
        try:
            cluster = Cluster(
                shown.cast(shown.mended if mended else shown.broken),
                faults=[*given, *(each for each in faults if each not in strange)],
                seed=shown.seed,
            )
            trace = cluster.run(until=shown.until)
            break
        except Misfit as misfit:
            strange.append(misfit.fault)
    (found,) = judge(trace, [shown.promise])
    times = [event.time for event in trace]
    seen = trace[bisect_left(times, shown.since) : bisect_right(times, shown.until)]
    timers = {event.other for event in seen if event.kind == "timer"}
    hidden = [
        each
        for each in shown.hide
        if each in ("write", "force") or each in timers or isinstance(each, type)
    ]
    late = replace(HANDS, at=lambda event: by_hand and event.time >= shown.since)
    return spacetime(
        seen,
        nodes=shown.lanes or None,
        hide=hidden,
        look=shown.look,
        findings=[found],
        title=_title(shown, bool(found), not (by_hand or faults)),
        description=f"{shown.label}. {shown.lacks}",
        row=17,
        hands=late.on(cluster, given, Schedule(strange)),
    )


def _title(shown: Exhibit, holds: bool, as_it_was: bool) -> str:
    """What is seen; of what the reader has made of it, no more than its verdict."""
    if as_it_was:
        return shown.green if holds else shown.red
    promise = shown.promise.name
    return f"Nothing is broken: {promise}." if holds else f"Broken: {promise}."


def _of(hall: str) -> Choice:
    found: dict[str | float | None, str] = {
        key: each.label for key, each in EXHIBITS.items() if each.hall == hall
    }
    return Choice(found, "Exhibit")


MENDED = Toggle("Mended")
BY_HAND = Toggle("Break it yourself")
HANDS = Faults(("lose", "crash", "recover", "wipe", "slow", "cut"), maximum=4)


def incident_failover(
    exhibit: Annotated[str, _of("failover")] = "github-2012",
    mended: Annotated[bool, MENDED] = False,
    by_hand: Annotated[bool, BY_HAND] = False,
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw an incident in which the wrong one took over, or one too many.

    Parameters
    ----------
    exhibit : str
        Which, a key of `EXHIBITS`.
    mended : bool
        Whether it is mended.
    by_hand : bool
        Whether nothing goes wrong but what the reader puts on the picture, instead of
        what went wrong in the incident.
    faults : Schedule
        What the reader has put.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_5_incidents``.
    """
    return _drawn(exhibit, mended, by_hand, faults)


def incident_agreement(
    exhibit: Annotated[str, _of("agreement")] = "elasticsearch-2488",
    mended: Annotated[bool, MENDED] = False,
    by_hand: Annotated[bool, BY_HAND] = False,
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw an incident in which servers that vote did not agree, or could not.

    Parameters
    ----------
    exhibit, mended, by_hand, faults
        As for `incident_failover`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_5_incidents``.
    """
    return _drawn(exhibit, mended, by_hand, faults)


def incident_outcome(
    exhibit: Annotated[str, _of("outcome")] = "pgdog-1175",
    mended: Annotated[bool, MENDED] = False,
    by_hand: Annotated[bool, BY_HAND] = False,
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw an incident in which something was done twice, half, or in the wrong place.

    Parameters
    ----------
    exhibit, mended, by_hand, faults
        As for `incident_failover`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_5_incidents``.
    """
    return _drawn(exhibit, mended, by_hand, faults)
