"""Judges of the exercises on real replication: what becomes of a write when the primary
dies, a primary that has only so much to lose, and a replica that keeps what it must
discard.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ftlib.drawing.looks.pair import answered
from ftlib.drawing.looks.replication import REPLICATION_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import Nodes, drawn, pasted, run
from ftlib.figures.real_replication import LOCAL, MODES, Outcome, died, outcome
from ftlib.replication import replicas
from ftlib.replication.pair import Resting
from ftlib.replication.primary_replica import Replica
from ftlib.services import Entry, Recovered, Request, Stored, Truncated
from ftlib.simulation import (
    Cluster,
    Crash,
    Cut,
    Heal,
    Network,
    Partition,
    Point,
    Recover,
    Schedule,
    Trace,
)

__all__ = ["judge_bounded", "judge_fates", "judge_saves"]

LINK = (("r1", "r2"), ("r2", "r1"))


def _own(given: Any, name: str) -> type[Any] | None:
    """Return a subclass of Replica that was handed in; None if it is untouched."""
    if given is None or given is Replica:
        return None
    kind = role(given, name)
    if not issubclass(kind, Replica):
        raise Wrong(f"{name} is no subclass of Replica.")
    own = kind.__mro__[: kind.__mro__.index(Replica)]
    has = any(callable(value) for each in own for value in vars(each).values())
    return kind if has else None


# 1: what becomes of a write -----------------------------------------------------------

FATES = ("told, kept", "told, lost", "not told, kept", "not told, lost")
CASES = (
    *(("asynchronous", moment) for moment in (30, 60)),
    *(("synchronous", moment) for moment in (30, 70, 120)),
)


@judging
def judge_fates(fates: Any) -> Answer:
    """Judge what becomes of one write when r1 and the link die after so many
    milliseconds: whether its client was told, and whether r2 has it.

    Parameters
    ----------
    fates : dict from (str, int) to str
        For each mode and moment one of "told, kept", "told, lost", "not told, kept" and
        "not told, lost".

    Notes
    -----
    Refused are fates of which either half is not what the run shows, and the reason
    names that half.
    """
    if not isinstance(fates, Mapping) or set(fates) != set(CASES):
        raise Wrong(f"hand in a dict with the keys {', '.join(map(str, CASES))}.")
    if not any(fates.values()):
        return not_attempted(f"Give each case one of {', '.join(map(repr, FATES))}.")
    for case, given in fates.items():
        if given not in FATES:
            raise Wrong(f"for {case} it has {given!r}: give one of {', '.join(FATES)}.")
        mode, moment = case
        trace = one_write(mode, moment / 1000)
        told, has = bool(trace.where(kind="return")), _on_disk(trace)
        if given != _fate(told, has):
            raise Wrong(
                f"{mode}, {moment} ms: it is not {given!r}:"
                f" {_not_so(given, told, has)}.",
                picture=drawn(
                    trace, look=REPLICATION_LOOK, title=f"{mode}: {moment} ms"
                ),
            )
    return Answer("right", "Each of the five runs ends as you say.")


def one_write(mode: str, moment: float) -> Trace:
    """Run one write, with 10 ms from and to the client and 40 ms over the link, and the
    death of r1 and of the link at a moment, in seconds.
    """
    nodes = replicas([[("put", "x", 1)]], MODES[mode], patience=9.0, longest=9.0)
    network = Network(0.01, links=dict.fromkeys(LINK, 0.04))
    gone = [Crash("r1", at=moment), *(Cut(*way, at=moment) for way in LINK)]
    return run(nodes, gone, until=moment + 0.02, network=network)


def _on_disk(trace: Trace) -> bool:
    return bool(trace.facts(Stored, node="r2"))


def _fate(told: bool, has: bool) -> str:
    return f"{'told' if told else 'not told'}, {'kept' if has else 'lost'}"


def _not_so(given: str, told: bool, has: bool) -> str:
    """Say which half of a fate is wrong, or that both are."""
    client, copy = _fate(told, has).split(", ")
    said, held = given.split(", ")
    wrong = []
    if said != client:
        wrong.append(f"the client was {client} when r1 died")
    if held != copy:
        wrong.append(f"r2 {'has' if has else 'lacks'} the write")
    return " and ".join(wrong)


# 2: only so much to lose --------------------------------------------------------------

MOST = 3


@judging
def judge_bounded(bounded: Any) -> Answer:
    """Judge a primary of which at most three acknowledged writes can be lost, whenever
    it dies, and which waits no longer than that takes.

    Refused are a class that loses more, one that waits while fewer than three writes
    are on their way or until no more than three are, and one that does not go on.

    Parameters
    ----------
    bounded : type
        A subclass of `Replica`.
    """
    kind = _own(bounded, "Bounded")
    if kind is None:
        return not_attempted("Write Bounded, a subclass of Replica: override advance.")
    tried = 0
    for given in _deaths():
        found, trace = _died(kind, **given)
        tried += 1
        if found.lost > MOST:
            words = ", ".join(f"{name}={value:g}" for name, value in given.items())
            raise Wrong(
                f"{found.lost} acknowledged writes are lost, not {MOST} at most, with"
                f" {words}.",
                picture=drawn(trace, look=REPLICATION_LOOK, events=120),
            )
    found, trace = _died(kind, cut=0.0)
    if found.told < MOST:
        raise Wrong(
            f"r2 gets nothing, and only {found.told} of the first {MOST} writes got an"
            " answer: none of them need wait.",
            picture=drawn(trace, look=REPLICATION_LOOK),
        )
    for delay, least in ((0.01, 39), (0.05, 10)):
        found, _ = _died(kind, delay=delay)
        if found.told < least:
            raise Wrong(
                f"with a link of {1000 * delay:g} ms and a write every 10 ms it"
                f" acknowledges {found.told} writes in 0.4 s, and could do {least}: it"
                f" is to wait only when {MOST} are on their way."
            )
    _many_at_once(kind)
    _goes_on(kind)
    return Answer("right", f"Nobody loses more than {MOST}, in {tried} runs.")


def _deaths() -> Iterator[dict[str, float]]:
    for every in (0.005, 0.01, 0.02):
        for delay in (0.0, 0.02, 0.05, 0.1):
            yield {"delay": delay, "every": every}
    for cut in (0.0, 0.1, 0.15, 0.3):
        yield {"delay": 0.02, "cut": cut}


def _died(kind: type[Any], **given: float) -> tuple[Outcome, Trace]:
    trace = died("asynchronous", **given, replica=watched(kind))
    return outcome(trace), trace


def _many(kind: type[Any], faults: Iterable[Any], until: float) -> Trace:
    """Run eight clients, each of which writes once, within 8 ms."""
    clients = range(8)
    nodes = replicas(
        [[("put", "x", number)] for number in clients],
        MODES["asynchronous"],
        replica=watched(kind),
        patience=9.0,
        longest=9.0,
    )
    ways = {(f"c{n + 1}", "r1"): 0.001 * n for n in clients}  # one each millisecond
    network = Network(LOCAL, links=ways | dict.fromkeys(LINK, 0.02))
    return run(nodes, faults, until=until, network=network)


def _many_at_once(kind: type[Any]) -> None:
    """Raise if too many are lost when r1 dies after many writes, or nothing is answered
    when one of them has its copy.
    """
    for moment in (0.015, 0.03, 0.042):
        gone = [Crash("r1", at=moment), *(Cut(*way, at=moment) for way in LINK)]
        trace = _many(kind, gone, moment + 0.01)
        held = [each.what.value for each in trace.facts(Stored, node="r2")]
        kept = {(each.client, each.sequence) for each in held if each}
        lost = [which for _, _, which, _ in answered(trace) if which not in kept]
        if len(lost) > MOST:
            raise Wrong(
                f"eight clients write within 8 ms, and r1 dies after"
                f" {1000 * moment:g} ms: {len(lost)} acknowledged writes are lost, not"
                f" {MOST} at most.",
                picture=drawn(trace, look=REPLICATION_LOOK, events=80),
            )
    trace = _many(kind, (), 0.042)
    if len(answered(trace)) <= MOST:
        raise Wrong(
            f"eight clients write within 8 ms; after 42 ms r1 knows that r2 has the"
            f" first write, and it has acknowledged {len(answered(trace))}: it may do"
            f" {MOST + 1}, however many are on their way.",
            picture=drawn(trace, look=REPLICATION_LOOK, events=80),
        )


def _goes_on(kind: type[Any]) -> None:
    """Raise if not all is answered when r1 has crashed and is back."""
    writes = [("append", "x", letter) for letter in "abcdefghijkl"]
    nodes = replicas(
        [writes], MODES["asynchronous"], replica=watched(kind), client=Resting
    )
    faults = [Crash("r1", at=1.0), Recover("r1", at=2.0)]
    trace = run(nodes, faults, until=9.0)
    done = len(answered(trace))
    if done < len(writes):
        raise Wrong(
            f"r1 crashes at 1 s and is back at 2 s, and until 9 s {done} of"
            f" {len(writes)} writes are acknowledged.",
            pasted(faults),
        )


# 3: to keep what is discarded ---------------------------------------------------------

KEY = "discarded"
WRITES = tuple(
    tuple(("append", "x", f"{client}{number}") for number in range(18))
    for client in "abc"
)
EFFECTS = 16  # of r1, of which each may be its last
SIDES = (("r1", "c1", "c3"), ("r2", "c2"))
SPLITS = (
    *(Partition(SIDES, at=at) for at in (0.3, 1.6, 2.9)),
    *(Heal(at=at) for at in (0.9, 2.2, 3.5)),
)


@judging
def judge_saves(saves: Any) -> Answer:
    """Judge a replica that has on its disk, under "discarded", each request that it has
    discarded, once, and no other. Refused are a replica that forgets one in a crash,
    that keeps the latest only, one twice, or one that stayed in the log.

    Three times the two are cut off from each other; and r1 crashes at each effect with
    which it follows r2, and some of what it had not forced survives.

    Parameters
    ----------
    saves : type
        A subclass of `Replica`.
    """
    kind = _own(saves, "Saves")
    if kind is None:
        return not_attempted("Write Saves, a subclass of Replica.")
    _saved(kind, Schedule())
    _saved(kind, Schedule(SPLITS))
    tried = 2
    once = SPLITS[0], SPLITS[3]
    at = Point("r1", "deliver", "Append")
    back = Recover("r1", at=Point("r1", "crash", later=0.02))
    for after in range(EFFECTS):
        for keeps in (0, 1, 2) if after else (0,):
            crash = Crash("r1", at=at, after=after, keeps=keeps)
            _saved(kind, Schedule([*once, crash, back]), until=1.3)
            tried += 1
    return Answer("right", f"What is discarded is kept, in {tried} runs.")


def _saved(kind: type[Any], faults: Schedule, until: float = 4.2) -> None:
    """Raise if a node has not saved what it has discarded."""
    nodes: Nodes = replicas(
        WRITES,
        MODES["asynchronous"],
        replica=watched(kind),
        client=Resting,
        patience=0.2,
        longest=0.2,
    )
    cluster = Cluster(nodes, faults=faults, seed=7, same_time_limit=10_000)
    trace = cluster.run(until=until)
    disks = {node: cluster.host(node).disk for node in ("r1", "r2")}

    def wrong(why: str) -> Wrong:
        return Wrong(why, pasted(faults))

    logs = [
        [disk[key] for key in sorted(disk) if key.startswith("log entry ")]
        for disk in disks.values()
    ]
    if abs(len(logs[0]) - len(logs[1])) > 2 or any(
        one != other for one, other in zip(*logs, strict=False)
    ):
        raise wrong("in the end r1 and r2 have not the same log: r1 is to follow.")
    for node, disk in disks.items():
        found = disk.get(KEY, [])
        if not isinstance(found, list):
            raise wrong(f"under {KEY!r} {node} has a {type(found).__name__}, no list.")
        values = [each.value if isinstance(each, Entry) else each for each in found]
        got = [each for each in values if each is not None]
        due = discarded(trace, node)
        for each in due:
            if each not in got:
                raise wrong(f"{node} discards {_named(each)}, and has not saved it.")
        for each in got:
            if each not in due:
                raise wrong(f"{node} saves {_named(each)}, which it does not discard.")
            if got.count(each) > 1:
                raise wrong(f"{node} saves {_named(each)} {got.count(each)} times.")


def _named(request: Any) -> str:
    if isinstance(request, Request):
        return f"request {request.sequence} of {request.client}"
    return repr(request)


def discarded(trace: Trace, node: str) -> list[Request]:
    """List the requests that a node has discarded from its log, each once."""
    log: list[tuple[int, Any]] = []  # epoch and value
    gone: dict[tuple[int, int], Any] = {}
    for event in trace.facts((Stored, Truncated, Recovered), node=node):
        match event.what:
            case Stored(index, epoch, value):
                log[index - 1 :] = [(epoch, value)]
            case Truncated(index):
                for place, (epoch, value) in enumerate(log[index - 1 :], index):
                    gone[place, epoch] = value
            case Recovered(_, entries):
                log = [(each.epoch, each.value) for each in entries]
    return [value for value in gone.values() if value is not None]
