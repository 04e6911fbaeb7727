"""The promises of atomic commit, on traces made by hand: each holds and fails where it
should, and stays failed.
"""

import itertools

import pytest
from commits import ALL, PROPERTIES, UNTIL, WITHIN, broken, run

from ftlib.simulation import Node, Trace, judge
from ftlib.transactions.atomic_commit import (
    Applied,
    Began,
    Decided,
    Transaction,
    Voted,
    Waits,
    agreement,
    conserved,
    nonblocking,
    nontriviality,
    stability,
    termination,
    transfer,
    validity,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.two_phase import Participant

C, P1, P2 = COORDINATOR, "p1", "p2"
BEGAN = (C, Began("t1", (P1, P2)))
YES1, YES2, NO2 = (
    (P1, Voted("t1", "yes")),
    (P2, Voted("t1", "yes")),
    (P2, Voted("t1", "no")),
)
COMMIT0, COMMIT1, COMMIT2 = ((node, Decided("t1", "commit")) for node in (C, P1, P2))
ABORT0, ABORT1, ABORT2 = ((node, Decided("t1", "abort")) for node in (C, P1, P2))
PAID, GOT = (P1, Applied("t1", (("a1", -30),))), (P2, Applied("t1", (("a2", 30),)))
CRASH1, BACK1 = ("crash", P1), ("recover", P1)
ASKED = (BEGAN, YES1, YES2)


def trace(*events) -> Trace:
    """Make a trace with one event a tenth of a second: (node, fact), (kind, node) or
    (kind, node, other).
    """
    records = []
    for number, (first, second, *rest) in enumerate(events):
        tick = 100_000 * number
        if first in ("crash", "recover", "timer", "drop"):
            what = {"recover": "kept", "timer": 0, "drop": ("message", "lost")}.get(
                first
            )
            records.append((tick, first, second, rest[0] if rest else None, what, None))
        else:
            records.append((tick, "fact", first, None, second, None))
    return Trace(records, (C, P1, P2))


def verdict(prop, *events) -> str:
    return judge(trace(*events), [prop])[0].verdict


SAFETY = [
    # property, run in which it holds, counterexample
    (agreement, [*ASKED, COMMIT0, COMMIT1, COMMIT2], [*ASKED, COMMIT1, ABORT2]),
    (
        agreement,
        [BEGAN, YES1, NO2, ABORT2, ABORT1],
        [BEGAN, YES1, NO2, ABORT2, COMMIT1],
    ),
    (
        agreement,
        [*ASKED, COMMIT1, CRASH1, COMMIT0],
        [*ASKED, COMMIT1, CRASH1, ABORT0],
    ),  # uniform: the crashed one counts
    (
        agreement,
        [*ASKED, COMMIT0, (P1, Decided("t2", "abort"))],
        [*ASKED, COMMIT0, ABORT0],
    ),
    (
        validity,
        [*ASKED, COMMIT0],
        [BEGAN, YES1, COMMIT0, YES2],
    ),  # a vote that comes afterwards does not count
    (validity, [BEGAN, YES1, NO2, ABORT0], [BEGAN, YES1, NO2, COMMIT0]),
    (
        validity,
        [*ASKED, COMMIT2],
        [BEGAN, YES1, (C, Voted("t1", "yes")), COMMIT2],
    ),  # nor does a stranger's
    (
        validity,
        [*ASKED, COMMIT0],
        [BEGAN, YES1, (P2, Voted("t2", "yes")), COMMIT0],
    ),  # nor one for another transaction
    (nontriviality, [*ASKED, COMMIT0], [*ASKED, ABORT0]),
    (nontriviality, [BEGAN, NO2, ABORT0], [BEGAN, (P2, Voted("t2", "no")), ABORT0]),
    (
        nontriviality,
        [BEGAN, ("timer", C, "votes t1"), ABORT0],
        [BEGAN, ("timer", C, "votes t2"), ABORT0],
    ),
    (
        nontriviality,
        [BEGAN, ("timer", C, "election"), ABORT0],
        [("timer", C, "begin t1"), BEGAN, ABORT0],
    ),
    (
        nontriviality,
        [BEGAN, ("drop", C), ("timer", C, "votes t1"), ABORT0],
        [BEGAN, ("drop", C), ABORT0],
    ),
    (nontriviality, [BEGAN, CRASH1, ABORT0], [BEGAN, ABORT0, CRASH1]),
    (
        stability,
        [*ASKED, COMMIT1, CRASH1, BACK1, COMMIT1],
        [*ASKED, COMMIT1, CRASH1, BACK1, ABORT1],
    ),
    (
        stability,
        [*ASKED, ABORT1, CRASH1, BACK1, YES1, ABORT1],
        [*ASKED, ABORT1, CRASH1, BACK1, YES1, COMMIT1],
    ),
    (
        conserved,
        [*ASKED, PAID, COMMIT1, GOT, COMMIT2],
        [*ASKED, PAID, COMMIT1, COMMIT2],
    ),
    (
        conserved,
        [*ASKED, PAID, COMMIT1],
        [*ASKED, GOT, COMMIT1, COMMIT2],
    ),  # money on its way is no loss
    (
        conserved,
        [*ASKED, PAID, COMMIT1, GOT, GOT, COMMIT2],
        [BEGAN, YES1, NO2, ABORT2, PAID, COMMIT1],
    ),
    (
        conserved,
        [BEGAN, NO2, ABORT2, ABORT1],
        [*ASKED, COMMIT1, COMMIT2, PAID, COMMIT1],
    ),
]


@pytest.mark.parametrize(("prop", "run", "counterexample"), SAFETY)
def test_safety(prop, run, counterexample):
    assert verdict(prop, *run) == "holds"
    assert verdict(prop, *counterexample) == "violated"


@pytest.mark.parametrize(("prop", "run", "counterexample"), SAFETY)
def test_what_is_violated_stays_violated(prop, run, counterexample):
    """Whatever comes after: else bisection would name the wrong event."""
    cut = judge(trace(*counterexample), [prop])[0].trace
    assert all(
        prop.rule(trace(*counterexample)[:end]) is None for end in range(len(cut))
    )
    for more in itertools.permutations([COMMIT2, GOT, PAID, NO2, CRASH1], 3):
        assert verdict(prop, *counterexample, *more) == "violated"


def test_every_order_of_a_few_facts_keeps_every_property_monotone():
    facts = [BEGAN, YES1, NO2, COMMIT1, ABORT2, PAID, CRASH1]
    for order in itertools.permutations(facts, 5):
        whole = trace(*order)
        for prop in PROPERTIES:
            verdicts = [
                prop.rule(whole[:end]) is not None for end in range(len(whole) + 1)
            ]
            assert verdicts == sorted(verdicts), (prop.name, order)


def test_reasons_name_transaction_nodes_and_outcomes():
    assert (
        judge(trace(*ASKED, COMMIT1, ABORT2), [agreement])[0].reason
        == "t1: p1 decided commit, p2 decided abort"
    )
    assert (
        judge(trace(BEGAN, YES1, COMMIT1), [validity])[0].reason
        == "t1: p1 decided commit, but p2 had not voted yes"
    )
    assert judge(trace(*ASKED, PAID, COMMIT1, COMMIT2), [conserved])[0].reason.endswith(
        "the total has changed by -30"
    )
    assert judge(trace(*ASKED, ABORT0), [nontriviality])[0].event.index == 3


# Liveness: an event a tenth of a second, the bound 1 s, the run 3 s long


@pytest.mark.parametrize(
    ("events", "ends", "live"),
    [
        ([*ASKED, COMMIT1, COMMIT2], "holds", "holds"),
        ([*ASKED, COMMIT1], "violated", "violated"),
        (
            [BEGAN],
            "violated",
            "violated",
        ),  # nothing failed: whoever was not even asked counts
        ([], "unknown", "unknown"),  # nothing was begun
        (
            [BEGAN, ("drop", P1)],
            "holds",
            "holds",
        ),  # something failed: who has not voted may never hear of it
        ([BEGAN, ("drop", P1), YES1], "violated", "violated"),
        ([BEGAN, ("drop", P1), (P1, Waits("t1", "a1", "t0"))], "violated", "violated"),
        (
            [BEGAN, (P1, Waits("t1", "a1", "t0")), CRASH1, BACK1],
            "holds",
            "holds",
        ),  # a crash makes it forget that it waits
        (
            [*ASKED, CRASH1, COMMIT2],
            "unknown",
            "holds",
        ),  # nothing is promised while somebody is down; all that are up have decided
        ([*ASKED, COMMIT1, ("crash", C)], "unknown", "violated"),  # blocked
        ([*ASKED, COMMIT1, COMMIT2, ("crash", C)], "holds", "holds"),
        (
            [*ASKED, COMMIT2, ABORT1, CRASH1, BACK1, YES1],
            "violated",
            "violated",
        ),  # it has lost a lazy abort, and is in doubt again
        ([*ASKED, COMMIT2, COMMIT1, CRASH1, BACK1], "holds", "holds"),
    ],
)
def test_liveness(events, ends, live):
    assert verdict(termination(1.0, 3.0), *events) == ends
    assert verdict(nonblocking(1.0, 3.0), *events) == live


def test_liveness_is_unknown_before_its_bound_has_passed():
    for prop in (termination, nonblocking):
        assert (
            verdict(prop(1.0, 1.05), *ASKED) == "unknown"
        )  # the votes came at 0.1 and 0.2 s
        assert verdict(prop(1.0, 1.25), *ASKED) == "violated"
        assert verdict(prop(1.0, 1.25), *ASKED, ("drop", P1)) == "unknown"
        late = Trace([(7_900_000, "fact", C, None, BEGAN[1], None)], (C, P1, P2))
        assert judge(late, [prop(1.0, 8.0)])[0].verdict == "unknown"


# Protocols that do nothing, or always say no


class Idle(Node):
    def __init__(self, *parameters):
        pass


class AlwaysRefuses(Node):
    """Aborts whatever it is asked."""

    def __init__(self, transactions=()):
        self.names = {each.name: each.participants for each in transactions}

    def on_start(self):
        for name, participants in self.names.items():
            self.record(Began(name, participants))
            self.record(Decided(name, "abort"))


def test_safety_alone_is_not_enough():
    """An idle protocol keeps every safety property, and only liveness tells it from a
    good one.
    """
    for nodes in (bank("yy", participant=Idle), bank("yy", coordinator=Idle)):
        found = {finding.name: finding.verdict for finding in judge(run(nodes), ALL)}
        assert [name for name, each in found.items() if each != "holds"] == [
            "termination"
        ]
    assert broken(run(bank("yy", participant=Idle))) == {"termination"}
    assert (
        judge(run(bank("yy", coordinator=Idle)), ALL)[-1].reason
        == "no transaction has begun"
    )


def test_one_that_always_refuses_is_found_out():
    assert "non-triviality" in broken(run(bank("yy", coordinator=AlwaysRefuses)))


def test_a_calm_run_keeps_everything():
    for votes in ("y", "yy", "yyy", "yn", "nn", "ns", "ys", "ssss", "ynysy"):
        assert all(judge(run(votes), (*ALL, nonblocking(WITHIN, UNTIL))))


# Transactions


def test_transactions_say_what_is_wrong_with_them():
    with pytest.raises(ValueError, match="changes nothing"):
        Transaction("t1", ())
    with pytest.raises(ValueError, match="sum to 5"):
        Transaction("t1", (("p1", "a", 5),))
    with pytest.raises(ValueError, match="names account 'a' of 'p1' twice"):
        Transaction("t1", (("p1", "a", -5), ("p2", "b", 10), ("p1", "a", -5)))
    with pytest.raises(ValueError, match="participants is 0"):
        transfer("t1", 0)
    with pytest.raises(ValueError, match="same name: t1, t2, t1"):
        bank("yy", [transfer("t1", 2), transfer("t2", 2), transfer("t1", 2)])[C]()
    with pytest.raises(ValueError, match="vote is 'maybe'"):
        Participant((("a1", 100),), "maybe")
    for votes in ("", "yx"):
        with pytest.raises(ValueError, match="votes is"):
            bank(votes)


def test_transactions_know_their_participants():
    both = Transaction("t", (("p2", "x", -1), ("p1", "y", 2), ("p2", "z", -1)))
    assert both.participants == ("p2", "p1")
    assert both.on("p2") == (("x", -1), ("z", -1))
    assert both.on("p3") == ()
    for n in range(1, 6):
        assert transfer("t", n).participants == tuple(f"p{k}" for k in range(1, n + 1))
