"""Placements: minimal movement, the same owners everywhere, even shares, and published
values.
"""

import math
import re
from collections import Counter
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftlib.hashing import (
    HashRing,
    JumpHash,
    Maglev,
    Modulo,
    Rendezvous,
    bounded,
    jump,
)
from ftlib.hashing.jump_hash import jumps
from ftlib.hashing.placement import blake2b, mix

Small = partial(Maglev, size=251)
ALL = (HashRing, Rendezvous, JumpHash, Small, Modulo)
MINIMAL = (HashRing, Rendezvous, JumpHash)
KEYS = [f"key {number}" for number in range(500)]
NODES = [f"n{number}" for number in range(7)]


def name(placement):
    return getattr(placement, "func", placement).__name__


every = pytest.mark.parametrize("kind", ALL, ids=name)
minimal = pytest.mark.parametrize("kind", MINIMAL, ids=name)


def orders(placement):
    """The whole order of preference of every key."""
    return {key: placement.replicas(key, len(placement.nodes)) for key in KEYS[:150]}


# ---- published values


@pytest.mark.parametrize(
    ("key", "buckets", "bucket"),
    [
        (1, 1, 0),
        (42, 57, 43),
        (256, 1024, 520),
        (3735883980, 1, 0),
        (3735883980, 666, 361),
        (16045690984833335023, 255, 237),
    ],
)
def test_jump_is_that_of_others(key, buckets, bucket):
    """The values that ClickHouse's tests ask of its own (00580_consistent_hashing)."""
    assert jump(key, buckets) == bucket


def test_jump_computes_as_a_processor_does():
    """The published code multiplies two doubles and cuts; NumPy's are a processor's."""
    for key in [0, 1, 2**63, 2**64 - 1, *(mix(n) for n in range(200))]:
        state, bucket = np.uint64(key), -1
        following = np.int64(0)
        with np.errstate(over="ignore"):
            while following < 1_000_000:
                bucket = following
                state = state * np.uint64(2862933555777941757) + np.uint64(1)
                step = np.float64(2**31) / np.float64((state >> np.uint64(33)) + 1)
                following = np.int64(np.float64(bucket + 1) * step)
        assert jump(key, 1_000_000) == bucket


KETAMA = {
    f"10.0.1.{host}:11211": weight
    for host, weight in enumerate((600, 300, 200, 350, 1000, 800, 950, 100), 1)
}


@pytest.mark.parametrize(
    ("key", "number", "point", "host"),
    [
        ("SVa_]_V41)", 443691461, 445379617, 7),
        ("*/Z;?V(.\\8", 1422915503, 1428303028, 1),
        ("30C1*Z*S/_", 1473165754, 1480075959, 2),
        ("ERR:EC58G>", 2148406511, 2168579133, 7),
        ("1I=cTMNTKF", 2882686667, 2885206587, 5),
        ("P1[Ma3=K1/", 1989324036, 1994028240, 8),
        ("D[HE+cFXDK", 2117036136, 2117124014, 3),
        ("EM75N0+[X1", 1558531507, 1559308507, 4),
        ("6,cEI`F_P>", 3972869246, 3974773167, 6),
        ("VD6D0]ba_\\", 3842502950, 3842588691, 1),
    ],
)
def test_ketama_is_that_of_libmemcached(key, number, point, host):
    """The values of its tests/ketama_test_cases.h: the hash of the key, the point found
    and whose it is.
    """
    ring = HashRing(KETAMA, points="ketama")
    assert ring.number(key) == number
    assert ring.lookup(key) == f"10.0.1.{host}:11211"
    assert point in ring.points_of(f"10.0.1.{host}:11211")
    assert min(p for n in ring.nodes for p in ring.points_of(n) if p >= number) == point


