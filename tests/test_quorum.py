"""Registers on quorums, under schedules at random and in the runs that they are told of
by.
"""

from functools import partial

import pytest

from ftlib.checking import ClusterModel, KeyValue, explore, linearizable
from ftlib.replication import quorum_worlds
from ftlib.replication.last_writer_wins import clocked
from ftlib.replication.quorum import (
    AtomicClient,
    Kept,
    RegularClient,
    Row,
    StorageNode,
    Version,
    registers,
)
from ftlib.replication.quorum_properties import (
    PROPERTIES,
    handed_off,
    on_a_quorum,
    regular,
    versions_in_order,
)
from ftlib.replication.sloppy import (
    HandedOff,
    HandOff,
    Hint,
    Hinted,
    SloppyClient,
    SloppyNode,
    TakenOver,
    sloppy,
)
from ftlib.replication.tombstones import CollectingNode
from ftlib.services import responsive
from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Exponential,
    Heal,
    Lose,
    Network,
    Node,
    Partition,
    Point,
    Recover,
    judge,
)
from ftlib.simulation.chance import stream
from tools.trust.verdicts import properties

UNTIL = 60.0
READ, WRITE = ("get", "x"), ("put", "x", 1)
OTHER, DELETE = ("put", "x", 2), ("put", "x", None)
LINEARIZABLE = linearizable(KeyValue)


def violated(trace, promises):
    findings = judge(trace, promises)
    return [each.name for each in findings if each.verdict == "violated"]


def some(seed, nodes):
    """What three clients want; and crashes, a partition, losses and copies."""
    draw = stream(seed, "quorum", "").random

    def one(options):
        return options[int(draw() * len(options))]

    value, wanted = 0, []
    for _ in range(3):
        operations = []
        for _ in range(1 + int(draw() * 4)):
            value += 1
            put = ("put", one("xy"), one((value, value, None)))
            operations.append(one((put, ("get", one("xy")))))
        wanted.append(operations)
    faults, crashes = [], {}
    for _ in range(int(draw() * 5)):
        node = f"n{1 + int(draw() * nodes)}"
        nth = crashes[node] = crashes.get(node, 0) + 1
        at, after = round(draw() * 0.5, 3), int(draw() * 4)
        back = Point(node, "crash", nth=nth, later=round(draw() * 0.3, 3))
        faults += [
            Crash(node, at=at, after=after, keeps=int(draw() * 3)),
            Recover(node, at=back),
        ]
    if draw() < 0.3:
        client = one(("c1", "c2", "c3"))
        at = round(draw() * 0.3, 3)
        faults += [Crash(client, at=at), Recover(client, at=at + 0.2)]
    if draw() < 0.4:
        cut = tuple(name for name in ("n1", "c1", "c2") if draw() < 0.6) or ("n2",)
        at = round(draw() * 0.3, 3)
        faults += [Partition((cut,), at=at), Heal(at=at + 0.4)]
    for _ in range(int(draw() * 6)):
        kind = one(("Query", "Holds", "Update", "Updated"))
        nth = 1 + int(draw() * 9)
        faults.append(
            one((Lose(kind, nth=nth), Duplicate(kind, nth=nth, later=draw() * 0.3)))
        )
    return wanted, faults


def run(seed, *, nodes=3, read=2, write=2, client=AtomicClient, **roles):
    wanted, faults = some(seed, nodes)
    made = registers(
        *wanted, nodes=nodes, read=read, write=write, client=client, **roles
    )
    network = Network(latency=Exponential(0.02))
    return Cluster(made, network=network, seed=seed, faults=faults).run(UNTIL)


def seen_broken(seeds, promises, **given):
    """What is violated, and in how many of the runs."""
    found = [name for seed in seeds for name in violated(run(seed, **given), promises)]
    return {name: found.count(name) for name in found}


SIZES = [(3, 2, 2), (5, 3, 3), (5, 2, 4), (4, 2, 3)]


@pytest.mark.parametrize(("nodes", "read", "write"), SIZES)
def test_with_the_write_back_every_run_is_linearizable(nodes, read, write):
    promises = (*PROPERTIES, on_a_quorum(write), LINEARIZABLE, responsive(20, UNTIL))
    given = {"nodes": nodes, "read": read, "write": write}
    assert seen_broken(range(125), promises, **given) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("nodes", "read", "write"), SIZES)
def test_with_the_write_back_very_many_runs_are_linearizable(nodes, read, write):
    """600 for each size: 10,000 in all were green once, and take four minutes."""
    promises = (*PROPERTIES, on_a_quorum(write), LINEARIZABLE, responsive(20, UNTIL))
    given = {"nodes": nodes, "read": read, "write": write}
    assert seen_broken(range(1000, 1600), promises, **given) == {}


def test_without_it_they_are_regular():
    promises = (*PROPERTIES, on_a_quorum(2))
    assert seen_broken(range(125), promises, client=RegularClient) == {}


