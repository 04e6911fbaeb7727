"""The judges of consistent hashing: what they accept, and what they refuse, and why."""

import hashlib
import random

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_fewest_points, judge_placement, judge_stale_cache
from ftlib.hashing import HashRing, Maglev, Rendezvous, jump
from ftlib.hashing.placement import blake2b

# 1 ------------------------------------------------------------------------------------


def test_ninety_five_points():
    """19/(20 V + 1) <= 0.01 from V = 94.95 on."""
    assert judge_fewest_points(95)
    assert judge_fewest_points(None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (94, "with 94 points the deviation is 10.05%"),
        (1, "with 1 points the deviation is"),
        (96, "96 points are enough, and one less is too"),
        (100, "100 points are enough, and one less is too"),  # 1/sqrt(V) alone
        (0, "my_points is 0"),
        (95.0, "my_points is 95.0"),
        (True, "my_points is True"),
        ("95", "my_points is '95'"),
    ],
)
def test_other_numbers_of_points(points, words):
    refused(judge_fewest_points(points), words)


# 2 ------------------------------------------------------------------------------------


def moves(node, *gone):
    """A key that a node takes over when it joins, or that one leaves to it."""
    before, after = HashRing("abc"), HashRing("abc")
    if gone:
        after.remove(*gone)
    else:
        after.add(node)
    keys = map(str, range(1000))
    return next(k for k in keys if before.lookup(k) != after.lookup(k))


def test_a_node_joins_and_leaves():
    key = moves("d")
    events = [("put", key, 1), ("add", "d"), ("put", key, 2), ("remove", "d")]
    answer = judge_stale_cache(events)
    assert answer
    assert "still has 1" in answer.reason


def test_a_node_leaves_and_comes_back():
    key = moves(None, "a")
    events = [("put", key, "old"), ("remove", "a"), ("put", key, "new"), ("add", "a")]
    assert judge_stale_cache(tuple(events))


@pytest.mark.parametrize("events", [None, []])
def test_no_events_yet(events):
    assert judge_stale_cache(events).verdict == "not attempted"


STAYS = next(k for k in map(str, range(99)) if HashRing("abcd").lookup(k) != "d")
MOVES = moves("d")


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([("put", "k", 1), ("put", "k", 2)], "every key is as it was put last"),
        (
            [("put", STAYS, 1), ("add", "d"), ("put", STAYS, 2), ("remove", "d")],
            "every key is as it was put last",
        ),
        (
            [("put", MOVES, 1), ("add", "d"), ("put", MOVES, 1), ("remove", "d")],
            "every key is as it was put last",
        ),
        ([("put", MOVES, 1), ("add", "d")], "or missing, which a cache may be"),
        ([("add", "d"), ("remove", "d")], "nothing was put"),
        ([("add", "a")], "there is a node 'a' already"),
        ([("remove", "d")], "there is no node 'd'"),
        ([("remove", "a"), ("remove", "b"), ("remove", "c")], "leaves no node"),
        ([("put", "k", 1)] * 6, "it holds 6 events: 5 are enough"),
        ([("get", "k")], "('get', 'k') is no event"),
        ([("put", 3, 1)], "('put', 3, 1) is no event"),
        ([("put", "k", float("nan"))], "puts nan: give text or a whole number"),
        ([("put", "k", [])], "puts []: give text or a whole number"),
        ("put", "my_events is 'put'"),
        (7, "my_events is 7"),
    ],
)
def test_caches_that_give_back_nothing_old(events, words):
    refused(judge_stale_cache(events), words)


# 3 ------------------------------------------------------------------------------------


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def highest(key, nodes):
    return max(nodes, key=lambda node: digest(f"{node} {key}"))


def library(kind):
    known = {}

    def owner(key, nodes):
        if nodes not in known:
            known[nodes] = kind(nodes)
        return known[nodes].lookup(key)

    return owner


@pytest.mark.parametrize("owner", [highest, library(Rendezvous), library(HashRing)])
def test_placements_of_your_own(owner):
    assert judge_placement(owner), judge_placement(owner)


def test_no_placement_yet():
    assert judge_placement(None).verdict == "not attempted"
    assert judge_placement(lambda key, nodes: None).verdict == "not attempted"


def remainder(key, nodes):
    return sorted(nodes)[int.from_bytes(digest(key)) % len(nodes)]


def jumps(key, nodes):
    return sorted(nodes)[jump(blake2b(key.encode()), len(nodes))]


def sticky(key, nodes, known={}):  # noqa: B006 - what it remembers is the point
    """Leaves a key where it was first, if that node is there."""
    first = known.setdefault(key, remainder(key, nodes))
    return first if first in nodes else highest(key, nodes)


def the_first_six(key, nodes):
    return highest(key, sorted(nodes)[:6])


def salted(key, nodes):
    return max(nodes, key=lambda node: hash((node, key)))


def forever(key, nodes):
    while True:
        pass


def standing_still(key, nodes):
    while True: pass  # fmt: skip # noqa: E701 - one line, of which Python tells once


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (remainder, ["keys have to move", "others move too"]),
        (jumps, ["keys have to move", "others move too"]),
        (library(Maglev), ["others move too"]),
        (sticky, ["n1 has 0 of 3,000 keys"]),
        (the_first_six, ["n7 has 0 of 3,000 keys"]),
        (lambda key, nodes: max(nodes), ["n1 has 0 of 3,000 keys"]),
        (library(lambda nodes: HashRing(nodes, points=1)), ["of 3,000 keys"]),
        (
            lambda key, nodes: nodes[int.from_bytes(digest(key)) % len(nodes)],
            ["listed in another order"],
        ),
        (lambda key, nodes: random.choice(nodes), ["when it is asked again"]),
        (salted, ["it calls hash"]),
        (lambda key, nodes: 3, ["it returns 3 for 'user 0'"]),
        (lambda key, nodes: "n9", ["it returns 'n9' for 'user 0'"]),
        (
            lambda key, nodes: highest(key, nodes) if key == "user 0" else None,
            ["it returns None for 'user 1'"],
        ),
        (lambda key: key, ["TypeError"]),
        (forever, ["does not end"]),
        (standing_still, ["does not end"]),
        (7, ["my_owner is 7"]),
    ],
)
def test_other_placements(owner, words):
    answer = judge_placement(owner)
    refused(answer, *words)
    assert (answer.picture is not None) == ("move too" in answer.reason)


def test_hash_is_as_it_was():
    judge_placement(salted)
    assert hash("text") == hash("text")
    assert hash.__module__ == "builtins"
