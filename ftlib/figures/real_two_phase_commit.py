"""The figures of chapter 7.4.3, and the simulated twins of its runs on real servers: a
coordinator that is killed at each point, one that was only paused while another took
over, and participants who are decided for by hand.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Annotated, NamedTuple

from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.drawing.shapes import line, text
from ftlib.figures.controls import Choice
from ftlib.figures.two_phase_commit import outcome
from ftlib.simulation import Cluster, Crash, Node, Point, Recover, Trace, judge
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    PROPERTIES,
    Applied,
    Decided,
    Voted,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.mutants import AbortsInDoubt, CommitsInDoubt
from ftlib.transactions.two_phase import Participant

__all__ = [
    "KILLED",
    "TwoCoordinators",
    "agree",
    "balances",
    "by_hand",
    "in_doubt",
    "kept",
    "killed",
    "outcome",
    "played",
    "twin",
    "woken",
]

# Killed at each point -----------------------------------------------------------------

KILLED = {
    "before the first prepare": Point(COORDINATOR, "fact", "Began"),
    "between the prepares": Point(COORDINATOR, "send", "Prepare"),
    "after both prepares": Point(COORDINATOR, "deliver", "Vote", nth=2),
    "after the log's force": Point(COORDINATOR, "force", nth=2),
    "between the commits": Point(COORDINATOR, "send", "Decision"),
    "before the log's end": Point(COORDINATOR, "deliver", "Ack", nth=2),
}
"""Where the coordinator is killed, as the points of a simulated run. The first force
marks the disk as used, the second one is that of the commit.
"""
BACK, END = 1.0, 4.0
SOON = 1.6  # seconds until all that can be seen of a decision by hand is seen


@cache
def twin(point: str, back: float = BACK) -> Trace:
    """Run a transfer of 30 from p1 to p2, whose coordinator crashes at a point.

    Parameters
    ----------
    point : str
        A key of `KILLED`.
    back : float
        After how many seconds it is back; 0 for never.

    Examples
    --------
    >>> in_doubt(twin("between the prepares", back=0))
    ['p1']
    """
    faults: list[Crash | Recover] = [Crash(COORDINATOR, at=KILLED[point])]
    if back:
        faults += [Recover(COORDINATOR, at=Point(COORDINATOR, "crash", later=back))]
    return Cluster(bank("yy"), faults=faults).run(until=END if back else 2)


def in_doubt(trace: Trace) -> list[str]:
    """Name who has voted yes and knows no outcome at the end of a run."""
    decided = {event.node for event in trace.facts(Decided)}
    yes = (event.node for event in trace.facts(Voted) if event.what.vote == "yes")
    return sorted(set(yes) - decided)


def balances(trace: Trace) -> dict[str, int]:
    """Compute what the accounts of p1 and p2, which held 100, hold at the end."""
    found = {"p1": 100, "p2": 100}
    for event in {(each.node, each.what) for each in trace.facts(Applied)}:
        found[event[0]] += sum(amount for _, amount in event[1].changes)
    return found


def killed(
    point: Annotated[
        str, Choice({each: each for each in KILLED}, "The coordinator is killed")
    ] = "between the commits",
    back: Annotated[
        float, Choice({0.0: "never", BACK: "after 1 s"}, "It is back")
    ] = 0.0,
) -> Picture:
    """Draw the run in which the coordinator is killed at a point.

    Parameters
    ----------
    point : str
        A key of `KILLED`.
    back : float
        After how many seconds it is back; 0 for never.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_4_3_real_two_phase_commit``.
    """
    trace = twin(point, back)
    waiting = in_doubt(trace)
    title = f"In doubt: {' and '.join(waiting)}." if waiting else "Nobody is in doubt."
    if back or not waiting:
        title += f" Outcome: {outcome(trace)}."
    return spacetime(
        trace,
        look=COMMIT_LOOK,
        findings=judge(trace, PROPERTIES),
        title=title,
        description=f"The coordinator is killed {point}.",
    )


# Paused, and woken --------------------------------------------------------------------


class State(NamedTuple):
    """A state of `TwoCoordinators`."""

    old: int = 0  # how many steps the paused one has done
    new: int = 0  # the next step of the one that takes over
    epoch: int = 1
    locked: bool = False  # by the old one
    committed: bool = False  # so says the log
    read: bool = False  # so has the new one read
    participants: tuple[str, str] = ("", "")
    overtaken: bool = False  # has the new one been, by the old one


OLD = (
    "prepares p1",
    "prepares p2",
    "looks at the epoch",
    "writes commit",
    "commits p1",
    "commits p2",
)
REFUSED, DONE = len(OLD) + 1, len(OLD)
FENCES = {
    "none": "none",
    "looks": "it looks at the epoch before it writes",
    "lock": "it looks and writes under one lock",
    "late": "the same, but whoever takes over reads the log first",
}


class TwoCoordinators:
    """A coordinator that may be paused before each of its steps, and another one that
    takes over: a model for `ftlib.checking.explore`.

    Parameters
    ----------
    fence : str
        What keeps the old one from deciding: a key of `FENCES`.
    earlier : bool
        Whether recovery touches only what an earlier epoch has prepared.

    Notes
    -----
    Either has taken over first. If it was the one that recovers, it was paused, and
    has been overtaken by a coordinator, whose epoch is the higher one.

    A participant that is told an outcome and has prepared nothing says so, and the old
    coordinator takes that for done. The new one looks again and again.
    """

    def __init__(self, fence: str = "lock", earlier: bool = True) -> None:
        self.fence, self.earlier = fence, earlier
        first = ["takes over", "reads the log"]
        if fence == "late":
            first.reverse()
        self.steps = (*first, "finishes p1", "finishes p2")

    def initial_states(self) -> list[State]:
        """Nothing has been done, but to take over."""
        overtaken = self.steps.index("takes over") + 1
        return [State(), State(new=overtaken, overtaken=True)]

    def successors(self, state: State) -> Iterator[tuple[str, State]]:
        """Either goes on."""
        if state.old < DONE:
            yield f"the old one {OLD[state.old]}", self.old(state)
        if not (self.steps[state.new] == "takes over" and state.locked):
            yield f"the new one {self.steps[state.new]}", self.new(state)

    def old(self, state: State) -> State:
        """Let the old one do its next step."""
        match OLD[state.old]:
            case "looks at the epoch" if self.fence != "none":
                if state.epoch > 1:
                    return state._replace(old=REFUSED)
                state = state._replace(locked=self.fence != "looks")
            case "writes commit":
                state = state._replace(committed=True, locked=False)
            case "prepares p1" | "prepares p2" as step:
                state = self.change(state, step[-2:], "", "prepared")
            case "commits p1" | "commits p2" as step:
                state = self.change(state, step[-2:], "prepared", COMMIT)
        return state._replace(old=state.old + 1)

    def new(self, state: State) -> State:
        """Let the new one do its next step; after the last it looks again."""
        match self.steps[state.new]:
            case "takes over":
                state = state._replace(epoch=2)
            case "reads the log":
                state = state._replace(read=state.committed)
            case step if not (state.overtaken and self.earlier):
                end = COMMIT if state.read else ABORT
                state = self.change(state, step[-2:], "prepared", end)
        if state.new < len(self.steps) - 1:
            return state._replace(new=state.new + 1)
        again = 0 if self.fence == "late" or state.overtaken else 1
        return state._replace(new=again, overtaken=False)

    def change(self, state: State, name: str, of: str, to: str) -> State:
        """Change one participant, if it is in a state."""
        both = list(state.participants)
        place = ("p1", "p2").index(name)
        if both[place] == of:
            both[place] = to
        return state._replace(participants=(both[0], both[1]))


def agree(state: State) -> bool:
    """Tell whether not one participant has committed and the other aborted."""
    return not {COMMIT, ABORT} <= set(state.participants)


def kept(state: State) -> bool:
    """Tell whether nobody has aborted what the log calls committed."""
    return not (state.committed and ABORT in state.participants)


PAUSES = dict(
    enumerate(
        (
            "before the first prepare",
            "between the prepares",
            "after both prepares",
            "after it has looked at the epoch",
            "after the log's force",
            "between the commits",
        )
    )
)
Row = tuple[str, str, State]  # who, what it does, what there is then


def played(fence: str, paused: int) -> list[Row]:
    """Let the old one do so many steps, then the new one all of its, then the old one
    the rest, then the new one look again.
    """
    model, state = TwoCoordinators(fence), State()
    rows: list[Row] = []

    def old(until: int) -> None:
        nonlocal state
        while state.old < until:
            words = OLD[state.old]
            state = model.old(state)
            if state.old == REFUSED:
                words = "is refused"
            if fence != "none" or words != "looks at the epoch":
                rows.append(("old", words, state))

    def new() -> None:
        nonlocal state
        for number in range(state.new, len(model.steps)):
            words = model.steps[number]
            before, state = state, model.new(state)
            if number < 2 or state.participants != before.participants:
                rows.append(("new", words, state))

    old(paused)
    if state.locked and fence != "late":
        rows.append(("new", "waits for the lock", state))
    else:
        if state.locked:  # it has read, and cannot take over yet
            state = model.new(state)
            rows.append(("new", model.steps[0], state))
            rows.append(("new", "waits for the lock", state))
            old(4)
        new()
    old(DONE)
    new()
    return rows


WIDE, TOP, ROW = 430.0, 58.0, 25.0
AT = {"old": 12.0, "new": 160.0, "log": 302.0, "p1": 348.0, "p2": 400.0}
SIGNS = {
    "": ("·", "muted"),
    "prepared": ("?", "orange"),
    COMMIT: ("✓", "green"),
    ABORT: ("✗", "red"),
}


def woken(
    fence: Annotated[str, Choice(FENCES, "The fence")] = "none",
    paused: Annotated[int, Choice(PAUSES, "The old one is paused")] = 1,
) -> Picture:
    """Draw what becomes of a transfer whose coordinator is paused, replaced and woken.

    Parameters
    ----------
    fence : str
        A key of `FENCES`.
    paused : int
        After how many of its six steps.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_4_3_real_two_phase_commit``.
    """
    rows = played(fence, paused)
    parts = [
        text(x, 38, words, "muted", "start" if x < 300 else "middle", size=14)
        for x, words in zip(
            AT.values(), ("old coordinator", "new one", "log", "p1", "p2"), strict=True
        )
    ]
    story = []
    for number, (who, words, state) in enumerate(rows):
        y = TOP + ROW * number + 12
        parts.append(line(8, y - 17, WIDE - 8, y - 17, "line", 1))
        ink = "red" if words in ("is refused", "waits for the lock") else "ink"
        parts.append(text(AT[who], y, words, ink, "start", size=14))
        log = (COMMIT if state.committed else "", *state.participants)
        for place, held in zip(("log", "p1", "p2"), log, strict=True):
            parts.append(text(AT[place], y, *SIGNS[held], size=16))
        story.append(
            f"The {who} one {words}: the log says"
            f" {'commit' if state.committed else 'nothing'},"
            f" p1 {_holds(state, 0)}, p2 {_holds(state, 1)}."
        )
    bottom = TOP + ROW * len(rows) + 20
    legend = "? prepared   ✓ commit   ✗ abort   · nothing"
    parts.append(text(12, bottom, legend, "muted", "start", size=13))
    return Picture(
        "".join(parts),
        WIDE,
        bottom + 14,
        _verdict(rows[-1][2]),
        f"Paused {PAUSES[paused]}. Fence: {FENCES[fence]}.",
        tuple(story),
    )


def _holds(state: State, place: int) -> str:
    return state.participants[place] or "has nothing"


def _verdict(state: State) -> str:
    ends = " and ".join(
        f"p{number} has {'committed' if end == COMMIT else 'aborted'}"
        for number, end in enumerate(state.participants, 1)
    )
    if not agree(state):
        return f"Half a transfer: {ends}."
    if not kept(state):
        return "The log says commit, and both have aborted."
    return f"All agree: {state.participants[0] or 'nothing was begun'}."


# Decided by hand ----------------------------------------------------------------------

HANDS: dict[str, Callable[..., Node]] = {
    "waits": Participant,
    "commit": CommitsInDoubt,
    "abort": AbortsInDoubt,
}
DECIDES = {
    "waits": "nobody: it waits",
    "commit": "somebody: commit",
    "abort": "somebody: abort",
}


@cache
def decided(point: str, p1: str, p2: str) -> Trace:
    """Run a transfer whose coordinator is killed at a point and is back after a second.
    Who is in doubt meanwhile may be decided for, after 0.3 s.
    """
    nodes = bank("yy")
    for name, how, account in (("p1", p1, "a1"), ("p2", p2, "a2")):
        nodes[name] = partial(HANDS[how], ((account, 100),), patience=0.3)
    back = Recover(COORDINATOR, at=Point(COORDINATOR, "crash", later=BACK))
    return Cluster(nodes, faults=[Crash(COORDINATOR, at=KILLED[point]), back]).run(
        until=SOON
    )


def by_hand(
    point: Annotated[
        str, Choice({each: each for each in KILLED}, "The coordinator is killed")
    ] = "after the log's force",
    p1: Annotated[str, Choice(DECIDES, "Who decides for p1 in doubt")] = "waits",
    p2: Annotated[str, Choice(DECIDES, "Who decides for p2 in doubt")] = "abort",
) -> Picture:
    """Draw a transfer whose participants are decided for by hand, while they are in
    doubt.

    Parameters
    ----------
    point : str
        Where the coordinator is killed, a key of `KILLED`.
    p1, p2 : str
        What somebody decides for them if they are in doubt for 0.3 s: "waits",
        "commit" or "abort".

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_4_3_real_two_phase_commit``.
    """
    trace = decided(point, p1, p2)
    return spacetime(
        trace,
        look=COMMIT_LOOK,
        findings=judge(trace, PROPERTIES),
        title=heuristics(trace),
        description=f"The coordinator is killed {point}, and is back after a second.",
    )


def heuristics(trace: Trace) -> str:
    """Say what has become of a transfer, in the words of XA.

    Examples
    --------
    >>> heuristics(decided("after the log's force", "waits", "abort"))
    'Heuristic mixed: p1 commit, p2 abort.'
    """
    ends = {event.node: event.what.outcome for event in trace.facts(Decided)}
    log = ends.pop(COORDINATOR, ABORT)
    here = {node: ends.get(node, ABORT) for node in ("p1", "p2")}
    if len(set(here.values())) > 1:
        return f"Heuristic mixed: p1 {here['p1']}, p2 {here['p2']}."
    if here["p1"] != log:
        return f"Heuristic {here['p1']}: both {here['p1']}, the log says {log}."
    return f"The same everywhere: {log}."
