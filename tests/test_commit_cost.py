"""The costs of a commit, measured from traces: counting rules, forced writes and causal
delays.
"""

from functools import partial
from html.parser import HTMLParser

import pytest

from ftlib.analysis.commit import (
    CostRow,
    commit_costs,
    count_forces,
    count_messages,
    message_delays,
    paxos_commit_costs,
)
from ftlib.analysis.commit.cost import InitiatedCoordinator, Initiator
from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Lose,
    Network,
    Recover,
    Trace,
    Uniform,
    judge,
)
from ftlib.transactions.atomic_commit import PROPERTIES, Decided, transfer
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.two_phase import (
    Ack,
    Coordinator,
    Decision,
    Participant,
    Prepare,
    Vote,
)


def run(votes="yy", *faults, until=5.0, **options):
    return Cluster(bank(votes), faults=faults, **options).run(until=until)


# The table


@pytest.mark.parametrize("n", range(2, 10))
def test_every_row_with_a_formula_agrees(n):
    table = commit_costs(n)
    assert {row.formula for row in table.rows} >= {
        "3N",
        "4N",
        "3N - 1",
        "3N - 3",
        "N + 1",
        "2N + 1",
    }
    for row in table.rows:
        if row.formula:
            assert row.agree is True, row
            values = {"3": 3, "4": 4}
            assert row.expected == values.get(
                row.formula, eval(row.formula.replace("N", "*n").lstrip("*"), {"n": n})
            ), row


def test_published_numbers_for_five():
    rows = {(row.cost, row.rule.split(",")[0]): row for row in commit_costs(5).rows}
    assert {
        row.published for row in rows.values() if row.source == "Gray & Lamport 2006"
    } == {14, 12, 4, 3, 6}
    assert (
        rows["messages", "one votes unasked"].measured == 12
    )  # the last one of that rule: on the coordinator's machine


@pytest.mark.parametrize(("n", "f"), [(3, 1), (5, 1), (8, 1), (4, 2), (7, 3)])
def test_every_row_of_paxos_commit_agrees(n, f):
    rows = paxos_commit_costs(n, f).rows
    assert all(row.agree for row in rows), rows
    assert {row.measured for row in rows if row.cost == "message delays"} == {3, 4, 5}


def test_published_numbers_of_paxos_commit_for_five():
    rows = {row.rule: row.measured for row in paxos_commit_costs(5).rows[:4]}
    assert rows["Paxos Commit, F = 1, co-located"] == 17
    assert rows["faster Paxos Commit, F = 1, co-located"] == 20


@pytest.mark.parametrize(("n", "f"), [(2, 1), (5, 0), (4, 3)])
def test_too_few_for_paxos_commit(n, f):
    with pytest.raises(ValueError, match=f"participants is {n} and f is {f}"):
        paxos_commit_costs(n, f)


@pytest.mark.parametrize("n", [1, 0, -1])
def test_too_few_participants(n):
    with pytest.raises(ValueError, match="give 2 or more"):
        commit_costs(n)


def test_a_row_that_disagrees_says_so():
    row = CostRow("messages", "any", "3N", 9, 10, None, "")
    assert row.agree is False
    assert row.cells()[-1] == "NO"
    assert CostRow("messages", "any", "3N", 9, 9, 8, "").agree is False


class Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.opened, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.opened.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_table_as_text_and_as_html():
    table = commit_costs(5)
    lines = str(table).splitlines()
    assert len(lines) == 1 + len(table.rows)
    assert repr(table) == str(table)
    start = lines[0].index("Agree?")
    assert {line[start:] for line in lines[1:]} == {"yes"}
    reader = Cells()
    reader.feed(table._repr_html_())
    assert (
        reader.opened.count("tr") == len(lines) + 3
    )  # a heading for each kind of cost
    assert reader.opened.count("td") == 6 * len(table.rows)
    assert "one votes unasked; no acks (Gray & Lamport 2006)" in reader.texts


# Counting rules


def test_messages_by_rule():
    trace = run("yyy")
    assert count_messages(trace) == 12
    assert [
        count_messages(trace, types=(kind,)) for kind in (Prepare, Vote, Decision, Ack)
    ] == [3, 3, 3, 3]
    assert count_messages(trace, "t1") == 12
    assert count_messages(trace, "t2") == 0
    assert count_messages(trace, together=(COORDINATOR, "p1")) == 8
    assert count_messages(trace, together=(COORDINATOR, "p1", "p2", "p3")) == 0
    assert (
        count_messages(trace, together=("p1", "p2")) == 12
    )  # they do not talk to each other


def test_an_abort_sends_no_decision_to_who_refused_and_no_ack():
    trace = run("yyn")
    assert count_messages(trace) == 3 + 3 + 2


def test_a_lost_message_was_sent():
    assert count_messages(run("yy", Lose("Decision", receiver="p1"))) > count_messages(
        run("yy")
    )


def test_a_second_copy_was_not_sent():
    assert count_messages(run("yy", Duplicate("Ack", nth=None))) == count_messages(
        run("yy")
    )
    assert count_messages(
        run("yy", Duplicate("Vote", nth=None, later=1.0))
    ) == count_messages(run("yy"))


def test_forced_writes():
    trace = run("yyy")
    assert count_forces(trace) == 7
    assert count_forces(trace, before=Decision) == 4
    assert count_forces(trace, before=Vote) == 1
    assert (
        len(trace.where(kind="force")) == 8
    )  # and the mark on the coordinator's new disk
    assert count_forces(trace, "t2") == 0