def test_behind_the_last_point_of_ketama_comes_the_first():
    ring = HashRing(KETAMA, points="ketama")
    first = min((p, n) for n in ring.nodes for p in ring.points_of(n))[1]
    assert ring.number("VDEAAAAA") == 0xFFFCD1B5
    assert ring.lookup("VDEAAAAA") == first


def test_ketama_names_other_ports():
    alone, ported = (HashRing([node], points="ketama") for node in ("a", "a:11212"))
    usual = HashRing(["a:11211"], points="ketama")
    assert alone.points_of("a") == usual.points_of("a:11211")
    assert alone.points_of("a") != ported.points_of("a:11212")
    assert len(alone.points_of("a")) == 160


def test_ketama_computes_in_short_numbers():
    """Of equal weights each has 160 points, or 156 where a number of 32 bits that
    stands for 1/n is too small.
    """
    counts = {}
    for n in range(1, 120):
        ring = HashRing(map(str, range(n)), points="ketama")
        share = np.float32(1) / np.float32(n)
        points = share * np.float32(160) / np.float32(4) * np.float32(n)
        counts[n] = len(ring.points_of("0"))
        assert counts[n] == int(np.float32(float(points) + 1e-10)) * 4
    assert set(counts.values()) == {156, 160}


# ---- movement


@minimal
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_only_what_must_move_moves(kind, data):
    """Whatever was added and removed before: without a node, each key's order is what
    it was, less that node. So it is for the copies too, however many.
    """
    placement = kind(NODES)
    known = orders(placement)
    for step in range(data.draw(st.integers(1, 6))):
        nodes = placement.nodes
        last = kind is JumpHash
        if len(nodes) > 1 and data.draw(st.booleans()):
            gone = nodes[-1] if last else data.draw(st.sampled_from(nodes))
            placement.remove(gone)
            now = orders(placement)
            for key, order in known.items():
                assert now[key] == tuple(node for node in order if node != gone)
        else:
            new = f"new {step}"
            placement.add(new)
            now = orders(placement)
            for key, order in now.items():
                assert known[key] == tuple(node for node in order if node != new)
        known = now


@every
def test_the_first_copy_is_the_owner_and_all_are_different(kind):
    placement = kind(NODES)
    for key in KEYS:
        order = placement.replicas(key, 7)
        assert sorted(order) == NODES
        assert placement.lookup(key) == order[0]
        assert [placement.replicas(key, r) for r in (1, 3)] == [order[:1], order[:3]]


def test_modulo_moves_nearly_all():
    before, after = Modulo(map(str, range(10))), Modulo(map(str, range(9)))
    moved = sum(before.lookup(key) != after.lookup(key) for key in range(20_000))
    assert abs(moved / 20_000 - 0.9) < 4 * math.sqrt(0.9 * 0.1 / 20_000)


def test_maglev_moves_some_without_need():
    placement = Maglev(NODES)
    before = placement.lookup_many(range(20_000))
    placement.remove("n3")
    after = placement.lookup_many(range(20_000))
    pairs = list(zip(before, after, strict=True))
    needless = sum(old != new for old, new in pairs if old != "n3")
    assert 0 < needless < 0.1 * len(pairs)


@pytest.mark.parametrize("kind", [HashRing, Rendezvous, Small], ids=name)
def test_the_order_of_building_plays_no_part(kind):
    one, other = kind(NODES), kind(reversed(NODES))
    other.add("late")
    other.remove("late")
    assert orders(one) == orders(other)


# ---- points


@given(st.sets(st.text(alphabet="m1-\0", max_size=4), min_size=2, max_size=8))
@settings(max_examples=50, deadline=None)
def test_no_name_makes_the_points_of_another(names):
    """As "member" and "member1" would, if their points were named "member11"."""
    ring = HashRing(names, points=12)
    points = [point for node in ring.nodes for point in ring.points_of(node)]
    assert len(set(points)) == len(points) == 12 * len(names)


