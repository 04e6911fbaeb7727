"""The figures of chapter 7.4.1: what is on the link when the primary dies, and two
primaries at one time.

The chapter does the same to two PostgreSQL servers. What decides there decides here:
how long the link takes, how often a client writes, and whether a write waits for the
other node.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from ftlib.drawing import Picture
from ftlib.drawing.looks.pair import END, acting, answered, lost, who_acts
from ftlib.drawing.shapes import box, cross, flow, line, text
from ftlib.figures.controls import Choice, Range
from ftlib.replication import Mode, replicas
from ftlib.replication.pair import Resting
from ftlib.replication.primary_replica import Replica
from ftlib.services import Client, Stored, Truncated
from ftlib.simulation import (
    Cluster,
    Crash,
    Cut,
    Heal,
    Network,
    Node,
    Partition,
    Recover,
    Trace,
)

__all__ = [
    "MODES",
    "Outcome",
    "apart",
    "both_act",
    "died",
    "letters",
    "on_the_link",
    "outcome",
]

MODES = {
    "asynchronous": Mode(0, replicas=1, hears=1),
    "synchronous": Mode(1, replicas=1),
}
"""Two nodes, of which r2 takes over when it hears nothing, whoever has what."""
LOCAL = 0.0005  # seconds that a message of a client takes
DIES = 0.4  # when r1 does
WAITS = 0.5, 0.6  # until r2 takes over

# What is on the link ------------------------------------------------------------------


class Paced(Client):
    """Begins a write every so many seconds, unless the last one is not answered yet."""

    def __init__(self, every: float, *given: Any) -> None:
        super().__init__(*given)
        self.every = every

    def on_start(self) -> None:
        self.set_timer("pace", self.every)

    def go_on(self) -> None:
        self.waiting = False

    def on_timer(self, name: str) -> None:
        if name == "pace":
            self.set_timer("pace", self.every)
            if not self.waiting:
                super().go_on()
        else:
            super().on_timer(name)


def _pair(
    wanted: Iterable[Iterable[tuple[Any, ...]]],
    mode: str,
    replica: Callable[..., Node],
    client: Callable[..., Node],
    beat: float,
    patience: float,
) -> dict[str, Callable[[], Node]]:
    nodes = replicas(
        wanted,
        MODES[mode],
        replica=replica,
        client=client,
        patience=patience,
        longest=patience,
    )
    made: dict[str, Callable[..., Node]] = dict(nodes)
    return nodes | {node: partial(made[node], beat, WAITS) for node in ("r1", "r2")}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the writes of a client.

    Attributes
    ----------
    told : int
        How many of them it was told are done.
    lost : int
        How many of these the node that took over does not have.
    """

    told: int
    lost: int


def died(
    mode: str = "asynchronous",
    delay: float = 0.05,
    every: float = 0.01,
    replica: Callable[..., Node] = Replica,
    cut: float = DIES,
) -> Trace:
    """Run a primary r1 that dies after 0.4 s, its replica r2, which then takes over,
    and a client.

    Parameters
    ----------
    mode : str
        A key of `MODES`.
    delay : float
        How long a message between r1 and r2 takes, in seconds.
    every : float
        How often the client begins to write, in seconds.
    replica : type
        The class of r1 and r2.
    cut : float
        When the link is cut; by default with the death.

    Examples
    --------
    >>> outcome(died("asynchronous", delay=0.05)), outcome(died("synchronous"))
    (Outcome(told=39, lost=5), Outcome(told=3, lost=0))
    """
    writes = round(DIES / every)
    wanted = [[("put", "x", number) for number in range(writes)]]
    nodes = _pair(wanted, mode, replica, partial(Paced, every), 0.2, 9.0)
    there, back = ("r1", "r2"), ("r2", "r1")
    network = Network(LOCAL, fifo=True, links={there: delay, back: delay})
    faults = [Crash("r1", at=DIES), *(Cut(*way, at=cut) for way in (there, back))]
    cluster = Cluster(nodes, faults=faults, network=network, seed=7)
    return cluster.run(until=DIES + WAITS[1] + 0.05)


def outcome(trace: Trace) -> Outcome:
    """Count what a client was told, and what of it is lost."""
    return Outcome(len(answered(trace)), len(lost(trace)))


