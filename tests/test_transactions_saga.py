"""Sagas: forwards and backwards, through crashes, losses, copies and late messages; and
what they do not promise.
"""

from functools import partial

import pytest
from commits import crash
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ftlib.analysis.commit import message_delays
from ftlib.checking import ClusterModel, explore
from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Exponential,
    Lose,
    Network,
    Node,
    Point,
    Recover,
    Schedule,
    Trace,
    Uniform,
    judge,
)
from ftlib.transactions import saga_mutants as mutants
from ftlib.transactions.reader import Reader, whole_reads
from ftlib.transactions.saga import (
    AGENCY,
    MESSAGES,
    Book,
    Booked,
    Cancel,
    Cancelled,
    Full,
    Orchestrator,
    Participant,
    Progress,
    Saga,
    trip,
)
from ftlib.transactions.saga_mutants import (
    BREAKS,
    SHOWN_BY,
    AlwaysCompensates,
    GivesUp,
    mutated,
)
from ftlib.transactions.saga_properties import (
    FACTS,
    PROPERTIES,
    Began,
    Compensated,
    Done,
    Ended,
    Holds,
    Refused,
    termination,
    within_places,
)

UNTIL = 12.0
ALL = (*PROPERTIES, termination(3.0, UNTIL))


def run(nodes, faults=(), until=UNTIL, **options) -> Trace:
    return Cluster(
        trip(nodes) if isinstance(nodes, str) else nodes, faults=faults, **options
    ).run(until=until)


def broken(trace: Trace, properties=ALL) -> set[str]:
    """Name what is violated; "audit" if the disks are wrong."""
    names = {
        finding.name
        for finding in judge(trace, properties)
        if finding.verdict == "violated"
    }
    return names | ({"audit"} if audit(trace) else set())


def ended(trace, saga="s1") -> set[str]:
    return {
        event.what.outcome for event in trace.facts(Ended) if event.what.saga == saga
    }


def told(trace, kinds=(Done, Refused, Compensated)) -> list[str]:
    return [
        f"{event.node} {type(event.what).__name__} {event.what.step}"
        for event in trace.facts(kinds)
    ]


def audit(trace: Trace) -> str | None:
    """Replay writes, forces and crashes: on every disk, at any time, the steps done
    account for the places that are gone.
    """
    disks, buffers = (
        {node: {} for node in trace.nodes},
        {node: [] for node in trace.nodes},
    )
    opening: dict[str, int] = {}
    for event in trace.where(kind=("write", "force", "crash")):
        disk, buffer = disks[event.node], buffers[event.node]
        if event.kind == "write":
            buffer.append((event.other, event.what))
            continue
        disk.update(buffer if event.kind == "force" else ())
        buffer.clear()
        if "free" in disk:
            gone = opening.setdefault(event.node, disk["free"]) - disk["free"]
            taken = sum(status == "done" for status in disk.values())
            if gone != taken:
                return f"at {event.node} {gone} places are gone, and {taken} are taken"
    return None


# Without faults


def test_forwards():
    trace = run("yyy")
    assert [
        f"{event.node} {type(event.what).__name__}"
        for event in trace.where(kind="send")
    ] == [
        *(
            "agency Book",
            "flight Booked",
            "agency Book",
            "hotel Booked",
            "agency Book",
            "car Booked",
        ),
    ]
    assert told(trace) == ["flight Done 1", "hotel Done 2", "car Done 3"]
    assert ended(trace) == {"commit"}
    assert not trace.where(kind="timer")
    assert not broken(trace)


@pytest.mark.parametrize(
    ("answers", "facts"),
    [
        ("n", ["flight Refused 1"]),
        ("yn", ["flight Done 1", "hotel Refused 2", "flight Compensated 1"]),
        (
            "yyny",
            [
                "flight Done 1",
                "hotel Done 2",
                "car Refused 3",
                "hotel Compensated 2",
                "flight Compensated 1",
            ],
        ),
        ("ys", ["flight Done 1", "flight Compensated 1"]),
        ("s", []),
    ],
)
def test_backwards(answers, facts):
    trace = Cluster(trip(answers)).run()
    assert told(trace) == facts
    assert ended(trace) == {"abort"}
    assert not broken(trace)


