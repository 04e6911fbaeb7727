"""Faults in words."""

import pytest

from ftlib.checking import offers
from ftlib.drawing.faults import fault_in_full, fault_in_words
from ftlib.drawing.look import Look
from ftlib.simulation import (
    Cluster,
    Crash,
    Cut,
    Duplicate,
    Heal,
    Hold,
    Lose,
    Partition,
    Point,
    Recover,
    Skew,
    Slow,
)
from ftlib.transactions.bank import bank

LOOK = Look(names={"b": "Bob"})
SENT = Point("a", "send", "Vote", nth=2)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Lose("Vote"), "the first Vote is lost"),
        (Lose("Vote", "b", "a", 12), "Bob's 12th Vote to a is lost"),
        (Lose("Vote", "b", nth=None), "all messages Vote of Bob are lost"),
        (Lose(receiver="b", nth=None), "all messages to Bob are lost"),
        (Duplicate("Vote", later=0.5), "the first Vote comes twice, 0.5 s apart"),
        (Duplicate("Vote"), "the first Vote comes twice"),
        (Duplicate("Vote", nth=None), "all messages Vote come twice"),
        (
            Duplicate("Vote", until=Point("b", "deliver")),
            "the first Vote comes again right after Bob receives its first message",
        ),
        (
            Hold(until=SENT),
            "the first message is held back until a sends its second Vote",
        ),
        (Crash("b", at=2.5), "Bob crashes at 2.5 s"),
        (
            Crash("b", after=2, keeps=1),
            "Bob crashes after 2 more effects and keeps 1 unforced write",
        ),
        (Crash("a", at=SENT), "a crashes right after it sends its second Vote"),
        (Crash("b", at=SENT), "Bob crashes right after a sends its second Vote"),
        (
            Recover("b", at=Point("b", "crash", later=0.2), disk="wiped"),
            "Bob comes back with an empty disk 0.2 s after it crashes for the first",
        ),
        (
            Partition([["a", "b"]], at=Point("b", "timer", "beat")),
            "the network splits: a, Bob | the rest, right after Bob's first timer beat"
            " fires",
        ),
        (Cut("a", "b", at=1), "the link from a to Bob is cut at 1 s"),
        (
            Heal(at=Point("b", "force")),
            "the network heals right after Bob forces its disk",
        ),
        (Slow("b", 0.5, at=SENT), "Bob is 0.5 s slower once a sends its second Vote"),
        (Slow(("a", "b"), 0), "the link a to Bob is as fast as before at 0 s"),
        (Skew("b", rate=2, offset=-1), "Bob's clock runs 2 times as fast, 1 s behind"),
    ],
)
def test_what_goes_wrong_and_when(fault, words):
    assert fault_in_full(fault, LOOK).startswith(words)
    assert words.startswith(fault_in_words(fault, LOOK).removesuffix(" twice"))


def test_no_two_offers_read_alike():
    found = {o.fault for o in offers(Cluster(bank("yy")).run(until=4))}
    assert len({fault_in_full(fault, Look()) for fault in found}) == len(found)
