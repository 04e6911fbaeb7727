"""The figures of chapter 7.4.2, and the simulated twins of its real runs: what a killed
cache leaves to the database, and what a failover loses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Annotated, Any

from ftlib.drawing import Picture
from ftlib.drawing.shapes import box, cross, line, text
from ftlib.figures.controls import Choice, Range, Toggle
from ftlib.hashing import HashRing, Modulo, Placement
from ftlib.replication import Mode, replicas
from ftlib.replication.pair import pair
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_standby import Peer
from ftlib.replication.shipping import Ack
from ftlib.services import Client, Elected, Request, Stored, Truncated
from ftlib.simulation import Cluster, Crash, Heal, Node, Partition, Slow, Trace

__all__ = [
    "CACHES",
    "KEYS",
    "Guarded",
    "Outcome",
    "failed_over",
    "lost_writes",
    "outcome",
    "planned",
    "refill",
    "refilled",
    "requests",
]

WIDTH = 430.0
LEFT, RIGHT = 40.0, WIDTH - 12

# What a killed cache leaves to the database -------------------------------------------

CACHES = ("n1", "n2", "n3", "n4", "n5")
"""The caches of the chapter."""
KEYS = tuple(f"song {number}" for number in range(1000))
"""What is kept in them."""
BATCH, BATCHES = 200, 15
DOWN, BACK = 5, 10  # the batches before which a cache is killed, and is back
RULES: dict[str, Callable[[Iterable[str]], Placement]] = {
    "modulo": Modulo,
    "ring": HashRing,
}
TOP, HIGH = 44.0, 170.0


@cache
def requests(seed: int = 7) -> tuple[str, ...]:
    """Draw which keys are asked for, one after the other: the k-th with a probability
    that falls about as 1/k.
    """
    chance = Random(seed)
    count = len(KEYS)
    return tuple(
        KEYS[int(count ** chance.random()) - 1] for _ in range(BATCH * BATCHES)
    )


def refilled(rule: str = "ring", killed: str = "n3", back: bool = False) -> list[int]:
    """Count how many of each 200 requests reach the database behind five caches.

    At first every key is in its cache. A key that is missed is put where it belongs.

    Parameters
    ----------
    rule : {"modulo", "ring"}
    killed : str
        Who is killed after 1,000 requests.
    back : bool
        Whether it is back, and empty, after another 1,000.
    """
    all_of_them, others = RULES[rule](CACHES), [n for n in CACHES if n != killed]
    without = RULES[rule](others)
    homes = {key: (all_of_them.lookup(key), without.lookup(key)) for key in KEYS}
    held = {node: {key for key in KEYS if homes[key][0] == node} for node in CACHES}
    held[killed] = set()  # nobody asks it before it is back
    counts = [0] * BATCHES
    for number, key in enumerate(requests()):
        batch = number // BATCH
        away = batch >= DOWN and not (back and batch >= BACK)
        if batch < DOWN:
            continue  # every key is where it belongs
        node = homes[key][away]
        if key not in held[node]:
            counts[batch] += 1
            held[node].add(key)
    return counts


def refill(
    rule: Annotated[
        str, Choice({"modulo": "remainder", "ring": "ring"}, "Placement")
    ] = "modulo",
    killed: Annotated[
        str, Choice({node: node for node in CACHES}, "Cache that is killed")
    ] = "n3",
    back: Annotated[bool, Toggle("It comes back, empty")] = False,
) -> Picture:
    """Draw how many of each 200 requests reach the database behind five caches.

    Parameters
    ----------
    rule, killed, back
        As for `refilled`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_4_2_real_cache_ring``.
    """
    counts = refilled(rule, killed, back)
    bottom = TOP + HIGH
    wide = (RIGHT - LEFT) / BATCHES
    parts = [text(12, 20, "Requests that reach the database", "ink", "start", 15)]
    for mark in range(0, BATCH + 1, 50):
        y = bottom - HIGH * mark / BATCH
        parts += [
            line(LEFT, y, RIGHT, y, "line", 1),
            text(LEFT - 6, y + 5, str(mark), "muted", "end", 13),
        ]
    moments = {DOWN: f"{killed} is killed"} | ({BACK: "it is back"} if back else {})
    for batch, words in moments.items():
        x = LEFT + wide * batch
        parts += [
            line(x, TOP - 8, x, bottom, "red", 1.6),
            text(x + 5, TOP + 4, words, "red", "start", 13),
        ]
    for batch, count in enumerate(counts):
        x, tall = LEFT + wide * (batch + 0.5), HIGH * count / BATCH
        parts += [
            box(x, bottom - tall / 2, wide - 6, tall, "orange", "orange"),
            text(x, bottom - tall - 5, str(count), "ink", size=12),
        ]
    parts.append(
        text(RIGHT, bottom + 22, f"batches of {BATCH} requests", "muted", "end", 13)
    )
    first, total = counts[DOWN], sum(counts)
    return Picture(
        "".join(parts),
        WIDTH,
        bottom + 34,
        f"{killed} is killed: {first} of the next {BATCH} requests reach the database,"
        f" and {total} in all.",
        f"Five caches hold {len(KEYS):,} keys; some keys are asked for much more often"
        " than others.",
        tuple(
            f"Requests {BATCH * batch + 1:,} to {BATCH * (batch + 1):,}: {count}."
            for batch, count in enumerate(counts)
        ),
    )


# What a failover loses ----------------------------------------------------------------

WRITES, END = 40, 1.2
FAULT_AT, CUT = 0.2, {"short": 0.1, "long": 0.5}
WAITS = {
    "nothing": "waits for nothing",
    "lag": "refuses when it hears no replica",
    "copy": "waits for a copy",
}


class Guarded(Replica):
    """A primary that waits for nothing, but takes no write when no replica has
    acknowledged anything for a while, as with min-replicas-to-write.
    """

    def __init__(self, *given: Any, lag: float = 0.2, **more: Any) -> None:
        super().__init__(*given, **more)
        self.lag = lag
        self.alone = False

    def lead(self) -> None:
        """Count from now on."""
        super().lead()
        self.set_timer("alone", self.lag)

    def on_message(self, sender: str, message: object) -> None:
        """Take no request while it is alone; it is not when a replica answers."""
        match message:
            case Request() if self.alone and self.role == "primary":
                return
            case Ack():
                self.alone = False
                self.set_timer("alone", self.lag)
        super().on_message(sender, message)

    def on_timer(self, name: str) -> None:
        """It has heard nobody for so long."""
        if name == "alone":
            self.alone = True
        else:
            super().on_timer(name)


def failed_over(
    waits: str = "nothing", fault: str = "long", delay: float = 0.01, lag: float = 0.2
) -> Trace:
    """Run a primary r1 with two replicas, and a client that writes 40 times, each time
    when it has its answer. At 0.2 s something happens to r1.

    Parameters
    ----------
    waits : {"nothing", "lag", "copy"}
        What r1 waits for before it acknowledges; with "lag" for nothing, but it takes
        no write when it hears nobody.
    fault : {"crash", "short", "long"}
        r1 crashes for good, or is cut off together with the client for 0.1 or 0.5 s.
    delay : float
        How long a message between r1 and a replica takes, in seconds.
    lag : float
        For how long it may hear nobody, in seconds.

    Notes
    -----
    A takeover hears both replicas, as sentinels that reach both choose the one that has
    more.
    """
    replica: Callable[..., Node] = Replica
    if waits == "lag":
        replica = _guarded(lag)
    nodes = replicas(
        [[("put", "x", number) for number in range(WRITES)]],
        Mode(1 if waits == "copy" else 0, hears=2),
        replica=replica,
        patience=0.25,
        longest=0.25,
    )
    far = [("r1", other) for other in ("r2", "r3")]
    links = [*far, *((other, one) for one, other in far)] if delay > 0.01 else []
    faults: list[Any] = [Slow(each, by=delay - 0.01) for each in links]
    if fault == "crash":  # what was still on the links is gone too
        faults += [Partition((("r1",),), at=FAULT_AT), Crash("r1", at=FAULT_AT)]
    else:
        faults.append(Partition((("r1", "c1"),), at=FAULT_AT))
        faults.append(Heal(at=FAULT_AT + CUT[fault]))
    return Cluster(nodes, faults=faults, seed=7).run(until=END)


def _guarded(lag: float) -> Callable[..., Node]:
    return lambda *given: Guarded(*given, lag=lag)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the writes of a run.

    Attributes
    ----------
    kept, lost : tuple of float
        When each write was acknowledged that the last primary has, or lacks, in
        seconds.
    taken_over : float or None
        When another than r1 became the primary, if any did.
    """

    kept: tuple[float, ...]
    lost: tuple[float, ...]
    taken_over: float | None