def forces(trace) -> tuple[int, int]:
    """Count the forced writes of the agency, and of all others, less the first that
    each of these makes when it opens.
    """
    everywhere, here = (
        len(trace.where(kind="force")),
        len(trace.where(kind="force", node=AGENCY)),
    )
    return here, everywhere - here - (len(trace.nodes) - 1)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_what_it_costs(n):
    trace = Cluster(trip("y" * n)).run()
    assert sum(trace.counts().values()) == 2 * n
    assert trace.end == pytest.approx(2 * n * 0.01)  # one message after another
    assert forces(trace) == (n + 1, n)
    assert message_delays(trace) == 0  # it is no atomic commit: nobody decides


@pytest.mark.parametrize("k", [1, 2, 5])
def test_what_turning_back_costs(k):
    trace = Cluster(trip("y" * (k - 1) + "n")).run()
    assert sum(trace.counts().values()) == 4 * k - 2
    assert forces(trace) == (k + 1, 2 * k - 1)


def test_sagas_begin_when_they_are_due_and_may_ask_somebody_twice():
    sagas = (
        Saga("s1", ("flight", "hotel", "flight"), at=0.5),
        Saga("s2", ("hotel",), at=0.25),
        Saga("s 3", ("car",)),
    )
    trace = run(trip("yyy", sagas))
    assert [(event.time, event.what.saga) for event in trace.facts(Began)] == [
        (0.0, "s 3"),
        (0.25, "s2"),
        (0.5, "s1"),
    ]
    assert ended(trace, "s1") == ended(trace, "s2") == ended(trace, "s 3") == {"commit"}
    assert told(trace)[-3:] == ["flight Done 1", "hotel Done 2", "flight Done 3"]
    assert not broken(trace)


def test_the_last_place():
    """Two sagas want it, from both ends: whichever comes second is turned back."""
    sagas = (Saga("s1", ("flight", "hotel")), Saga("s2", ("hotel", "flight")))
    trace = run(trip("yy", sagas, places=1))
    assert (
        ended(trace, "s1") == ended(trace, "s2") == {"abort"}
    )  # neither waits for the other: no deadlock, and no winner
    assert not broken(trace, PROPERTIES)
    later = (sagas[0], Saga("s2", ("hotel", "flight"), at=1.0))
    trace = run(trip("yy", later, places=1))
    assert (ended(trace, "s1"), ended(trace, "s2")) == ({"commit"}, {"abort"})


# Silence


def test_it_asks_again_and_nothing_is_done_twice():
    trace = run("yy", [Lose("Booked", sender="hotel")])
    assert told(trace) == ["flight Done 1", "hotel Done 2"]
    assert len(trace.where(kind="send", what=Booked, node="hotel")) == 2
    assert ended(trace) == {"commit"}
    assert not broken(trace)


def test_a_step_that_is_given_up_is_compensated_too():
    trace = run("yy", [Lose("Booked", sender="hotel", nth=None)])
    assert told(trace) == [
        "flight Done 1",
        "hotel Done 2",
        "hotel Compensated 2",
        "flight Compensated 1",
    ]
    assert ended(trace) == {"abort"}


def test_a_compensation_that_overtakes_its_step_leaves_a_tombstone():
    _, late, _ = SHOWN_BY[mutants.LeavesNoTombstone]
    trace = run("yy", late)
    assert told(trace) == ["flight Done 1", "flight Compensated 1"]
    assert [type(event.what) for event in trace.where(kind="send", node="hotel")] == [
        Cancelled,
        Full,
        Full,
    ]
    assert ended(trace) == {"abort"}
    assert not broken(trace)


def test_a_compensation_is_never_given_up():
    faults = [Crash("flight", at=0.025)]
    trace = run("yn", faults)
    assert ended(trace) == set()
    assert len(trace.where(kind="send", what=Cancel)) > 100
    assert judge(trace, [ALL[-1]])[0].verdict == "unknown"
    trace = run("yn", [*faults, Recover("flight", at=8.0)])
    assert ended(trace) == {"abort"}
    assert not broken(trace)