@pytest.mark.parametrize("kind", [HashRing, Rendezvous, Small], ids=name)
def test_points_that_collide_are_not_lost(kind):
    """A hash of few values: every point of the ring is that of several nodes."""
    few = partial(kind, hash_function=lambda data: blake2b(data) % 5)
    placement = few(NODES)
    known = orders(placement)
    assert orders(few(NODES[::-1])) == known
    placement.remove("n0")
    if kind is not Small:
        rest = {
            key: tuple(n for n in order if n != "n0") for key, order in known.items()
        }
        assert orders(placement) == rest
    placement.add("n0")
    assert orders(placement) == known


def test_a_node_touches_only_its_own_points():
    ring = HashRing(NODES)
    before = {node: ring.points_of(node) for node in NODES}
    ring.remove("n2")
    ring.add("n9", weight=2)
    assert all(ring.points_of(n) == before[n] for n in NODES if n != "n2")
    assert len(ring.points_of("n9")) == 320


# ---- shares


@pytest.mark.parametrize("points", [1, 10, 100])
def test_shares_spread_as_the_law_says(points):
    """The standard deviation of a node's part of the circle, over its mean:
    sqrt((n - 1)/(n V + 1)). Lamping and Veach measured .998, .315 and .0997 for a
    thousand nodes.
    """
    ring = HashRing(map(str, range(1000)), points=points)
    arcs = Counter()
    placed = sorted((p, n) for n in ring.nodes for p in ring.points_of(n))
    for (start, _), (end, node) in zip([placed[-1], *placed], placed, strict=False):
        arcs[node] += (end - start) % 2**64
    shares = [arcs[node] * 1000 / 2**64 for node in ring.nodes]
    spread = math.sqrt(math.fsum((share - 1) ** 2 for share in shares) / 1000)
    law = math.sqrt(999 / (1000 * points + 1))
    assert abs(spread / law - 1) < 0.12
    assert abs({1: 0.998, 10: 0.315, 100: 0.0997}[points] / law - 1) < 0.01


@pytest.mark.parametrize("kind", [Rendezvous, JumpHash, Maglev, Modulo], ids=name)
def test_shares_are_even(kind):
    loads = Counter(kind(NODES).lookup_many(range(20_000)))
    deviation = math.sqrt(20_000 / 7 * 6 / 7)
    assert all(abs(loads[node] - 20_000 / 7) < 4.5 * deviation for node in NODES)


@pytest.mark.parametrize("kind", [Rendezvous, Maglev], ids=name)
def test_shares_follow_weights(kind):
    weights = {"a": 1, "b": 2, "c": 0.5}
    loads = Counter(kind(weights).lookup_many(range(20_000)))
    for node, weight in weights.items():
        share = weight / 3.5
        deviation = math.sqrt(20_000 * share * (1 - share))
        assert abs(loads[node] - 20_000 * share) < 4.5 * deviation + 20_000 / 65_537


@pytest.mark.parametrize("count", [2, 7, 50])
def test_places_of_maglev_differ_by_one(count):
    places = Counter(Maglev(map(str, range(count)), size=251).table)
    assert max(places.values()) - min(places.values()) <= 1


def test_jumps_are_as_rare_as_they_should_be():
    counts = Counter(step for key in range(20_000) for step in jumps(mix(key), 10))
    for bucket in range(10):
        share = 1 / (bucket + 1)
        deviation = math.sqrt(20_000 * share * (1 - share))
        assert abs(counts[bucket] - 20_000 * share) <= 4.5 * deviation


def test_every_order_of_jump_is_as_likely():
    """Of five nodes: the places among two and among four must not hang together."""
    found = Counter(JumpHash("abcde").replicas(key, 5) for key in range(24_000))
    assert len(found) == 120
    assert all(abs(count - 200) < 5 * math.sqrt(200) for count in found.values())


# ---- racks and bounds

RACKS = {node: f"rack {int(node[1]) % 3}" for node in NODES}


