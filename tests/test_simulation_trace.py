"""The trace: queries, text, JSON; and the judging of properties."""

import json
import pickle
from dataclasses import make_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import TYPES, Colour, Did, Parcel, Ping, Pong, acting, chatters, run_alone

from ftlib.simulation import (
    Broken,
    Cluster,
    Crash,
    Cut,
    Event,
    Exponential,
    Finding,
    Heal,
    Network,
    Partition,
    Point,
    Property,
    Recover,
    Schedule,
    Skew,
    Slow,
    Trace,
    Unknown,
    judge,
    monitor,
)
from ftlib.transactions.atomic_commit import PROPERTIES

FAULTS = [
    Crash("a", at=0.3),
    Recover("a", at=0.6),
    Partition([["a"], ["b"]], at=Point("a", "recover")),
    Cut("b", "c", at=0.65),
    Heal(at=0.8),
    Slow("c", by=0.01, at=0.1),
    Skew("b", rate=1.5, offset=2.0),
]


def busy(seed=1, until=1.0):
    network = Network(Exponential(0.03), loss=0.1, duplicate=0.1)
    return Cluster(
        chatters("abc"), network=network, seed=seed, faults=FAULTS, disk_latency=0.005
    ).run(until)


TRACE = busy()
KINDS = {
    "send",
    "deliver",
    "drop",
    "timer",
    "write",
    "force",
    "crash",
    "recover",
    "fact",
    "call",
    "return",
    "fault",
}


def test_the_example_has_everything():
    assert {event.kind for event in TRACE} == KINDS
    assert len(TRACE) > 200


# ----------------------------------------------------------------------------- sequence


@given(
    st.integers(-400, 400) | st.none(),
    st.integers(-400, 400) | st.none(),
    st.integers(-9, 9) | st.none(),
)
def test_slices_are_those_of_a_list(start, stop, inner):
    events = list(TRACE)
    part = TRACE[start:stop]
    assert list(part) == events[start:stop]
    assert len(part) == len(events[start:stop])
    assert list(part[inner:][:inner]) == events[start:stop][inner:][:inner]
    assert list(part.where()) == list(part)
    assert list(part.records) == [TRACE.records[event.index] for event in part]
    if part:
        assert part[0] == events[start:stop][0]
        assert part[-1] == events[start:stop][-1]
        assert part.end == part[-1].time
        assert [event.index for event in part] == list(
            range(part[0].index, part[0].index + len(part))
        )
    assert part.nodes == TRACE.nodes == ("a", "b", "c")


def test_index_errors():
    for index in (len(TRACE), -len(TRACE) - 1):
        with pytest.raises(
            IndexError, match=f"event {index} of a trace of {len(TRACE)}"
        ):
            TRACE[index]
    with pytest.raises(
        ValueError, match="a trace can be cut but not thinned out: step is 2"
    ):
        TRACE[::2]
    assert len(TRACE[9:5]) == TRACE[9:5].end == 0


def test_equality():
    assert busy() == TRACE
    assert busy(seed=2) != TRACE
    assert TRACE[1:] != TRACE[:-1]
    assert Trace(TRACE.records, "abcd") != TRACE
    assert list(TRACE) != TRACE
    with pytest.raises(TypeError, match="unhashable"):
        hash(TRACE)


def test_an_event_cannot_be_changed():
    with pytest.raises(AttributeError):
        TRACE[0].time = 1.0
    assert isinstance(TRACE[0], Event)


# ------------------------------------------------------------------------------ queries

queries = st.fixed_dictionaries(
    {},
    optional={
        "kind": (
            st.sampled_from(sorted(KINDS))
            | st.tuples(st.sampled_from(sorted(KINDS)), st.just("send"))
        ),
        "node": st.sampled_from("abc"),
        "what": st.sampled_from([Ping, Pong, Did, str, (Ping, Did)]),
        "since": st.sampled_from([event.time for event in TRACE]),
        "until": st.sampled_from([event.time for event in TRACE]),
    },
)


@given(queries, st.integers(0, 100))
def test_queries(query, start):
    kinds = query.get("kind", tuple(KINDS))

    def fits(event):
        about = event.what[0] if event.kind == "return" else event.what
        return (
            (event.kind == kinds or event.kind in kinds)
            and event.node == query.get("node", event.node)
            and isinstance(about, query.get("what", object))
            and query.get("since", 0) <= event.time <= query.get("until", 99)
        )

    part = TRACE[start:]
    assert part.where(**query) == tuple(event for event in part if fits(event))


def test_an_event_is_found_at_its_own_time():
    trace = Trace([(tick, "crash", "a", None, None, None) for tick in range(2000)])
    for event in trace:
        assert trace.where(since=event.time, until=event.time) == (event,)