def test_a_refusal_is_for_good():
    """A second copy of the question comes when there is a place again: too late."""
    sagas = (Saga("s1", ("hotel", "flight")), Saga("s2", ("hotel",), at=0.005))
    nodes = trip("ny", sagas, places=1)
    trace = run(nodes, [Duplicate("Book", receiver="hotel", nth=2, later=1.0)])
    assert told(trace) == [
        "hotel Done 1",
        "hotel Refused 1",
        "flight Refused 2",
        "hotel Compensated 1",
    ]
    assert ended(trace, "s2") == {"abort"}
    assert not broken(trace, PROPERTIES)
    lightly = trip("ny", sagas, places=1, participant=RefusesLightly)
    assert broken(
        run(lightly, [Duplicate("Book", receiver="hotel", nth=2, later=1.0)]),
        PROPERTIES,
    ) == {"all or compensated"}


class RefusesLightly(Participant):
    """Keeps no record of having refused."""

    def execute(self, saga, step):
        if self.free():
            super().execute(saga, step)
        else:
            self.record(Refused(saga, step))


# Recovery


def test_the_agency_goes_on_where_its_log_says():
    trace = run(
        "yyy",
        [
            Crash(AGENCY, at=Point(AGENCY, "send", "Book", nth=2)),
            Recover(AGENCY, at=1.0),
        ],
    )
    assert [event.what for event in trace.where(kind="send", what=Book, since=0.5)] == [
        Book("s1", 2),
        Book("s1", 3),
    ]
    assert ended(trace) == {"commit"}
    trace = run(
        "yyn",
        [Crash(AGENCY, at=Point(AGENCY, "send", "Cancel")), Recover(AGENCY, at=1.0)],
    )
    assert [
        event.what for event in trace.where(kind="send", what=Cancel, since=0.5)
    ] == [Cancel("s1", 2), Cancel("s1", 1)]
    assert ended(trace) == {"abort"}


def test_what_has_ended_is_said_again_and_nothing_else():
    trace = run(
        "yy",
        [
            Crash(AGENCY, at=1.0),
            Recover(AGENCY, at=2.0),
            Crash("hotel", at=1.0),
            Recover("hotel", at=2.0),
        ],
    )
    again = [event.what for event in trace.facts() if event.time >= 2.0]
    assert again == [
        Began("s1", ("flight", "hotel")),
        Ended("s1", "commit"),
        Holds((("s1", 2),)),
    ]
    assert not [event for event in trace.where(kind="send") if event.time >= 2.0]


def test_a_saga_that_had_not_begun_is_begun_after_a_recovery():
    nodes = trip("yy", (Saga("s1", ("flight", "hotel"), at=0.5),))
    trace = run(nodes, [Crash(AGENCY, at=0.2), Recover(AGENCY, at=1.0)])
    assert ended(trace) == {"commit"}
    assert trace.facts(Began)[0].time == 1.5


# Isolation: what is not promised, and the one thing that is


class Overbooks(Participant):
    """Sells to whoever asks: somebody will give a place back."""

    def execute(self, saga, step):
        self.write(saga, step, "done", self.free() - 1)
        self.record(Done(saga, step))


class TrustsItsCount(Participant):
    """Recovers without a look at whether its free places are what its steps say."""

    def redo(self):
        pass


WANT = (Saga("s1", ("flight", "hotel")), Saga("s2", ("hotel", "flight")))


def last_place(participant=Participant, **bound):
    """Explore two sagas that want the last place at both ends."""
    nodes = trip("yy", WANT, places=1, participant=participant)
    promises = (*PROPERTIES, within_places(1))
    return explore(ClusterModel(nodes, promises, **bound), max_states=100_000)


SYNCHRONOUS = {"network": "multiset", "timers": "synchronous"}
CRASH = {"crashes": 1, "recoveries": 1, **SYNCHRONOUS}


@pytest.mark.parametrize(
    ("mutant", "bound"),
    [
        (Overbooks, SYNCHRONOUS),
        pytest.param(
            TrustsItsCount, {"survivors": True, **CRASH}, marks=pytest.mark.slow
        ),
    ],
)
def test_nobody_sells_more_places_than_there_are(mutant, bound):
    assert last_place(**bound)
    assert set(last_place(mutant, **bound).violations) == {"within places"}