SHOWN = 0.25  # seconds before the end
WIDTH, LEFT, RIGHT = 430.0, 14.0, 400.0
TOLD, HAS, BOTTOM = 62.0, 128.0, 168.0


def on_the_link(
    mode: Annotated[
        str,
        Choice(
            {
                "asynchronous": "nobody (asynchronous)",
                "synchronous": "the standby (synchronous)",
            },
            "A write waits for",
        ),
    ] = "asynchronous",
    delay: Annotated[
        float, Range((0.0, 0.02, 0.05, 0.1, 0.2), "The link takes, one way", "s")
    ] = 0.05,
    every: Annotated[
        float, Range((0.005, 0.01, 0.02, 0.05), "A write begins every", "s")
    ] = 0.01,
) -> Picture:
    """Draw the last quarter of a second of a primary: what the client was told, and
    what the standby has.

    Parameters
    ----------
    mode, delay, every
        As for `died`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_4_1_real_replication``.
    """
    trace = died(mode, delay, every)
    found, gone = outcome(trace), lost(trace)
    stored = [event for event in trace.facts(Stored, node="r2") if event.what.value]
    has = {event.what.value.sequence: event.time for event in stored}
    left = _x(DIES - delay) if delay < SHOWN else LEFT
    parts = [
        box((left + _x(DIES)) / 2, 95, _x(DIES) - left, 118, fill="shade")
        if delay
        else "",
        line(_x(DIES), 24, _x(DIES), BOTTOM - 8, "red", 2.4),
        text(_x(DIES) - 4, 18, "r1 dies", "red", "end", 14),
        text(LEFT, TOLD - 14, "The client is told: done", "ink", "start", 14),
        text(LEFT, HAS - 14, "The standby has it on disk", "ink", "start", 14),
    ]
    story = []
    for time, _, (_, number), _ in answered(trace):
        away = has.get(number)
        if time > DIES - SHOWN:
            inside = _x(time), TOLD + 8
            is_lost = ("c1", number) in gone
            parts.append(cross(*inside, 4) if is_lost else _mark(*inside, "blue"))
            fate = "the standby never gets it" if is_lost else _when(away)
            story.append(f"{_ms(time)}: the client is told of write {number}; {fate}.")
    for time in has.values():
        if DIES - SHOWN < time <= DIES:
            parts.append(_mark(_x(time), HAS + 8, "green"))
    for tick in range(0, round(SHOWN * 1000) + 1, 50):
        x = _x(DIES - SHOWN + tick / 1000)
        parts += [
            line(x, BOTTOM - 8, x, BOTTOM - 2, "muted", 1),
            text(
                x, BOTTOM + 14, f"{round(DIES * 1000) - 250 + tick}", "muted", size=13
            ),
        ]
    parts.append(text(RIGHT, BOTTOM + 34, "time in ms", "muted", "end", 13))
    legend, bottom = flow(_signs(bool(gone), bool(delay)), BOTTOM + 50, WIDTH)
    parts.append(legend)
    spans = [until - since for since, until in _writes(trace)]
    takes = (
        f"A write takes {_ms(max(spans))} at most." if spans else "No write is done."
    )
    return Picture(
        "".join(parts),
        WIDTH,
        bottom,
        _verdict(found),
        f"{takes} r1 and the link are gone at {_ms(DIES)}.",
        (*story, f"{_ms(DIES)}: r1 dies, and what is on the link is lost."),
    )


def _verdict(found: Outcome) -> str:
    if found.lost:
        verb = "is" if found.lost == 1 else "are"
        return f"{found.lost} of {found.told} acknowledged writes {verb} lost."
    few = {0: "No write is acknowledged.", 1: "The one acknowledged write is kept."}
    return few.get(found.told, f"All {found.told} acknowledged writes are kept.")


def _writes(trace: Trace) -> list[tuple[float, float]]:
    """List when each answered write began and ended."""
    begun, found = 0.0, []
    for event in trace.where(kind=("call", "return")):
        if event.kind == "call":
            begun = event.time
        else:
            found.append((begun, event.time))
    return found


def _when(time: float | None) -> str:
    return f"the standby has it at {_ms(time)}" if time else "the standby has it"