@every
def test_copies_stand_in_different_racks(kind):
    placement = kind(NODES)
    for key in KEYS:
        order = placement.replicas(key, 7)
        spread = placement.replicas(key, 5, racks=RACKS)
        assert len(set(spread)) == 5
        assert len({RACKS[node] for node in spread[:3]}) == 3
        assert spread[0] == order[0]
        assert spread[3:] == tuple(node for node in order if node not in spread[:3])[:2]
        assert spread[:2] == placement.replicas(key, 2, racks=RACKS)


def test_the_rack_of_every_node_is_asked():
    with pytest.raises(ValueError, match=r"racks lacks 'n1'"):
        HashRing(NODES).replicas("x", 2, racks={"n0": "r"})


@every
@pytest.mark.parametrize("c", [1, 1.1, 1.25, 2, 100])
def test_no_load_is_above_its_bound(kind, c):
    placement = kind(NODES)
    placed = bounded(placement, KEYS, c)
    loads = Counter(placed.values())
    capacity = math.ceil(c * 500 / 7)
    assert list(placed) == KEYS
    assert max(loads.values()) <= capacity
    full = Counter()
    for key, node in placed.items():
        for before in placement.replicas(key, 7):
            if before == node:
                break
            assert full[before] == capacity, "passed over a node that had room"
        full[node] += 1
    if c == 100:
        assert placed == dict(zip(KEYS, placement.lookup_many(KEYS), strict=True))


def test_the_bound_is_computed_exactly():
    """1.1 x 10 / 1 in floating point is above 11."""
    assert len(set(bounded(HashRing(["a", "b"]), range(20), 1.1).values())) == 2
    assert bounded(HashRing(["a"]), [], 1) == {}


