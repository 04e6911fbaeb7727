"""The figures of chapter 3.3: one commit with a crash of its coordinator, and what an
outage does to everybody else.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Annotated, Any

from ftlib.analysis.commit import Span, count_forces, in_doubt_times, lock_times
from ftlib.drawing import Label, Picture, spacetime
from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.drawing.shapes import cross, line, path, text
from ftlib.figures.controls import Choice, Range, Toggle, Toggles
from ftlib.simulation import Cluster, Crash, Event, Node, Point, Recover, Trace, judge
from ftlib.transactions.atomic_commit import (
    Decided,
    Transaction,
    Voted,
    Waits,
    agreement,
    stability,
    validity,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.two_phase import Coordinator, Logged, Participant, Prepare

__all__ = [
    "ORDERS_LOOK",
    "TWO_LOOK",
    "ActsAtOnce",
    "one_commit",
    "outage",
    "outage_run",
]


# Without a protocol -------------------------------------------------------------------


class ActsAtOnce(Participant):
    """A branch that does what it is told, when it is told, without a vote: what there
    is before any protocol.
    """

    def prepare(self, coordinator: str, message: Prepare) -> None:
        """Change the accounts at once."""
        self.apply(
            message.txn,
            Logged("prepared", coordinator, message.participants, message.changes),
        )


def _order(message: Any) -> str:
    return (
        f"{message.changes[0][0]} {message.changes[0][1]:+d}"
        if isinstance(message, Prepare)
        else COMMIT_LOOK.message(message)
    )


def _done(event: Event) -> Label | None:
    return (
        Label("✓ done", "green", "solid") if isinstance(event.what, Decided) else None
    )


def _did(event: Event) -> str | None:
    return None if isinstance(event.what, Decided) else COMMIT_LOOK.tell(event)


ORDERS_LOOK = replace(COMMIT_LOOK, message=_order, state=_done, tell=_did)
"""For runs of `ActsAtOnce`, in which a message is an order to change an account, and
nobody decides anything.
"""


# Looks --------------------------------------------------------------------------------


def _both(event: Event) -> Label | None:
    state = COMMIT_LOOK.state(event)
    if state is None or event.what.txn == "t1":
        return state
    words = "waits" if isinstance(event.what, Waits) else state.word
    return Label(f"{event.what.txn} {words}", state.ink)


def _name(message: Any) -> str:
    words = COMMIT_LOOK.message(message)
    return words if getattr(message, "txn", "t1") == "t1" else f"{words} {message.txn}"


TWO_LOOK = replace(COMMIT_LOOK, message=_name, state=_both)
"""For runs of several transactions. The lines show the state of t1, and messages of the
others are named.
"""


# One commit ---------------------------------------------------------------------------

STAYS_DOWN, COMES_BACK = 1.0, 2.2  # for how many seconds we look

MOMENTS = {
    "never": "never",
    "asked one": "when it has asked one only",
    "undecided": "with the votes in, before it decides",
    "decided": "when it has decided and told nobody",
    "told one": "when it has told one",
    "told all": "when it has told all",
}


def moment(name: str, votes: str) -> Point | None:
    """Say at which point of a run the coordinator crashes.

    Parameters
    ----------
    name : str
        A key of `MOMENTS`.
    votes : str
        As in `ftlib.transactions.bank.bank`; every message takes equally long.

    Returns
    -------
    Point or None
        None for "never".

    Examples
    --------
    >>> moment("undecided", "yny"), moment("undecided", "ysy").what
    (Point(node='coordinator', event='deliver', what='Vote', nth=2), 'votes t1')
    """
    voters = votes.replace("s", "")
    last = voters.index("n") + 1 if "n" in voters else len(voters)
    silent = "s" in votes and "n" not in votes
    return {
        "never": None,
        "asked one": Point(COORDINATOR, "send", "Prepare"),
        "undecided": (
            Point(COORDINATOR, "timer", "votes t1")
            if silent
            else Point(COORDINATOR, "deliver", "Vote", nth=last or 1)
        ),
        "decided": Point(COORDINATOR, "fact", "Decided"),
        "told one": Point(COORDINATOR, "send", "Decision"),
        "told all": Point(
            COORDINATOR, "send", "Decision", nth=len(votes) - ("n" in votes)
        ),
    }[name]


def one_commit(
    participants: Annotated[int, Range(range(2, 6), "Participants")] = 3,
    votes: Annotated[
        str,
        Toggles(
            of="participants",
            maximum=5,
            states={"y": "yes", "n": "no", "s": "silent"},
            each="p{}",
        ),
    ] = "yyy",
    crash: Annotated[str, Choice(MOMENTS, "The coordinator crashes")] = "told one",
    recovery: Annotated[bool, Toggle("It comes back after 1 s")] = False,
    peers: Annotated[bool, Toggle("Participants ask their peers")] = False,
) -> Picture:
    """Draw one transfer by two-phase commit.

    Parameters
    ----------
    participants : int
        How many branches take part.
    votes : str
        One letter for each: "y", "n", or "s" for silent.
    crash : str
        When the coordinator crashes, a key of `MOMENTS`.
    recovery : bool
        Whether it comes back a second later.
    peers : bool
        Whether the participants use cooperative termination.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/3_3_distributed_transactions``.
    """
    votes = votes[:participants]
    at = moment(crash, votes)
    faults: list[Any] = [] if at is None else [Crash(COORDINATOR, at=at)]
    if faults and recovery:
        faults.append(Recover(COORDINATOR, at=Point(COORDINATOR, "crash", later=1.0)))
    nodes = bank(votes, participant=CooperativeParticipant if peers else Participant)
    until = COMES_BACK if recovery else STAYS_DOWN
    trace = Cluster(nodes, faults=faults).run(until=until)
    return spacetime(
        trace, look=COMMIT_LOOK, title=verdict(trace), description=_price(trace, until)
    )


def verdict(trace: Trace) -> str:
    """Say in a sentence how a run of one transaction has ended for its participants.

    Examples
    --------
    >>> verdict(Cluster(bank("yy")).run())
    'Commit: all participants know it after 0.03 s.'
    """
    everybody = [node for node in trace.nodes if node != COORDINATOR]
    decided: dict[str, Event] = {}
    for event in trace.facts(Decided):
        decided.setdefault(event.node, event)
    outcomes = {decided[node].what.outcome for node in everybody if node in decided}
    if len(outcomes) > 1:
        return "Broken: one participant commits, another aborts."
    doubtful = [
        node for node in everybody if node not in decided and trace.facts(Voted, node)
    ]
    outcome = next(iter(outcomes), "")
    if doubtful:
        told = [node for node in everybody if node in decided]
        known = (
            f" {_names(told)} {'knows' if len(told) == 1 else 'know'}: {outcome}."
            if told
            else ""
        )
        return (
            f"Blocked: {_names(doubtful)}"
            f" {'holds its' if len(doubtful) == 1 else 'hold their'} locks in"
            f" doubt.{known}"
        )
    if not outcome:
        return "No participant has promised anything: each may still abort."
    if missing := [node for node in everybody if node not in decided]:
        return (
            f"{outcome.capitalize()}: nobody is in doubt; {_names(missing)} never"
            " voted."
        )
    last = max(decided[node].time for node in everybody)
    return f"{outcome.capitalize()}: all participants know it after {last:.3g} s."


def _price(trace: Trace, until: float) -> str:
    spans = in_doubt_times(trace, until)
    longest = max((span.seconds for span in spans), default=0.0)
    still = any(not span.ended for span in spans)
    doubt = (
        f"In doubt for {longest:.3g} s{' so far' if still else ' at most'}"
        if spans
        else "Nobody was in doubt"
    )
    bad = [
        finding.name
        for finding in judge(trace, (agreement, validity, stability))
        if finding.verdict == "violated"
    ]
    kept = (
        f"{_names(bad).capitalize()} violated."
        if bad
        else "Agreement, validity and stability hold."
    )
    return (
        f"{doubt}. {_plural(len(trace.where(kind='send')), 'message')},"
        f" {_plural(count_forces(trace), 'forced write')}. {kept}"
    )


def _plural(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _names(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


# An outage ----------------------------------------------------------------------------

END = 6.0  # seconds shown
OTHER = "teller 2"
LATER = tuple(
    Transaction(
        f"t{number + 2}", (("p1", "a1", -1), ("p2", "a2", 1)), at=0.25 + 0.5 * number
    )
    for number in range(12)
)
LEFT, RIGHT, ROW = 100.0, 416.0, 40.0


def outage_run(down: float, crash: str = "decided", peers: bool = False) -> Trace:
    """Run twelve transfers of one coordinator, beside one of another that crashes.

    Parameters
    ----------
    down : float
        For how many seconds the other is down; 0 if it doesn't crash.
    crash : str
        When it crashes, a key of `MOMENTS`.
    peers : bool
        Whether the participants use cooperative termination.

    Returns
    -------
    Trace
        Of six seconds.
    """
    nodes: dict[str, Callable[[], Node]] = bank(
        "yy", participant=CooperativeParticipant if peers else Participant
    )
    nodes[OTHER] = _second
    faults: list[Any] = []
    if down:
        faults = [
            Crash(COORDINATOR, at=moment(crash, "yy")),
            Recover(COORDINATOR, at=Point(COORDINATOR, "crash", later=down)),
        ]
    return Cluster(nodes, faults=faults).run(until=END)


def _second() -> Coordinator:
    return Coordinator(LATER)


def outage(
    down: Annotated[
        float, Range((0.0, 0.5, 1.0, 2.0, 3.0, 5.0), "Coordinator down for", "s", "g")
    ] = 2.0,
    crash: Annotated[
        str,
        Choice(
            {"undecided": "not decided", "decided": "decided", "told one": "told p1"},
            "When it crashes it has",
        ),
    ] = "undecided",
    peers: Annotated[bool, Toggle("Participants ask their peers")] = False,
) -> Picture:
    """Draw how long a coordinator's outage locks two accounts, and what becomes of the
    transfers of another coordinator.

    Parameters
    ----------
    down : float
        For how many seconds it is down; 0 if it doesn't crash.
    crash : str
        When it crashes, a key of `MOMENTS`.
    peers : bool
        Whether the participants use cooperative termination.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/3_3_distributed_transactions``.
    """
    trace = outage_run(down, crash, peers)
    held = _held(trace)
    ends = {event.what.txn: event for event in trace.facts(Decided, OTHER)}
    aborted = [
        txn
        for txn in LATER
        if txn.name in ends and ends[txn.name].what.outcome == "abort"
    ]
    longest = max(span.seconds for span in held.values())
    parts = [
        _axis(4 * ROW + 32),
        _down(trace),
        _locks("p1", "a1", held.get("p1"), 1),
        _locks("p2", "a2", held.get("p2"), 2),
    ]
    parts.append(_attempts(ends))
    asking = ""
    if down and peers:
        without = max(span.seconds for span in _held(outage_run(down, crash)).values())
        asking = (
            f" Without asking peers: {without:.3g} s."
            if without > longest
            else " Asking peers makes no difference here."
        )
    return Picture(
        "".join(parts),
        430,
        4 * ROW + 90,
        (
            f"{len(aborted)} of {len(LATER)} later transfers"
            f" {'aborts' if len(aborted) == 1 else 'abort'}."
            if aborted
            else f"All {len(LATER)} later transfers commit."
        ),
        f"{'Down for ' + format(down, 'g') + ' s' if down else 'No outage'}: accounts"
        f" are locked for up to {longest:.3g} s. The participants and {OTHER} never"
        f" fail.{asking}",
        tuple(_told(trace, held, ends)),
    )


def _held(trace: Trace) -> dict[str, Span]:
    return {span.node: span for span in lock_times(trace, END) if span.txn == "t1"}


def _x(seconds: float) -> float:
    return LEFT + (RIGHT - LEFT) * seconds / END


def _axis(y: float) -> str:
    ticks = "".join(
        line(_x(second), 22, _x(second), y, "line", 1)
        + text(_x(second), y + 18, f"{second}", "muted", size=13)
        for second in range(int(END) + 1)
    )
    return (
        ticks
        + text((LEFT + RIGHT) / 2, y + 40, "time in s", "muted", size=13)
        + text(8, y + 40, "✓ commits   ✗ aborts", "muted", "start", size=13)
    )


def _row(number: int, name: str) -> tuple[float, str]:
    y = 40 + ROW * number
    return y, text(8, y + 5, name, "ink", "start")


def _down(trace: Trace) -> str:
    y, drawn = _row(0, "coordinator")
    crashes = [event.time for event in trace.where(kind="crash")]
    if not crashes:
        return drawn + line(LEFT, y, RIGHT, y, "muted", 3)
    start, end = (
        _x(crashes[0]),
        _x(next((event.time for event in trace.where(kind="recover")), END)),
    )
    slants = "".join(
        f"M{start + 5 * k:.1f} {y + 5:g}l5 -10" for k in range(int((end - start) / 5))
    )
    return (
        drawn
        + line(LEFT, y, start, y, "muted", 3)
        + path(f"M{start:.1f} {y - 5:g}H{end:.1f}V{y + 5:g}H{start:.1f}Z", "red", 1.2)
        + path(slants, "red", 1.2)
        + line(end, y, RIGHT, y, "muted", 3)
        + text((start + end) / 2, y - 10, "down", "red", size=13)
    )


def _locks(node: str, account: str, span: Span | None, number: int) -> str:
    y, drawn = _row(number, f"{account} at {node}")
    drawn += line(LEFT, y, RIGHT, y, "muted", 1.6)
    if span is None:
        return drawn
    start, end = _x(span.start), max(_x(span.end), _x(span.start) + 3)
    words = "locked" if end - start > 52 else ""
    return (
        drawn
        + line(start, y, end, y, "orange", 12, "3 4")
        + line(start, y, end, y, "orange", 1.6)
        + (text((start + end) / 2, y - 10, words, "orange", size=13) if words else "")
    )


def _attempts(ends: dict[str, Event]) -> str:
    y, drawn = _row(3, OTHER)
    for txn in LATER:
        x = _x(txn.at)
        if txn.name not in ends:
            drawn += text(x, y + 5, "…", "muted")
        elif ends[txn.name].what.outcome == "commit":
            drawn += text(x, y + 6, "✓", "green", size=17)
        else:
            drawn += cross(x, y, 5)
    return drawn + path(f"M{LEFT:g} {y + 16:g}H{RIGHT:g}", "line", 1)


def _told(trace: Trace, held: dict[str, Span], ends: dict[str, Event]) -> Iterable[str]:
    for event in trace.where(kind=("crash", "recover")):
        yield (
            f"{event.time:.3f} s: the coordinator"
            f" {'crashes' if event.kind == 'crash' else 'comes back'}."
        )
    for node, span in held.items():
        until = f"to {span.end:.3f} s" if span.ended else "to the end"
        yield f"t1 locks an account at {node} from {span.start:.3f} s {until}."
    for txn in LATER:
        if txn.name in ends:
            end = ends[txn.name]
            did = "commits" if end.what.outcome == "commit" else "aborts"
            yield (
                f"{txn.name} of {OTHER} begins at {txn.at:g} s, and {did}"
                f" {end.time - txn.at:.2f} s later."
            )
        else:
            yield (
                f"{txn.name} of {OTHER} begins at {txn.at:g} s, and is not decided when"
                " the picture ends."
            )