def _ms(seconds: float) -> str:
    return f"{round(1000 * seconds)} ms"


def _x(time: float) -> float:
    return LEFT + (RIGHT - LEFT) * (time - DIES + SHOWN) / SHOWN


def _mark(x: float, y: float, ink: str) -> str:
    return line(x, y - 7, x, y + 7, ink, 3)


def _signs(gone: bool, delay: bool) -> list[tuple[float, str, str, str]]:
    signs = [
        (10.0, line(0, -7, 0, 7, "blue", 3), "told", "muted"),
        (10.0, line(0, -7, 0, 7, "green", 3), "on the standby's disk", "muted"),
    ]
    if gone:
        signs.append((14.0, cross(0, 0, 4), "told, and lost", "muted"))
    if delay:
        shade = box(0, 0, 16, 14, fill="shade")
        signs.append((22.0, shade, "what is sent here does not arrive", "muted"))
    return signs


# Two primaries ------------------------------------------------------------------------

CUT, KILLED, WHOLE = 0.7, 0.9, 2.0
WRITERS = tuple(
    tuple(("append", "x", chr(97 + 12 * client + number)) for number in range(12))
    for client in range(2)
)
STOPS = {
    "nothing": "nothing (asynchronous)",
    "wait": "each write waits for r2 (synchronous)",
    "kill": "it is killed before r2 takes over",
}


def apart(
    stops: str = "nothing", whole: bool = True, replica: type[Node] = Replica
) -> Trace:
    """Run two nodes whose link is cut after 0.7 s, with a client at each side.

    Parameters
    ----------
    stops : str
        What keeps the old primary r1 from going on, a key of `STOPS`.
    whole : bool
        Whether all reach each other again after 2 s; a killed r1 is back then.
    replica : type
        The class of r1 and r2.
    """
    faults: list[Any] = [Partition((("r1", "c1"), ("r2", "c2")), at=CUT)]
    if stops == "kill":  # then c1 is alone
        alone = Partition((("c1",), ("r2", "c2")), at=KILLED)
        faults += [Crash("r1", at=KILLED), alone]
    if whole:
        faults.append(Heal(at=WHOLE))
        faults += [Recover("r1", at=WHOLE)] if stops == "kill" else []
    mode = "synchronous" if stops == "wait" else "asynchronous"
    nodes = _pair(WRITERS, mode, replica, Resting, 0.05, 0.2)
    return Cluster(nodes, faults=faults, seed=7).run(until=END)


def both_act(
    stops: Annotated[str, Choice(STOPS, "What stops r1, which is cut off")] = "nothing",
    whole: Annotated[
        bool, Choice({True: "at 2 s", False: "never"}, "The link is whole again")
    ] = False,
) -> Picture:
    """Draw who is the primary when, of two nodes that do not reach each other, and
    which answered writes are lost.

    Parameters
    ----------
    stops, whole
        As for `apart`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_4_1_real_replication``.
    """
    trace = apart(stops, whole)
    gone = len(lost(trace))
    both = together(trace)
    if not gone:
        title = "Nothing that was answered is lost."
    else:
        some = "1 answered write is" if gone == 1 else f"{gone} answered writes are"
        title = f"{some} {'discarded' if whole else 'on r1 only'}."
    how = f"both are primaries for {both:.1f} s" if both else "one at a time is primary"
    return who_acts(
        trace,
        title,
        f"The link is cut at {CUT:g} s, with c1 on the side of r1 and c2 on that of"
        f" r2; {how}.",
        ("r1", "r2"),
    )


def letters(trace: Trace, node: str) -> str:
    """Return what the entries of a node's log append in the end, and a bar for one that
    is empty; of a run without crashes and snapshots.
    """
    log: list[str] = []
    for event in trace.facts((Stored, Truncated), node=node):
        del log[event.what.index - 1 :]
        if isinstance(event.what, Stored):
            log.append(event.what.value.operation[2] if event.what.value else "|")
    return "".join(log)


def together(trace: Trace) -> float:
    """Return for how long both were primaries, in seconds."""
    spans = {node: (since, until) for node, _, since, until in acting(trace)}
    if len(spans) < 2:
        return 0.0
    since, until = zip(*spans.values(), strict=True)
    return max(0.0, min(until) - max(since))