def test_counts_and_facts():
    sends = [type(event.what).__name__ for event in TRACE if event.kind == "send"]
    assert TRACE.counts() == {name: sends.count(name) for name in set(sends)}
    assert sum(TRACE.counts("drop").values()) == len(TRACE.where(kind="drop"))
    assert TRACE.counts("return") == {"str": len(TRACE.where(kind="return"))}
    assert TRACE.facts() == TRACE.where(kind="fact")
    assert TRACE.facts(Did, "b") == TRACE.where(kind="fact", what=Did, node="b")
    assert sum(TRACE[5:50].counts().values()) == len(TRACE[5:50].where(kind="send"))


# --------------------------------------------------------------------------------- text


def test_text_in_columns():
    records = [
        (0, "send", "alice", "b", Ping(1), 1),
        (10_000, "deliver", "b", "alice", Ping(1), 1),
        (20_000, "drop", "b", "alice", (Ping(2), "lost"), 2),
        (20_000, "timer", "b", "tick", 5_000, None),
        (20_000, "write", "b", "log", {"y", "x"}, "append"),
        (20_000, "write", "b", "k", None, None),
        (20_000, "force", "b", None, None, None),
        (20_000, "crash", "b", None, None, None),
        (20_000, "recover", "b", None, "wiped", None),
        (20_000, "fact", "b", None, Did(Colour.RED), None),
        (20_000, "call", "b", None, ("put", 1), 3),
        (1_500_000, "return", "b", None, (("put", 1), True), 3),
        (1_500_000, "fault", "", None, Cut("a", "b", at=1.5), None),
    ]
    assert str(Trace(records)).splitlines() == [
        "0.000000  alice  send     -> b      Ping(number=1)",
        "0.010000  b      deliver  <- alice  Ping(number=1)",
        "0.020000  b      drop     <- alice  Ping(number=2)  (lost)",
        "0.020000  b      timer    tick      set at 0.005000",
        "0.020000  b      write    log       += {'x', 'y'}",
        "0.020000  b      write    k         None",
        "0.020000  b      force",
        "0.020000  b      crash",
        "0.020000  b      recover            disk wiped",
        "0.020000  b      fact               Did(what=Colour.RED)",
        "0.020000  b      call               ('put', 1)",
        "1.500000  b      return             ('put', 1) = True",
        "1.500000         fault              Cut(sender='a', receiver='b', at=1.5)",
    ]
    assert str(Trace(records)[1]) == "0.010000  b  deliver  <- alice  Ping(number=1)"
    assert repr(Trace(records)) == "<Trace of 13 events at alice, b, until 1.5 s>"
    assert str(Trace([])) == ""


# --------------------------------------------------------------------------------- JSON


def test_json_gives_the_trace_back():
    text = TRACE.to_json()
    back = Trace.from_json(text, TYPES)
    assert back == TRACE
    assert list(back) == list(TRACE)
    assert str(back) == str(TRACE)
    assert back.to_json() == text
    assert json.loads(text)["version"] == 1


def test_a_part_of_a_trace_as_json():
    part = TRACE[20:40]
    assert Trace.from_json(part.to_json(), TYPES).records == part.records


def test_json_tells_values_apart():
    def act(self):
        for value in (
            1,
            1.0,
            True,
            None,
            "1",
            b"1",
            (1,),
            [1],
            {1: "1"},
            Colour.RED,
            float("inf"),
            Ping(1),
        ):
            self.record(Did(Parcel(value, Colour.BLUE)))

    _, trace = run_alone(act)
    back = Trace.from_json(trace.to_json(), TYPES)
    assert back == trace
    assert [type(event.what.what.content) for event in back] == [
        type(event.what.what.content) for event in trace
    ]


def test_traces_schedules_and_findings_travel_between_processes():
    (finding,) = judge(TRACE, [Property("calm", calm, kinds=("crash",))])
    for thing in (TRACE, TRACE[5:9], Schedule(FAULTS), finding):
        assert pickle.loads(pickle.dumps(thing)) == thing


def calm(trace):
    return "crashed" if trace.where(kind="crash") else None


def test_a_message_may_be_called_like_a_fault():
    mine = make_dataclass("Heal", ["who"], frozen=True)
    trace = Trace(
        [
            (0, "fact", "a", None, mine("x"), None),
            (0, "fault", "", None, Heal(at=2.0), None),
        ]
    )
    back = Trace.from_json(trace.to_json(), [mine])
    assert [type(event.what) for event in back] == [mine, Heal]
    assert back == trace


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "this text is no trace: it is none of version 1"),
        ('{"version": 2}', "this text is no trace: it is none of version 1"),
        (
            TRACE.to_json().replace("Ping", "Bing"),
            "Bing is not among the types given: Colour, Did, Parcel, Ping, Pong",
        ),
        ("{", "Expecting property name"),
    ],
)
def test_text_that_is_no_trace(text, message):
    with pytest.raises(ValueError, match=message):
        Trace.from_json(text, TYPES)


# --------------------------------------------------------------------------- properties


def facts(*values):
    """A trace with a fact at every second event."""
    records = []
    for value in values:
        records += [
            (len(records) * 1000, "force", "a", None, None, None),
            (len(records) * 1000, "fact", "a", None, Did(value), None),
        ]
    return Trace(records)