def outcome(trace: Trace) -> Outcome:
    """Find out what became of each acknowledged write: whether it is in the log of the
    last primary at the end.
    """
    elected = trace.facts(Elected)
    last = max(elected, key=lambda event: event.what.epoch).node
    log: dict[int, Any] = {}
    for event in trace.where(kind="fact", node=last):
        match event.what:
            case Stored(index=index, value=value):
                log[index] = value
            case Truncated(index=index):
                log = {at: value for at, value in log.items() if at < index}
    there = {value.operation for value in log.values() if isinstance(value, Request)}
    done = [(event.time, event.what[0]) for event in trace.where(kind="return")]
    others = [event.time for event in elected if event.node != "r1"]
    return Outcome(
        tuple(time for time, call in done if call in there),
        tuple(time for time, call in done if call not in there),
        others[0] if others else None,
    )


ROW, FIRST_ROW = 62.0, 62.0


@cache
def _became(waits: str, fault: str, delay: float, lag: float) -> Outcome:
    return outcome(failed_over(waits, fault, delay, lag))


def lost_writes(
    fault: Annotated[
        str,
        Choice(
            {
                "crash": "r1 crashes",
                "short": "r1 and its client are cut off for 0.1 s",
                "long": "r1 and its client are cut off for 0.5 s",
            },
            "At 0.2 s",
        ),
    ] = "long",
    delay: Annotated[
        float, Range((0.01, 0.05, 0.1), "A message to or from a replica takes", "s")
    ] = 0.01,
    lag: Annotated[
        float, Range((0.1, 0.2, 0.4), "Refuses when it has heard nobody for", "s")
    ] = 0.2,
) -> Picture:
    """Draw which acknowledged writes survive a failover, for three kinds of primary.

    Parameters
    ----------
    fault, delay, lag
        As for `failed_over`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_4_2_real_cache_ring``.
    """
    found = {waits: _became(waits, fault, delay, lag) for waits in WAITS}
    bottom = FIRST_ROW + ROW * len(found) - 22
    parts, told = [], []
    end = END if fault == "crash" else FAULT_AT + CUT[fault]
    x, right = _x(FAULT_AT), _x(end)
    words = "r1 is dead" if fault == "crash" else "r1 is cut off"
    parts += [
        box((x + right) / 2, (30 + bottom) / 2, right - x, bottom - 30, fill="shade"),
        text(x, 22, words, "muted", "start", 13),
    ]
    for tenth in range(0, 13, 2):
        parts.append(
            text(_x(tenth / 10), bottom + 16, f"{tenth / 10:g}", "muted", size=13)
        )
    parts.append(text(RIGHT, bottom + 36, "time in seconds", "muted", "end", 13))
    for place, (waits, each) in enumerate(found.items()):
        y = FIRST_ROW + ROW * place
        sums = f"{len(each.kept)} kept, {len(each.lost)} lost"
        parts += [
            text(12, y - 14, f"r1 {WAITS[waits]}", "ink", "start", 14),
            text(RIGHT, y - 14, sums, "ink", "end", 14),
            line(12, y + 6, RIGHT, y + 6, "line", 1),
        ]
        if each.taken_over is not None:
            at = _x(each.taken_over)
            parts.append(line(at, y - 8, at, y + 20, "blue", 2.4))
        parts += [line(_x(t), y + 1, _x(t), y + 11, "green", 2) for t in each.kept]
        parts += [cross(_x(t), y + 6, 4) for t in each.lost]
        told.append(f"If r1 {WAITS[waits]}: {sums}; {_taken(each)}.")
    parts += [
        line(16, bottom + 52, 16, bottom + 62, "green", 2),
        text(24, bottom + 62, "acknowledged, kept", "ink", "start", 13),
        cross(164, bottom + 57, 4),
        text(172, bottom + 62, "acknowledged, lost", "ink", "start", 13),
        line(306, bottom + 46, 306, bottom + 66, "blue", 2.4),
        text(314, bottom + 62, "another leads", "ink", "start", 13),
    ]
    lost = [len(each.lost) for each in found.values()]
    return Picture(
        "".join(parts),
        WIDTH,
        bottom + 76,
        f"Acknowledged and lost: {lost[0]}, {lost[1]} and {lost[2]} writes.",
        f"A client writes up to {WRITES} times, each time when it has its answer.",
        tuple(told),
    )


