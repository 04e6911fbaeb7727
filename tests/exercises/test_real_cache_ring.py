"""The judges of chapter 7.4.2: what they accept, and what they refuse, and why."""

from binascii import crc_hqx
from collections import Counter

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_deal, judge_one_copy, judge_same_slot
from ftlib.exercises.real_cache_ring import ran, slot
from ftlib.figures.real_cache_ring import outcome
from ftlib.replication.primary_replica_properties import acknowledged_stays
from ftlib.simulation import Crash, Cut, Lose, Recover, Slow, judge

# 1 ------------------------------------------------------------------------------------


def pair(start):
    """Two keys of one slot, by trying."""
    seen = {}
    for number in range(100_000):
        key = f"{start}{number}"
        if (other := seen.setdefault(crc_hqx(key.encode(), 0) % 16_384, key)) != key:
            return other, key
    raise AssertionError


def test_slots_are_those_of_the_specification():
    assert crc_hqx(b"123456789", 0) == 0x31C3  # its example
    assert slot("123456789") == 12_739


def test_two_keys_of_a_slot():
    assert judge_same_slot(pair("song "))
    assert judge_same_slot(list(pair("x")))
    assert judge_same_slot(None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("song 1", "song 2"), "belongs in slot"),
        (("song 1", "song 1"), "the same key"),
        (("{song}1", "{song}2"), "has a brace"),
        (("song 1",), "give two keys"),
        ("ab", "give two keys"),
        (7, "give two keys"),
        (("", "song 1"), "is no key"),
        ((7, 7.0), "is no key"),
    ],
)
def test_other_keys_are_refused(keys, words):
    refused(judge_same_slot(keys), words)


# 2 ------------------------------------------------------------------------------------

RIGHT = [
    [Cut("r1", "r3")],
    [Cut("r1", "r3", at=0.05), Crash("r1", at=0.3)],
    [Slow(("r1", "r3"), by=0.6)],
    [Cut("r1", "r2", at=0.1), Crash("r1", at=0.3)],
]


@pytest.mark.parametrize("faults", RIGHT)
def test_who_asks_nobody_loses(faults):
    answer = judge_one_copy(faults)
    assert answer
    assert answer.picture


def test_what_is_lost_is_lost_by_the_property_too():
    trace = ran(1, RIGHT[0])
    assert outcome(trace).lost
    assert not judge(trace, [acknowledged_stays])[0]
    trace = ran(2, RIGHT[0])
    assert not outcome(trace).lost
    assert judge(trace, [acknowledged_stays])[0]


def test_no_fault_yet():
    assert judge_one_copy(None).verdict == "not attempted"
    assert judge_one_copy([]).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([Crash("r1", at=0.1)], "is lost: whoever took over has all 12"),
        ([Crash("r2", at=0.1)], "is lost: nobody takes over"),
        ([Crash("c1", at=0.0)], "is lost: none was acknowledged"),
        ([Lose("Append", receiver="r3")], "no acknowledged write is lost"),
        ([Crash("r9", at=0.1)], "cannot be run"),
        ([Crash("r1", at=9.0)], "never takes effect"),
        ([*RIGHT[0], Crash("r2", at=0.9), Crash("r1", at=0.9)], "two are enough"),
        (
            [Crash("r2", at=0.3), Recover("r2", at=0.31, disk="wiped")],
            "no acknowledged write is lost",
        ),
        ("Crash", "hand in a list"),
        ([7], "holds something else"),
    ],
)
def test_what_loses_nothing_is_refused(faults, words):
    refused(judge_one_copy(faults), words)


def test_what_loses_with_two_is_refused(monkeypatch):
    monkeypatch.setattr(
        "ftlib.exercises.real_cache_ring.ran", lambda hears, faults: ran(1, faults)
    )
    refused(judge_one_copy(RIGHT[0]), "hears two loses too")


# 3 ------------------------------------------------------------------------------------


def shares(table, nodes):
    """How many slots each is to have: who has more keeps the odd ones."""
    share, over = divmod(len(table), len(nodes))
    had = Counter(table)
    order = sorted(nodes, key=had.__getitem__, reverse=True)
    return {node: share + (at < over) for at, node in enumerate(order)}


