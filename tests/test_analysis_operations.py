"""What operations cost: formulas and traces, and the time that follows from both."""

import pytest

from ftlib.analysis.costs import CostTable
from ftlib.analysis.operations import COSTS, operation_costs, replication_costs
from ftlib.analysis.storage import count_stored, values_stored
from ftlib.replication.mode import Mode
from ftlib.replication.quorum import AtomicClient, RegularClient, registers
from ftlib.replication.replicas import replicas
from ftlib.services import service
from ftlib.simulation import Cluster, Crash, Lose, Network, Recover

WANTED = [("put", "x", 1), ("get", "x"), ("put", "x", 2), ("get", "x")]


def groups(n):
    yield "one", service(WANTED)
    for k in range(n):
        yield f"mode {k}", replicas([WANTED], Mode(k, n - 1))
        yield f"mode {k}, local", replicas([WANTED], Mode(k, n - 1), ("get",))
    for client in (RegularClient, AtomicClient):
        yield (
            f"{client.__name__}",
            registers(
                WANTED, nodes=n, read=n // 2 + 1, write=n // 2 + 1, client=client
            ),
        )


@pytest.mark.parametrize(
    ("name", "group"), [(f"{n}: {name}", g) for n in (2, 3, 5) for name, g in groups(n)]
)
@pytest.mark.parametrize(("latency", "force"), [(0.003, 0.0), (0.001, 0.002)])
def test_an_operation_takes_the_time_of_what_it_waits_for(name, group, latency, force):
    """The clock knows nothing of causes, and says the same."""
    trace = Cluster(
        group, network=Network(latency=latency), disk_latency=force, seed=7
    ).run(until=0.09)
    called = [event.time for event in trace.where(kind="call")]
    returned = [event.time for event in trace.where(kind="return")]
    costs = operation_costs(trace)
    assert len(costs) == len(called) == len(returned) == len(WANTED)
    for start, end, cost in zip(called, returned, costs, strict=True):
        assert end - start == pytest.approx(cost.delays * latency + cost.waits * force)


@pytest.mark.parametrize("nodes", range(2, 9))
def test_formulas_and_traces_agree(nodes):
    for copies in (1, nodes - 1):
        table = replication_costs(nodes, copies)
        assert all(row.agree for row in table.rows)
        assert {row.cost for row in table.rows} == set(COSTS)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_all_messages_are_somebodys(n):
    """Where there are no heartbeats nothing is left over."""
    for group in (
        service(WANTED),
        registers(WANTED, nodes=n, read=1, write=n, client=RegularClient),
        registers(WANTED, nodes=n, read=n, write=1),
    ):
        trace = Cluster(group).run()
        costs = operation_costs(trace)
        assert sum(cost.messages for cost in costs) == len(trace.where(kind="send"))
        before_calls = len(WANTED)  # each client forces the number of its operation
        assert sum(cost.forces for cost in costs) + before_calls == len(
            trace.where(kind="force")
        )


def test_late_acknowledgements_count_for_the_operation_that_caused_them():
    cost, *_ = operation_costs(
        Cluster(replicas([WANTED[:1]], Mode(0, 2)), network=Network(0.001)).run(
            until=0.02
        )
    )
    assert (cost.messages, cost.delays, cost.forces, cost.waits) == (6, 2, 3, 1)


def test_two_clients_pay_each_for_its_own():
    trace = Cluster(service([("put", "x", 1)], [("put", "y", 1), ("get", "y")])).run()
    costs = operation_costs(trace)
    assert sorted((cost.node, cost.operation[0]) for cost in costs) == [
        ("c1", "put"),
        ("c2", "get"),
        ("c2", "put"),
    ]
    assert all(
        (cost.messages, cost.delays, cost.forces, cost.waits) == (2, 2, 1, 1)
        for cost in costs
    )


def test_what_was_sent_again_belongs_to_nobody():
    lost = Cluster(service([("put", "x", 1)]), faults=[Lose("Reply")]).run(until=1)
    (cost,) = operation_costs(lost)
    assert (cost.messages, cost.delays, cost.forces, cost.waits) == (2, None, 1, None)


def test_what_another_operation_set_going_is_no_chain_of_its_own():
    """The acknowledgement of the second write is the first's, too: its own is lost."""
    group = replicas([[("put", "x", 1)], [("put", "y", 2)]], Mode(1, 1))
    trace = Cluster(
        group, network=Network(latency=0.001), faults=[Lose("Ack", nth=1)]
    ).run(until=0.02)
    assert len(trace.where(kind="return")) == 2
    first, second = operation_costs(trace)
    assert (first.node, first.delays, first.waits) == ("c1", None, None)
    assert (second.node, second.delays, second.waits) == ("c2", 6, 2)


def test_what_never_returned():
    crashed = Cluster(
        service([("put", "x", 1), ("get", "x")]),
        faults=[Crash("c1", at=0.001), Recover("c1", at=0.005)],
    ).run()
    first, second = operation_costs(crashed)
    assert (first.messages, first.delays, first.forces) == (2, None, 1)
    assert (second.messages, second.delays) == (2, 2)
    assert operation_costs(Cluster(service([])).run()) == ()


@pytest.mark.parametrize(
    ("nodes", "copies", "words"),
    [
        (1, 1, "nodes=1: a whole number, at least 2"),
        (21, 1, "nodes=21: at most 20"),
        (3.0, 1, "nodes=3.0"),
        (3, 0, "copies=0: a whole number, at least 1"),
        (3, 3, "copies=3: of 2 replicas, 1 to 2 can acknowledge"),
    ],
)
def test_no_such_table(nodes, copies, words):
    with pytest.raises(ValueError, match=words):
        replication_costs(nodes, copies)


def test_the_table_in_html():
    html = replication_costs(3)._repr_html_()
    assert "N = 3 nodes, n = 2 of them replicas</caption>" in html
    assert html.count("<tr>") == 1 + len(COSTS) + 10 * len(COSTS)
    assert "(–)" not in html, "no source is not said"
    assert "&lt;b&gt;" in CostTable("<b>", ())._repr_html_()


# Storage ------------------------------------------------------------------------------


@pytest.mark.parametrize(("values", "nodes"), [(0, 1), (1, 3), (20, 3), (7, 5)])
def test_stored_is_values_times_copies(values, nodes):
    """Registers keep a copy on every node: the article's S = K x N."""
    wanted = [("put", f"key {number}", number) for number in range(values)]
    trace = Cluster(registers(wanted, nodes=nodes, read=1, write=nodes)).run()
    assert count_stored(trace, "row ") == values_stored(values, nodes, nodes)


def test_one_copy_is_missing_where_a_node_was_down():
    wanted = [("put", "x", 1), ("put", "y", 1)]
    trace = Cluster(registers(wanted, nodes=3), faults=[Crash("n3", at=0)]).run(until=1)
    assert count_stored(trace, "row ") == values_stored(2, 2, 3)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((-1, 1, 1), "values=-1: a whole number, at least 0"),
        ((1.5, 1, 1), "values=1.5"),
        ((1, 0, 3), "copies=0: a whole number, at least 1"),
        ((1, 4, 3), "copies=4: 3 nodes hold at most 3 copies"),
        ((1, 1, 0), "nodes=0: a whole number, at least 1"),
    ],
)
def test_no_such_storage(given, words):
    with pytest.raises(ValueError, match=words):
        values_stored(*given)