def test_forced_writes_of_an_abort():
    trace = run("yyn")
    assert count_forces(trace) == 3  # two promises, one refusal; the coordinator none
    assert [event.node for event in trace.where(kind="force")] == [
        COORDINATOR,
        "p1",
        "p2",
        "p3",
    ]


def test_forces_belong_to_the_transaction_of_their_handler():
    nodes = bank("yy", (transfer("t1", 2), transfer("t2", 2, at=1.0)))
    trace = Cluster(nodes).run(until=5)
    assert (
        count_forces(trace, "t1"),
        count_forces(trace, "t2"),
        count_forces(trace),
    ) == (5, 5, 10)
    assert (
        count_messages(trace, "t1"),
        count_messages(trace, "t2"),
        count_messages(trace),
    ) == (8, 8, 16)


def test_a_lazy_record_is_no_forced_write_of_its_transaction():
    """The coordinator's note that t1 has ended rides on the force of t2."""
    nodes = bank("yy", (transfer("t1", 2), transfer("t2", 2, at=1.0)))
    trace = Cluster(nodes).run(until=5)
    (end,) = (event for event in trace.where(kind="write") if event.other == "end t1")
    assert any(
        event.index > end.index for event in trace.where(kind="force", node=COORDINATOR)
    )
    assert count_forces(trace, "t1") == 5


# Delays


def test_delays_are_causal_and_not_clock_time():
    for seed in range(10):
        trace = run("yyy", network=Network(latency=Uniform(0.001, 0.1)), seed=seed)
        assert message_delays(trace) == 3
    assert message_delays(run("yyy", disk_latency=0.02)) == 3
    assert message_delays(run("yyn")) == 3


def test_delays_follow_the_chain_through_resending():
    assert (
        message_delays(run("yy", Lose("Vote", sender="p1"))) == 3
    )  # the coordinator's time-out is no message
    assert (
        message_delays(run("yy", Lose("Decision", receiver="p1"))) == 5
    )  # p1 asks: inquiry and answer are two more


def test_delays_of_nothing():
    assert message_delays(Trace([])) == 0
    assert message_delays(run("yy"), "t2") == 0


def test_delays_take_the_longest_of_several_transactions():
    nodes = bank("yy", (transfer("t1", 2), transfer("t2", 2, at=1.0)))
    trace = Cluster(nodes).run(until=5)
    assert (
        message_delays(trace)
        == message_delays(trace, "t1")
        == message_delays(trace, "t2")
        == 3
    )


def test_delays_end_at_the_first_decision_of_each_node():
    """A participant that says again after a crash what it had decided has not decided
    later.
    """
    trace = run("yy", Crash("p1", at=0.5), Recover("p1", at=1.0))
    assert len([event for event in trace.facts(Decided) if event.node == "p1"]) == 2
    assert message_delays(trace) == 3
    trace = run(
        "yn", Crash("p1", at=0.2), Recover("p1", at=1.0)
    )  # it has lost its lazy abort, and asks again
    assert len([event for event in trace.facts(Decided) if event.node == "p1"]) == 2
    assert message_delays(trace) == 3


# Gray and Lamport's counting


def initiated(n: int) -> dict:
    chosen = transfer("t1", n)
    nodes = bank("y" * n, (chosen,), coordinator=InitiatedCoordinator)
    return nodes | {"p1": partial(Initiator, chosen, (("a1", 100 * n),))}


@pytest.mark.parametrize("n", range(1, 6))
def test_the_initiated_commit_is_a_commit(n):
    trace = Cluster(initiated(n)).run()
    assert all(judge(trace, PROPERTIES))
    assert {event.node for event in trace.facts(Decided)} == {
        COORDINATOR,
        *(f"p{k}" for k in range(1, n + 1)),
    }
    assert {event.what.outcome for event in trace.facts(Decided)} == {"commit"}
    assert count_messages(trace, types=(Prepare, Vote, Decision)) == 3 * n - 1


def test_the_initiated_commit_is_for_counting_only():
    """It begins a second time when a second copy of the vote comes late: why it is no
    part of the protocol.
    """
    faults = [Duplicate("Vote", sender="p1", later=1.0)]
    trace = Cluster(initiated(2), faults=faults).run(until=5)
    assert [finding.name for finding in judge(trace, PROPERTIES) if not finding] == [
        "agreement",
        "stability",
    ]


# A measurement that cannot disagree measures nothing


class AsksTwice(Coordinator):
    def begin(self, txn):
        super().begin(txn)
        super().begin(txn)


class ForcesTwice(Participant):
    def refuse(self, coordinator, txn):
        super().refuse(coordinator, txn)
        self.disk.force()

    def apply(self, txn, entry):
        super().apply(txn, entry)
        self.disk.force()


class Relays(Coordinator):
    """Tells only the first participant; the others must ask."""

    def announce(self, txn, outcome, participants):
        super().announce(txn, outcome, participants[:1])


def test_costlier_protocols_measure_costlier():
    assert count_messages(Cluster(bank("yy", coordinator=AsksTwice)).run(until=5)) > 8
    assert count_forces(Cluster(bank("yy", participant=ForcesTwice)).run(until=5)) == 7
    assert message_delays(Cluster(bank("yy", coordinator=Relays)).run(until=5)) == 5
