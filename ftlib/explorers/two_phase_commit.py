"""The explorers of chapter 4.3.1: two-phase commit and its mutants under crashes and loss, and a crash at every point."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

from ftlib.drawing.looks import COMMIT_LOOK
from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.drawing.shapes import cross, text
from ftlib.drawing.spacetime import spacetime
from ftlib.live.controls import Choice, Range
from ftlib.simulation import Cluster, Crash, Network, Node, Point, Recover, Trace, Uniform, judge
from ftlib.transactions import mutants
from ftlib.transactions.atomic_commit import PROPERTIES, Decided, Voted
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.two_phase import Coordinator

__all__ = ["crash_everywhere", "crashes"]

UNTIL = 4.0  # seconds of virtual time; every time-out and its answer fits in several times
SEEDS = 200
VERSIONS: dict[str, type[Node]] = {
    "library": Coordinator,
    "own vote": mutants.OwnVoteDecides,
    "no log": mutants.KeepsNoLog,
    "tells first": mutants.SendsBeforeForcing,
    "forgets": mutants.ForgetsItsVote,
    "commits": mutants.CommitsInDoubt,
    "aborts": mutants.AbortsInDoubt,
}
NAMES = {
    "library": "the library's two-phase commit",
    "own vote": "the article's: each by its own vote",
    "no log": "a coordinator without a log",
    "tells first": "tells before it writes",
    "forgets": "a participant that forgets its vote",
    "commits": "commits when in doubt",
    "aborts": "aborts when in doubt",
}
MOMENTS: dict[str, Crash | None] = {
    "none": None,
    "p1 asked": Crash("p1", at=Point("p1", "deliver", "Prepare")),
    "p1 voted": Crash("p1", at=Point("p1", "send", "Vote")),
    "voted": Crash(COORDINATOR, at=Point(COORDINATOR, "deliver", "Vote", nth=2)),
    "wrote": Crash(COORDINATOR, at=Point(COORDINATOR, "force", nth=2)),
    "told one": Crash(COORDINATOR, at=Point(COORDINATOR, "send", "Decision")),
}
WORDS = {
    "none": "nobody crashes",
    "p1 asked": "p1, when it is asked",
    "p1 voted": "p1, when it has voted",
    "voted": "the coordinator, when all have voted",
    "wrote": "the coordinator, when its decision is on disk",
    "told one": "the coordinator, when it has told one",
}
OUTCOMES = ("commit everywhere", "abort everywhere", "blocked", "disagreement")


def nodes(version: str, votes: str) -> dict[str, Callable[[], Node]]:
    """Make the bank with one version of the protocol."""
    kind: Any = VERSIONS[version]
    return bank(votes, coordinator=kind) if issubclass(kind, Coordinator) else bank(votes, participant=kind)


def outcome(trace: Trace) -> str:
    """Say in a word of `OUTCOMES` how a run of one transaction has ended for its participants."""
    decided = {event.node: event.what.outcome for event in trace.facts(Decided)}
    down = {event.node for event in trace.where(kind="crash")} - {event.node for event in trace.where(kind="recover")}
    voted = {event.node for event in trace.facts(Voted)}
    if len(set(decided.values())) > 1:
        return "disagreement"
    if voted - down - decided.keys():
        return "blocked"
    return f"{next(iter(decided.values()), 'abort')} everywhere"


def crashes(
    version: Annotated[str, Choice(NAMES, "Version")] = "library",
    crash: Annotated[str, Choice(WORDS, "Who crashes, and when")] = "none",
    back: Annotated[float, Choice({0.0: "never", 0.2: "0.2 s later", 1.0: "1 s later"}, "It comes back")] = 0.2,
    loss: Annotated[float, Choice({0.0: "none", 0.1: "1 in 10", 0.3: "3 in 10"}, "Messages lost")] = 0.0,
    seed: Annotated[int, Range(range(8), "Seed")] = 0,
) -> Picture:
    """Draw one run of a transfer between two participants.

    Parameters
    ----------
    version : str
        The protocol, a key of `VERSIONS`.
    crash : str
        Who crashes and when, a key of `MOMENTS`.
    back : float
        After how many seconds it recovers; 0 for never.
    loss : float
        The chance that a message is lost.
    seed : int
        Latencies are uniform between 5 and 15 ms, drawn from this seed.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_3_1_two_phase_commit``.
    """
    trace = _run(version, crash, back, loss, seed)
    findings = judge(trace, PROPERTIES)
    broken = [finding for finding in findings if finding.verdict == "violated"]
    end = outcome(trace)
    title = {"blocked": "Blocked: somebody who voted yes cannot decide.", "disagreement": "Broken: one commits, another aborts."}
    verdict = title.get(end, f"{end[0].upper()}{end[1:]}.")
    if broken and end != "disagreement":
        verdict = f"Broken: {broken[0].reason}."
    often = ""
    if loss:
        counts = _tally(version, crash, back, loss)
        often = f"Among {SEEDS} seeds: " + ", ".join(f"{name} {count}" for name, count in counts if count) + "."
    return spacetime(trace, look=COMMIT_LOOK, findings=findings, title=verdict, description=often)


def _run(version: str, crash: str, back: float, loss: float, seed: int) -> Trace:
    fault = MOMENTS[crash]
    faults: list[Any] = [fault] if fault else []
    if fault and back:
        faults.append(Recover(fault.node, at=Point(fault.node, "crash", later=back)))
    network = Network(latency=Uniform(0.005, 0.015), loss=loss)
    return Cluster(nodes(version, "yy"), network=network, seed=seed, faults=faults).run(until=UNTIL if back or not fault else 1.2)


@cache
def _tally(version: str, crash: str, back: float, loss: float) -> tuple[tuple[str, int], ...]:
    ends = [outcome(_run(version, crash, back, loss, seed)) for seed in range(SEEDS)]
    return tuple((name, ends.count(name)) for name in OUTCOMES)


# A crash at every effect -------------------------------------------------------------------------------------------------------


@cache
def ends(version: str, victim: str, votes: str = "yy") -> tuple[tuple[str, str, str], ...]:
    """Crash one node after each of its effects in turn.

    Parameters
    ----------
    version : str
        A key of `VERSIONS`.
    victim : str
        The node that crashes.
    votes : str
        As in `ftlib.transactions.bank.bank`.

    Returns
    -------
    tuple of (str, str, str)
        For each number of effects that still happen, from 1: the last of them, and how the run ends, a word of `OUTCOMES`, if the
        node stays down and if it comes back 0.2 s later.
    """
    found: list[tuple[str, str, str]] = []
    first = Point(victim, "write") if victim == COORDINATOR else Point(victim, "deliver", "Prepare")
    for effects in range(1, 40):
        crash = Crash(victim, at=first, after=effects)
        stays = Cluster(nodes(version, votes), faults=[crash]).run(until=UNTIL)
        (down,) = stays.where(kind="crash") or (None,)
        if down is None:
            break
        last = next(event for event in reversed(stays[: down.index]) if event.node == victim)
        back = Recover(victim, at=Point(victim, "crash", later=0.2))
        returns = Cluster(nodes(version, votes), faults=[crash, back]).run(until=UNTIL)
        if found and found[-1][0] == _named(last):
            continue  # a timer was set or cancelled: nothing that another node, or the disk, can tell
        found.append((_named(last), outcome(stays), outcome(returns)))
    return tuple(found)


def _named(event: Any) -> str:
    match event.kind:
        case "send":
            return f"sends {COMMIT_LOOK.message(event.what)} to {event.other}"
        case "fact":
            return COMMIT_LOOK.tell(event) or "goes on"
        case "write":
            return f"writes {event.other!r}"
        case "force":
            return "forces it to disk"
    return f"handles {COMMIT_LOOK.message(event.what)}" if event.kind == "deliver" else event.kind


SIGNS = {"commit everywhere": ("✓", "green"), "abort everywhere": ("○", "ink"), "blocked": ("?", "orange")}


def crash_everywhere(
    version: Annotated[str, Choice(NAMES, "Version")] = "library",
    victim: Annotated[str, Choice({COORDINATOR: COORDINATOR, "p1": "p1"}, "Who crashes")] = COORDINATOR,
) -> Picture:
    """Draw what becomes of the transfer for a crash after each effect of one node.

    Parameters
    ----------
    version : str
        The protocol, a key of `VERSIONS`.
    victim : str
        The node that crashes.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_3_1_two_phase_commit``.
    """
    rows = ends(version, victim)
    parts = [text(12, 24, f"{victim} crashes after it", "ink", "start", more=' font-weight="600"')]
    parts += [text(x, 24, words, "ink", more=' font-weight="600"') for x, words in ((290, "stays down"), (380, "comes back"))]
    for number, (effect, *results) in enumerate(rows):
        y = 56 + 30 * number
        parts.append(text(12, y, effect if len(effect) <= 34 else effect[:33] + "…", "ink", "start"))
        for x, end in zip((290, 380), results, strict=True):
            parts.append(cross(x, y - 5, 6) if end == "disagreement" else text(x, y, *SIGNS[end], size=18))
        parts.append(f'<line x1="8" y1="{y + 9}" x2="422" y2="{y + 9}" stroke="{colour("line")}"/>')
    y = 56 + 30 * len(rows) + 12
    for place, name in enumerate(OUTCOMES):
        x, line = 24 + 200 * (place % 2), y + 24 * (place // 2)
        parts.append(cross(x, line - 5, 6) if name == "disagreement" else text(x, line, *SIGNS[name], size=18))
        parts.append(text(x + 16, line, name, "muted", "start"))
    results = [end for _, *both in rows for end in both]
    broken, blocked = results.count("disagreement"), results.count("blocked")
    verdict = f"{broken} of {len(results)} crashes break agreement." if broken else f"No crash breaks agreement; {blocked} block."
    return Picture(
        "".join(parts),
        430,
        y + 40,
        verdict,
        f"Two participants that vote yes; {NAMES[version]}; each row one crash point, run to its end twice.",
        tuple(f"After it {effect}: {stays} if it stays down, {returns} if it comes back." for effect, stays, returns in rows),
    )