def keeps(table, nodes):
    room = shares(table, nodes)
    new = [None] * len(table)
    for at, node in enumerate(table):
        if room.get(node, 0):
            new[at] = node
            room[node] -= 1
    free = [node for node, left in room.items() for _ in range(left)]
    return [node or free.pop() for node in new]


def one_by_one(table, nodes):
    """Moves one slot from the fullest to the emptiest, until that is no use."""
    new = list(table)
    lost = [at for at, node in enumerate(new) if node not in nodes]
    counts = Counter(dict.fromkeys(nodes, 0))
    counts.update(node for node in new if node in counts)
    for at in lost:
        new[at] = min(counts, key=counts.__getitem__)
        counts[new[at]] += 1
    while max(counts.values()) - min(counts.values()) > 1:
        most, least = (pick(counts, key=counts.__getitem__) for pick in (max, min))
        new[new.index(most)] = least
        counts[most] -= 1
        counts[least] += 1
    return new


def counting_anew(table, nodes):
    """As one by one, and looks at the whole table at each step."""
    new = [node if node in nodes else None for node in table]
    while True:
        counts = Counter(node for node in new if node is not None)
        most, least = (pick(nodes, key=lambda n: counts[n]) for pick in (max, min))
        if None not in new and counts[most] - counts[least] <= 1:
            return new
        new[new.index(None if None in new else most)] = least


@pytest.mark.parametrize("deal", [keeps, one_by_one, counting_anew])
def test_slots_are_dealt(deal):
    assert judge_deal(deal)


def test_nothing_dealt_yet():
    assert judge_deal(lambda table, nodes: None).verdict == "not attempted"


def modulo(table, nodes):
    return [nodes[at % len(nodes)] for at in range(len(table))]


def in_ranges(table, nodes):
    return [nodes[at * len(nodes) // len(table)] for at in range(len(table))]


def heir(table, nodes):
    """All that a node leaves goes to one."""
    return [node if node in nodes else nodes[0] for node in table]


def in_turn(table, nodes):
    """What a node leaves goes to all in turn; who joins gets nothing."""
    left = iter(range(len(table)))
    return [node if node in nodes else nodes[next(left) % len(nodes)] for node in table]


def odd_ones_first(table, nodes):
    """Even, but the odd slots are the first nodes', whoever had them."""
    share, over = divmod(len(table), len(nodes))
    room = {node: share + (at < over) for at, node in enumerate(nodes)}
    new = [None] * len(table)
    for at, node in enumerate(table):
        if room.get(node, 0):
            new[at] = node
            room[node] -= 1
    free = [node for node, left in room.items() for _ in range(left)]
    return [node or free.pop() for node in new]


def lopsided(table, nodes):
    """One slot too many on the first of two nodes."""
    new = keeps(table, nodes)
    if len(nodes) == 2:
        new[new.index(nodes[1])] = nodes[0]
    return new


def with_the_dead(table, nodes):
    """Deals to those that are gone, too."""
    return keeps(table, tuple(dict.fromkeys((*nodes, *table))))


@pytest.mark.parametrize(
    ("deal", "words"),
    [
        (modulo, "slots move"),
        (in_ranges, "slots move"),
        (heir, "and another"),
        (in_turn, "and another"),
        (odd_ones_first, "slots move"),
        (lambda table, nodes: table, "and another"),
        (lopsided, "and another"),
        (with_the_dead, "which is not there"),
        (lambda table, nodes: keeps(table, nodes)[:-1], "slots for"),
        (lambda table, nodes: Counter(keeps(table, nodes)), "is no table"),
        (lambda table, nodes: table.sort(), "raises an error"),
        (keeps(("a",), ("a",)), "hand in the function"),
    ],
)
def test_other_deals_are_refused(deal, words):
    refused(judge_deal(deal), words)


def test_a_deal_without_an_end_is_refused():
    def forever(table, nodes):
        while True:
            nodes = nodes[::-1]

    refused(judge_deal(forever), "does not end within 2,000,000 lines.")