def test_a_count_that_is_forced_with_its_step_or_lost_with_it_needs_no_redo():
    assert last_place(TrustsItsCount, **CRASH)


def test_what_stands_and_what_is_sold_is_counted_by_participant():
    def facts(*events):
        return Trace([(0, "fact", node, None, fact, None) for node, fact in events])

    one, other = ("flight", Done("s1", 1)), ("flight", Done("s2", 2))
    freed = ("flight", Compensated("s1", 1))
    sold = "flight has sold 2 places, and has 1"
    for events, reason in (
        ((one, freed, other), ""),
        ((one, ("hotel", Done("s2", 1))), ""),
        ((one, other), sold),
        ((one, ("flight", Holds(())), other), ""),
        ((("flight", Holds((("s1", 1), ("s2", 2)))),), sold),
    ):
        (found,) = judge(facts(*events), [within_places(1)])
        assert found.reason == reason


def test_a_reader_sees_what_is_taken_back_later():
    """Nothing fails, and the saga leaves no trace; but in between a place was gone."""
    places = (("flight", "places"), ("hotel", "places"))
    for at, seen in ((0.015, 9), (0.5, 10)):
        trace = run(trip("yyn") | {"reader": partial(Reader, places, at)})
        assert [event.what[1] for event in trace.where(kind="return")] == [seen]
        assert not broken(trace)
        assert judge(trace, [whole_reads(10)])[0].verdict == (
            "holds" if seen == 10 else "violated"
        )


def test_a_saga_that_is_turned_back_may_cost_another_its_place():
    """s1 takes the last place, s2 is refused, s1 gives it back: with locks s2 would
    have had it.
    """
    sagas = (Saga("s1", ("hotel", "flight")), Saga("s2", ("hotel",), at=0.005))
    trace = run(trip("ny", sagas, places=1))
    assert ended(trace, "s1") == ended(trace, "s2") == {"abort"}


# In the simulator: every single fault, and many at once


@pytest.mark.parametrize(
    "answers",
    [
        *("y", "n", "yn", "ys"),
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in ("yy", "yyn", "yyy", "ysy")
        ),
    ],
)
def test_every_single_fault(answers):
    nodes = trip(answers)
    number = 0
    for number, schedule in enumerate(single_faults_of(nodes), 1):  # noqa: B007 - counts
        assert not broken(run(nodes, schedule)), schedule
    assert number > 30


def single_faults_of(nodes):
    for node in nodes:
        for after in range(40):
            yield Schedule(crash(node, after, 0.15))
            yield Schedule(crash(node, after, 1.0))
            if not run(nodes, crash(node, after, None)).where(kind="crash"):
                break
    for name, count in run(nodes).counts().items():
        for nth in range(1, count + 1):
            yield Schedule([Lose(name, nth=nth)])
            yield from (
                Schedule([Duplicate(name, nth=nth, later=later)])
                for later in (0.0, 0.03, 0.3, 6.0)
            )


@st.composite
def worlds(draw, orchestrator=Orchestrator, participant=Participant) -> Cluster:
    """A cluster in which messages are lost, doubled and late, and nodes crash and come
    back.
    """
    answers = draw(st.sampled_from(["yy", "yyy", "yyn", "yys", "yny"]))
    stops = tuple(trip(answers))[1:]
    orders = draw(st.lists(st.permutations(stops), min_size=1, max_size=2))
    sagas = tuple(
        Saga(f"s{k}", tuple(order), draw(st.sampled_from([0.0, 0.015, 0.3])))
        for k, order in enumerate(orders)
    )
    nodes = trip(answers, sagas, orchestrator=orchestrator, participant=participant)
    faults: list = []
    for node in draw(st.lists(st.sampled_from(list(nodes)), max_size=3, unique=True)):
        event = draw(
            st.sampled_from(["deliver", "force", "send", "write", "timer", "fact"])
        )
        at = Point(node, event, nth=draw(st.integers(1, 6)))
        later = draw(st.sampled_from([0.05, 0.25, 1.0]))
        faults += [
            Crash(node, at=at, after=draw(st.integers(0, 5))),
            Recover(node, at=Point(node, "crash", later=later)),
        ]
    for _ in range(draw(st.integers(0, 3))):
        name, nth = (
            draw(st.sampled_from([None, "Book", "Booked", "Cancel", "Cancelled"])),
            draw(st.integers(1, 6)),
        )
        faults.append(
            draw(
                st.sampled_from(
                    [Lose(name, nth=nth), Duplicate(name, nth=nth, later=0.3)]
                )
            )
        )
    latency = draw(st.sampled_from([0.01, Uniform(0.001, 0.3), Exponential(0.1)]))
    network = Network(
        latency=latency,
        loss=draw(st.sampled_from([0.0, 0.1])),
        duplicate=draw(st.sampled_from([0.0, 0.2])),
    )
    return Cluster(nodes, network=network, faults=faults, seed=draw(st.integers(0, 9)))