@pytest.mark.parametrize(
    ("client", "found"), [(RegularClient, {"linearizable"}), (AtomicClient, set())]
)
def test_a_writer_that_crashes_midway(client, found):
    """What it has half written one read may meet and the next one miss."""
    made = registers([WRITE], [READ] * 8, client=client)
    faults = [Crash("c1", at=Point("c1", "send", "Update"))]
    network = Network(latency=Exponential(0.02))
    promises = (*PROPERTIES, on_a_quorum(2), LINEARIZABLE)
    runs = [
        Cluster(made, network=network, seed=seed, faults=faults).run(UNTIL)
        for seed in range(100)
    ]
    assert {name for each in runs for name in violated(each, promises)} == found


@pytest.mark.parametrize(
    ("read", "write", "name"),
    [(1, 2, "regular"), (2, 1, "versions in order"), (1, 1, "regular")],
)
def test_where_quorums_do_not_meet_an_acknowledged_write_is_missed(read, write, name):
    """And never lost from the disks: it is not read, or written over."""
    given = {"read": read, "write": write}
    found = seen_broken(range(60), (*PROPERTIES, on_a_quorum(write)), **given)
    assert name in found
    assert "on a quorum" not in found


class Careless(StorageNode):
    """Plants a mistake beyond the mutants: it forgets to force."""

    def keep(self, key, row):
        self.disk.write(f"row {key}", row)
        self.record(Kept(key, row))


class Shortsighted(AtomicClient):
    """Returns the first answer, though it has waited for R."""

    def get(self, row):
        super().get(next(iter(self.answers.values())))


class Unnumbered(AtomicClient):
    """Takes late answers to an earlier operation for answers to this one."""

    def on_message(self, sender, message):
        if hasattr(message, "row"):
            message = type(message)(self.number, message.row)
        else:
            message = type(message)(self.number)
        super().on_message(sender, message)


class Shared(AtomicClient):
    """Writes under a version that does not say whose it is."""

    def ask(self, what):
        row = getattr(what, "row", None)
        if row is not None and self.operation[0] == "put":
            version = Version(row.version.counter, "someone")
            what = type(what)(what.number, what.key, Row(version, row.value))
        super().ask(what)


@pytest.mark.parametrize(
    ("roles", "name"),
    [
        ({"storage": Careless}, "never back"),
        ({"client": Shortsighted}, "regular"),
        ({"client": Unnumbered}, "linearizable"),
        ({"client": Shared}, "one value a version"),
    ],
)
def test_a_mistake_that_nobody_listed_is_found(roles, name):
    promises = (*PROPERTIES, on_a_quorum(2), LINEARIZABLE)
    assert any(name in violated(run(seed, **roles), promises) for seed in range(300))


def test_the_shortest_half_written_run():
    """One read meets the write that is under way, and the next one misses it."""
    world = quorum_worlds.HALF_WRITTEN
    model = ClusterModel(world.groups[0], properties(world), **world.bound)
    way = explore(model).violations["linearizable"]
    returns = [event.what for event in way.trace.where(kind="return")]
    assert returns == [(READ, 1), (READ, None)]
    assert len(way.trace.where(kind="deliver", what=None)) < 20
    assert not way.trace.where(kind=("crash", "drop"))


def test_a_sloppy_write_goes_on_where_a_strict_one_waits():
    faults = [Crash("n2", at=0), Crash("n3", at=0)]
    strict = Cluster(registers([WRITE]), faults=faults).run(10)
    assert not strict.where(kind="return")
    trace = Cluster(sloppy([WRITE]), faults=faults).run(10)
    assert [event.what for event in trace.where(kind="return")] == [(WRITE, None)]
    homes = [event.what.home for event in trace.facts(Hinted)]
    assert homes == ["n2", "n3"]


def rows(trace):
    """What every node kept last."""
    return {event.node: event.what.row for event in trace.facts(Kept)}


def test_a_sloppy_read_is_stale_and_hand_off_mends_it():
    """R + W > N, and yet the read of n2 and n3 misses what n1 and the hint have."""
    faults = [
        Crash("n2", at=0.025),
        Crash("n3", at=0.025),
        Partition((("n1", "s1", "c1"),), at=0.3),
        Recover("n2", at=0.31),
        Recover("n3", at=0.31),
        Recover("c2", at=0.4),
        Crash("c2", at=0),
        Heal(at=2),
    ]
    made = sloppy([WRITE], [READ, READ])
    trace = Cluster(made, faults=faults).run(UNTIL)
    assert "regular" in violated(trace, (regular,))
    assert not violated(trace, (on_a_quorum(2), handed_off(5, UNTIL)))
    assert {event.what.home for event in trace.facts(HandedOff)} == {"n2", "n3"}
    newest = Row(Version(1, "c1"), 1)
    assert rows(trace) == dict.fromkeys(("n1", "n2", "n3"), newest)


def test_a_read_repairs_what_it_meets():
    """n1 missed the write, and nobody keeps a hint for it."""
    missed = [Lose("Update", sender="c1", receiver="n1")]
    read = Cluster(sloppy([WRITE, READ]), faults=missed).run(UNTIL)
    without = Cluster(sloppy([WRITE]), faults=missed).run(UNTIL)
    assert "n1" not in rows(without)
    assert rows(read)["n1"] == Row(Version(1, "c1"), 1)