def _x(time: float) -> float:
    return 16 + (RIGHT - 16) * time / END


def _taken(each: Outcome) -> str:
    if each.taken_over is None:
        return "nobody takes over"
    return f"another leads from {each.taken_over:.2f} s on"


# What a planned failover loses --------------------------------------------------------

ORDERED, RELEASED = 1.0, 1.035


def planned(peer: Callable[..., Node] = Peer, hears: float = 0.3) -> Trace:
    """Run a primary a, its standby b, and a client that writes as fast as it is
    answered; a waits for nothing, and at 1 s an operator tells it to let b take over.

    Parameters
    ----------
    peer : callable
        The class of a and b.
    hears : float
        How much longer than others the messages take that tell a that b has taken
        over, in seconds.

    Examples
    --------
    >>> from ftlib.drawing.looks.pair import lost
    >>> lost(planned())
    ()
    """
    nodes = pair(
        [[("put", "x", number) for number in range(200)]],
        synchronous=False,
        orders=((ORDERED, "a"),),
        peer=peer,
        client=Client,
    )
    # a request a little later than what a hears of b: so a sees that b has everything
    faults = [Slow(("c1", "a"), by=0.005)]
    faults += [Slow((other, "a"), by=hears, at=RELEASED) for other in ("b", "w")]
    return Cluster(nodes, faults=faults, seed=7).run(until=3)