@pytest.mark.slow
def test_random_schedules():
    @settings(
        max_examples=250,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(worlds())
    def check(cluster):
        trace = cluster.run(until=30.0)
        assert not broken(trace, PROPERTIES), cluster.faults
        began, finished = (
            {event.what.saga for event in trace.facts(kind)} for kind in (Began, Ended)
        )
        assert began == finished, cluster.faults

    check()


@pytest.mark.parametrize(
    "mutant",
    [
        mutants.CompensatesWhatItKnows,
        mutants.CompensatesTwice,
        mutants.LeavesNoTombstone,
        mutants.ExecutesTwice,
    ],
)
def test_the_same_search_finds_mutants(mutant):
    kind = "orchestrator" if issubclass(mutant, Orchestrator) else "participant"

    @settings(
        max_examples=300,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
        report_multiple_bugs=False,
    )
    @given(worlds(**{kind: mutant}))
    def check(cluster):
        assert BREAKS[mutant] not in broken(cluster.run(until=30.0), PROPERTIES)

    with pytest.raises(AssertionError):
        check()


# Every run: lost, doubled and late messages, and timers that fire when they like


EXPLORED = [
    *(("yy", 0, 48), ("yn", 0, 44), ("yyy", 0, 112), ("yyn", 0, 108)),
    *(("yy", 1, 393), ("yn", 1, 349), ("yyn", 1, 1116), ("yy", 2, 1439)),
]


@pytest.mark.parametrize(("answers", "crashes", "states"), EXPLORED)
def test_free_timers_and_crashes(answers, crashes, states):
    """No time-out has to be right; and while nobody has crashed, the saga can still end
    from everywhere.
    """
    model = ClusterModel(
        trip(answers),
        PROPERTIES,
        crashes=crashes,
        recoveries=crashes,
        keep=() if crashes else (Ended,),
    )

    found = explore(
        model,
        can_reach=(
            {"end": lambda state: bool(model.facts(state))} if not crashes else {}
        ),
    )
    assert found
    assert found.states == states


@pytest.mark.parametrize(("answers", "crashes"), [("yy", 2), ("yyn", 1)])
def test_a_crash_may_leave_what_was_not_forced(answers, crashes):
    bound = {"crashes": crashes, "recoveries": crashes, "survivors": True}
    assert explore(ClusterModel(trip(answers), PROPERTIES, **bound))


@pytest.mark.slow
def test_two_sagas_and_the_last_place_in_every_run():
    found = last_place()
    assert found
    assert found.states > 5000


# Mutants

SHOWN = list(SHOWN_BY.items())


def test_every_mutant_is_shown():
    assert {
        name for name in mutants.__all__ if isinstance(getattr(mutants, name), type)
    } == {each.__name__ for each in SHOWN_BY}
    assert {each: name for each, (_, _, name) in SHOWN_BY.items()} == BREAKS
    assert set(BREAKS.values()) == {prop.name for prop in PROPERTIES}


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_the_property_that_is_named(mutant, shown):
    answers, faults, name = shown
    cluster = Cluster(mutated(mutant, answers), faults=faults)
    cluster.run(until=UNTIL, properties=PROPERTIES)
    assert cluster.violation.name == name
    assert Schedule.from_text(repr(faults)) == faults


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_the_protocol_keeps_everything_under_the_same_schedule(mutant, shown):
    answers, faults, _ = shown
    assert not broken(run(answers, faults))


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    answers, faults, name = shown
    for left_out in faults:
        fewer = [fault for fault in faults if fault is not left_out]
        if isinstance(left_out, Crash):  # nor its recovery then
            fewer = [
                fault
                for fault in fewer
                if not (isinstance(fault, Recover) and fault.node == left_out.node)
            ]
        assert name not in broken(run(mutated(mutant, answers), fewer), PROPERTIES)


@pytest.mark.parametrize(
    "mutant", [mutant for mutant in SHOWN_BY if mutant is not AlwaysCompensates]
)
def test_a_mutant_passes_for_correct_while_nothing_fails_and_all_agree(mutant):
    trace = run(mutated(mutant, "yyy"))
    assert not broken(trace, ALL)
    assert ended(trace) == {"commit"}


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_exploring_finds_every_mutant(mutant, shown):
    answers, faults, name = shown
    crashes = sum(isinstance(fault, Crash) for fault in faults)
    model = ClusterModel(
        mutated(mutant, answers), PROPERTIES, crashes=crashes, recoveries=crashes
    )
    assert name in explore(model, timeout=30).violations


def test_mutated_takes_nothing_else():
    with pytest.raises(TypeError, match="neither an Orchestrator nor a Participant"):
        mutated(Node)


# Strangers, data, and what is refused


class Stranger(Node):
    """Says one thing to the agency, again and again."""

    MESSAGES = MESSAGES

    def __init__(self, message=None):
        self.message = message

    def on_start(self):
        for step in range(30):
            self.set_timer(str(step), 0.001 + step / 200)

    def on_timer(self, name):
        self.send(AGENCY, self.message)


@pytest.mark.parametrize(
    "message",
    [
        Booked("s1", 2),
        Booked("s1", 3),
        Full("s1", 1),
        Cancelled("s1", 0),
        Booked("s9", 1),
        Cancelled("s1", 1),
        Booked("s1", -1),
    ],
)
@pytest.mark.parametrize("answers", ["yy", "yn"])
def test_strangers_do_not_count(answers, message):
    trace = run(trip(answers) | {"x": partial(Stranger, message)})
    assert ended(trace) == {"commit" if answers == "yy" else "abort"}
    assert not broken(trace, PROPERTIES[:3])


def test_a_trace_survives_json():
    trace = run("yyn", [Crash("hotel", at=1.0), Recover("hotel", at=2.0)])
    assert Trace.from_json(trace.to_json(), [*MESSAGES, *FACTS, Progress]) == trace


def test_bad_input():
    with pytest.raises(ValueError, match="has no step"):
        Saga("s1", ())
    with pytest.raises(ValueError, match="same name"):
        Orchestrator((Saga("s1", ("flight",)), Saga("s1", ("hotel",))))
    with pytest.raises(ValueError, match="tries is 0"):
        Orchestrator(tries=0)
    with pytest.raises(ValueError, match="choose 'yes', 'no' or 'silent'"):
        Participant(answer="maybe")
    with pytest.raises(ValueError, match="places is -1"):
        Participant(-1)
    for answers in ("", "yx", "yyyyyy"):
        with pytest.raises(ValueError, match="give one to 5 of the letters y, n, s"):
            trip(answers)


def test_a_run_that_shows_too_little_is_unknown():
    assert judge(run(trip("yy", ())), ALL)[-1].verdict == "unknown"
    soon = run(
        mutated(GivesUp, "ys"),
        [Crash("hotel", at=0.02), Recover("hotel", at=0.15)],
        until=0.2,
    )
    assert judge(soon, [termination(3.0, 0.2)])[0].verdict == "unknown"
    stuck = run("yn", [Lose("Cancel", nth=None)])
    assert "termination" not in broken(stuck)  # faults went on
    assert broken(run(mutated(NeverEnds, "yy"))) == {"termination"}


class NeverEnds(Orchestrator):
    """Waits for every answer for ever, and does not listen."""

    def on_message(self, sender, message):
        pass

    def silence(self, name):
        pass