@pytest.mark.parametrize(
    ("c", "keys", "nodes", "words"),
    [
        (0.99, KEYS, NODES, "c is 0.99: give 1 or more"),
        (math.nan, KEYS, NODES, "c is nan"),
        (math.inf, KEYS, NODES, "c is inf"),
        (2, KEYS, [], "there is no node"),
        (2, ["a", "a"], NODES, "the key 'a' comes twice"),
    ],
)
def test_what_cannot_be_bounded(c, keys, nodes, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        bounded(HashRing(nodes), keys, c)


# ---- keys


@every
def test_many_are_looked_up_as_one_is(kind):
    placement = kind(NODES)
    keys = [0, 1, 7, 2**63, 2**64 - 1, *range(100, 400)]
    alone = [placement.lookup(key) for key in keys]
    assert placement.lookup_many(keys) == alone
    assert placement.lookup_many(np.array(keys, dtype=np.uint64)) == alone
    assert placement.lookup_many(iter(KEYS)) == [placement.lookup(key) for key in KEYS]
    assert placement.lookup_many(np.array([], dtype=np.uint64)) == []
    placement.remove(placement.nodes[-1])
    alone = [placement.lookup(key) for key in keys]
    assert placement.lookup_many(np.array(keys, dtype=np.uint64)) == alone


def test_many_are_looked_up_in_ketama():
    ring = HashRing(KETAMA, points="ketama")
    keys = np.arange(1000, dtype=np.uint64)
    assert ring.lookup_many(keys) == [ring.lookup(key) for key in range(1000)]


def test_text_and_its_bytes_are_one_key():
    assert HashRing(NODES).lookup("é") == HashRing(NODES).lookup("é".encode())


@every
@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda p: p.lookup(1.5), TypeError, "the key is 1.5: give text, bytes"),
        (lambda p: p.lookup(True), TypeError, "the key is True"),
        (lambda p: p.lookup(None), TypeError, "the key is None"),
        (lambda p: p.lookup(-1), ValueError, "the key is -1: give a number from 0"),
        (lambda p: p.lookup(2**64), ValueError, "the key is 18446744073709551616"),
        (lambda p: p.lookup_many(np.arange(3)), TypeError, "an array of int64"),
        (
            lambda p: p.lookup_many(np.zeros((2, 2), dtype=np.uint64)),
            TypeError,
            "an array of uint64 in 2 dimensions",
        ),
        (lambda p: p.replicas("x", 0), ValueError, "r is 0, and there are 7 nodes"),
        (lambda p: p.replicas("x", 8), ValueError, "r is 8, and there are 7 nodes"),
        (lambda p: p.replicas("x", 2.0), TypeError, "r is 2.0: give a whole number"),
        (lambda p: p.add("n1"), ValueError, "there is a node 'n1' already"),
        (lambda p: p.add(3), TypeError, "the node is 3: give its name as text"),
        (lambda p: p.add("x", 0), ValueError, "the weight of 'x' is 0: give"),
        (lambda p: p.add("x", -1), ValueError, "the weight of 'x' is -1: give"),
        (lambda p: p.add("x", math.nan), ValueError, "the weight of 'x' is nan: give"),
        (lambda p: p.add("x", math.inf), ValueError, "the weight of 'x' is inf: give"),
        (lambda p: p.add("x", "2"), TypeError, "the weight of 'x' is '2': give a"),
        (lambda p: p.remove("x"), ValueError, "there is no node 'x'"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(kind, act, error, words):
    placement = kind(NODES)
    before = placement.lookup_many(KEYS)
    with pytest.raises(error, match=re.escape(words)):
        act(placement)
    assert (placement.nodes, placement.lookup_many(KEYS)) == (tuple(NODES), before)


@every
def test_no_node_no_owner(kind):
    for act in (
        lambda p: p.lookup("x"),
        lambda p: p.lookup_many(["x"]),
        lambda p: p.lookup_many(np.array([1], dtype=np.uint64)),
    ):
        with pytest.raises(ValueError, match="there is no node: add one"):
            act(kind())
    with pytest.raises(ValueError, match="r is 1, and there are 0 nodes"):
        kind().replicas("x", 1)
    last = kind(["a"])
    last.remove("a")
    last.add("b")
    assert last.lookup("x") == "b"


@pytest.mark.parametrize("kind", [JumpHash, Modulo], ids=name)
def test_one_share_for_all(kind):
    placement = kind({"a": 2, "b": 2})
    with pytest.raises(ValueError, match=r"the weight of 'c' is 1: give 2, that of"):
        placement.add("c")
    assert placement.nodes == ("a", "b")


def test_jump_loses_nodes_from_the_end():
    placement = JumpHash("abc")
    with pytest.raises(ValueError, match="'a' cannot be removed before 'c'"):
        placement.remove("a")
    assert placement.nodes == ("a", "b", "c")


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: HashRing("aa"), ValueError, "there is a node 'a' already"),
        (lambda: HashRing("a", points=0), ValueError, "points is 0: give 1 or more"),
        (lambda: HashRing("a", points=True), ValueError, "points is True"),
        (lambda: HashRing("a", points="md5"), ValueError, "points is 'md5': give"),
        (
            lambda: HashRing("a", points="ketama", hash_function=blake2b),
            ValueError,
            "give none, as ketama has MD5",
        ),
        (
            lambda: HashRing("a", hash_function=lambda data: -1),
            ValueError,
            "the hash of 'a' is -1: give a function whose numbers are from 0 to 2**64",
        ),
        (lambda: Maglev("a", size=10), ValueError, "size is 10: give a prime number"),
        (lambda: Maglev("a", size=0), ValueError, "size is 0"),
        (lambda: Maglev("abc", size=2), ValueError, "'c' finds no place in a table of"),
        (lambda: jump(-1, 3), ValueError, "the key is -1"),
        (lambda: jump(2**64, 3), ValueError, "the key is 18446744073709551616"),
        (lambda: jump(1, 0), ValueError, "buckets is 0: give 1 or more"),
    ],
)
def test_what_cannot_be_made(make, error, words):
    with pytest.raises(error, match=re.escape(words)):
        make()