def rule(limit, calls=None):
    def check(trace):
        if calls is not None:
            calls.append(len(trace))
        found = [fact.what.what for fact in trace.facts() if fact.what.what > limit]
        return f"{found[0]} is above {limit}" if found else None

    return check


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 9))
def test_the_first_violating_event_is_named(values, limit):
    calls = []
    trace = facts(*values)
    (finding,) = judge(trace, [Property("small", rule(limit, calls))])
    first = next((index for index, value in enumerate(values) if value > limit), None)
    if first is None:
        assert finding
        assert (finding.verdict, finding.reason, finding.event, finding.trace) == (
            "holds",
            "",
            None,
            trace,
        )
    else:
        assert not finding
        assert finding.verdict == "violated"
        assert finding.event == trace[2 * first + 1]
        assert finding.reason == f"{values[first]} is above {limit}"
        assert finding.trace == trace[: 2 * first + 2]
    assert len(calls) <= 3 + len(values).bit_length()
    assert finding.bound == f"one run of {len(trace)} events, {trace.end:g} s"


def small(limit):
    """The same property as `rule(limit)`, as a monitor."""

    def step(seen, event):
        if event.what.what > limit:
            return Broken(f"{event.what.what} is above {limit}")
        return seen + 1

    return monitor("small", 0, step)


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 9), st.integers(0, 9))
def test_a_monitor_finds_what_a_rule_finds(values, limit, cut):
    for trace in (facts(*values), facts(*values)[cut:]):
        for prefix in (trace, trace[: len(trace) // 2]):
            assert judge(prefix, [small(limit)]) == judge(
                prefix, [Property("small", rule(limit))]
            )
            assert small(limit).rule(prefix) == rule(limit)(prefix)


@pytest.mark.parametrize("kept", [True, False])
def test_a_cluster_stops_where_a_monitor_breaks_and_takes_in_each_event_once(kept):
    seen = []

    def step(memory, event):
        seen.append(event.index)
        return Broken("three") if memory == 2 else memory + 1

    def act(self):
        for number in range(9):
            self.record(Did(number))
            self.send("a", Ping(number))

    third = monitor("at most two", 0, step)
    cluster = Cluster({"a": acting(act)}, trace=kept)
    trace = cluster.run(properties=[third, Property("never", lambda trace: None)])
    assert cluster.violation.name == "at most two"
    assert cluster.violation.event.what == Did(2)
    assert cluster.violation.event == trace.facts()[2]
    assert seen[:3] == [event.index for event in trace.facts()[:3]]
    again = Cluster({"a": acting(act)})
    again.run(until=0)
    again.run(properties=[small(4)])
    assert again.violation is None, (
        "the facts were recorded before, and nothing has happened since"
    )


def test_properties_travel_between_processes():
    for prop in PROPERTIES:
        assert pickle.loads(pickle.dumps(prop)).name == prop.name


def test_several_properties_are_judged_in_their_order():
    found = judge(
        facts(5, 7),
        [
            Property("six", rule(6)),
            Property("nine", rule(9)),
            Property("four", rule(4)),
        ],
    )
    assert [(finding.name, finding.verdict) for finding in found] == [
        ("six", "violated"),
        ("nine", "holds"),
        ("four", "violated"),
    ]
    assert (
        str(found[0])
        == "six: violated at event 3, 0.002 s: 7 is above 6 (one run of 4 events,"
        " 0.002 s)"
    )
    assert (
        str(found[1]) == repr(found[1]) == "nine: holds (one run of 4 events, 0.002 s)"
    )


def test_unknown_and_liveness():
    (finding,) = judge(facts(1), [Property("done", lambda trace: Unknown("too short"))])
    assert (finding.verdict, finding.reason, bool(finding)) == (
        "unknown",
        "too short",
        False,
    )
    trace = facts(1, 2)
    (finding,) = judge(
        trace, [Property("done", lambda trace: "not yet", liveness=True)]
    )
    assert (finding.verdict, finding.event, finding.trace) == ("violated", None, trace)
    assert isinstance(finding, Finding)


def test_unknown_at_first_is_no_violation():
    def late(trace):
        if len(trace.facts()) < 3:
            return Unknown("too short")
        return rule(4)(trace)

    (finding,) = judge(facts(9, 1, 1, 1), [Property("small", late)])
    assert finding.event.index == 5
    assert judge(facts(), [Property("small", late)])[0].event is None


def test_a_property_that_looks_at_other_kinds():
    (finding,) = judge(TRACE, [Property("calm", calm, kinds=("crash",))])
    assert finding.event == TRACE.where(kind="crash")[0]
    with pytest.raises(
        ValueError,
        match="'calm' looks at events of kind 'facts': choose from send, deliver",
    ):
        Property("calm", rule(1), kinds=("facts",))
    with pytest.raises(ValueError, match="'calm' looks at events of kind 'f'"):
        Property("calm", rule(1), kinds="fact")