def test_a_hint_is_handed_off_by_a_stand_in_that_has_crashed():
    faults = [
        Crash("n2", at=0.025),
        Crash("n3", at=0.025),
        Crash("s1", at=0.3),
        Recover("s1", at=1),
        Recover("n2", at=1.5),
        Recover("n3", at=1.5),
    ]
    trace = Cluster(sloppy([WRITE]), faults=faults).run(UNTIL)
    assert not violated(trace, (on_a_quorum(2), handed_off(5, UNTIL)))
    assert len(rows(trace)) == 3


def test_no_number_is_used_for_two_operations():
    """A client that crashes as it asks leaves that call, and goes on with the next."""
    asked = Point("c1", "send", "Query")
    faults = [Crash("c1", at=asked), Recover("c1", at=1)]
    trace = Cluster(registers([WRITE, OTHER]), faults=faults).run(UNTIL)
    assert [event.what for event in trace.where(kind="call")] == [WRITE, OTHER]


def test_a_row_that_comes_twice_is_forced_once():
    twice = [Duplicate("Update", receiver="n1", later=0.1)]
    trace = Cluster(registers([WRITE]), faults=twice).run(UNTIL)
    assert len(trace.where(kind="force", node="n1")) == 1


class Home(Node):
    """Sends two hints for itself, and says of the first that it has it."""

    def on_start(self):
        old, new = (Row(Version(counter, "c1"), counter) for counter in (1, 2))
        for number, row in enumerate((old, new), 1):
            self.send("s1", Hint(number, self.id, "x", row))
        self.send("s1", TakenOver("x", old.version))


def test_a_newer_hint_outlives_what_is_said_of_the_one_before():
    trace = Cluster({"n1": Home, "s1": SloppyNode}).run(1)
    assert not trace.facts(HandedOff)
    sent = {
        event.what.row.value
        for event in trace.where(kind="send", node="s1")
        if isinstance(event.what, HandOff)
    }
    assert sent == {2}


def test_a_clock_that_is_behind_loses_a_later_write():
    made = clocked([READ, READ, WRITE, READ], [OTHER], clocks=(0, 5))
    trace = Cluster(made).run(UNTIL)
    found = violated(trace, (*PROPERTIES, LINEARIZABLE))
    assert found == ["versions in order", "linearizable"]
    last = trace.where(kind="return")[-1]
    assert last.what == (READ, 2), "its own write, acknowledged just before, is gone"
    right = Cluster(clocked([READ, READ, WRITE, READ], [OTHER], clocks=(5, 0))).run()
    assert not violated(right, (*PROPERTIES, LINEARIZABLE))


@pytest.mark.parametrize(("grace", "value"), [(1.0, 1), (9.0, None)])
def test_a_deleted_row_comes_back_if_its_tombstone_has_gone(grace, value):
    """n1 holds the row, is away while it is deleted, and is back when c2 reads."""
    made = registers(
        [WRITE, DELETE],
        [READ],
        client=RegularClient,
        storage=partial(CollectingNode, grace),
    )
    faults = [
        Crash("n1", at=0.045),
        Recover("n1", at=3),
        Crash("c2", at=0),
        Recover("c2", at=5),
    ]
    trace = Cluster(made, faults=faults).run(UNTIL)
    returns = [event.what for event in trace.where(kind="return", node="c2")]
    assert returns == [(READ, value)]
    assert ("linearizable" in violated(trace, (LINEARIZABLE,))) == (value == 1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ((("n1", "n1"), 1, 1), "name each once"),
        ((("n1", "n2"), 0, 1), "read is 0: give a whole number from 1 to 2"),
        ((("n1", "n2"), 1, 3), "write is 3: give"),
        ((("n1",), True, 1), "read is True"),
        ((("n1",), 1, 1, (("append", "x", "a"),)), r"give \('get', key\)"),
        ((("n1",), 1, 1, (("get", 7),)), "the key a str"),
    ],
)
def test_what_a_client_refuses(wrong, says):
    with pytest.raises(ValueError, match=says):
        RegularClient(*wrong)


def test_what_groups_refuse():
    with pytest.raises(ValueError, match="give one for each of 1 clients"):
        clocked([READ], clocks=(1, 2))
    with pytest.raises(ValueError, match=r"spares are \('n1',\)"):
        SloppyClient(("n1",), 1, 1, spares=("n1",))
    with pytest.raises(ValueError, match="name one at least"):
        SloppyClient(("n1",), 1, 1)


def test_what_properties_say():
    made = registers([WRITE, READ], nodes=2, read=1, write=1)
    late = [Lose("Update", receiver="n2"), Lose("Holds", sender="n1", nth=2)]
    (finding,) = judge(Cluster(made, faults=late).run(UNTIL), (regular,))
    assert finding.reason == (
        "c1 read x of version 0, though the write of version 1 of c1 had returned"
        " before"
    )
    assert versions_in_order.name == "versions in order"
