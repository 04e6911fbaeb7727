"""What the text says of the pictures of hashing, at every setting of their controls."""

import re
from collections import Counter

import pytest

from ftlib.analysis.movement import moved
from ftlib.figures.consistent_hashing import KEYS, NAMES, RULES, placements
from ftlib.figures.hash_ring import ring, shares
from ftlib.hashing import HashRing
from ftlib.live import Live
from ftlib.live.table import Table


def everything(figure):
    """Every set of parameters, and its picture."""
    spec = Live(figure).spec
    return [
        (each, figure(**each))
        for each in (spec.parameters(state) for state in spec.product())
    ]


def test_on_a_ring_only_those_move_that_must():
    for parameters, picture in everything(ring):
        nodes, change = parameters["nodes"], parameters["change"]
        before = HashRing(NAMES[:nodes], parameters["points"])
        loads = Counter(before.lookup_many(KEYS))
        drawn = picture.body.count("l7 7l-7 7l-7 -7z") - (change != "none")
        if change == "none":
            held = [loads[node] for node in before.nodes]
            assert picture.title == (
                f"The fullest of {nodes} nodes holds {max(held)} of 60 keys, the"
                f" emptiest {min(held)}."
            )
            assert drawn == 0
            continue
        who, words = picture.title.split(" ", 1)
        after = HashRing(before.nodes, parameters["points"])
        if change == "joins":
            after.add(who)
            whose = "all of them to it."
        else:
            best = max if change == "fullest" else min
            assert loads[who] == best(loads[node] for node in before.nodes)
            after.remove(who)
            whose = "all of them its own."
        found = moved(before, after, KEYS)
        assert (found.needed, found.needless) == (drawn, 0)
        event, told = words.split(": ")
        assert event == ("joins" if change == "joins" else "leaves")
        if drawn:
            assert re.fullmatch(rf"{drawn} keys? of 60 move, {whose}", told)
        else:
            assert told == "no key moves."
        gains = sum("now holds" in line for line in picture.story)
        if parameters["points"] == 1:
            assert gains <= 1, "what a single point leaves falls to one neighbour"
        assert len(picture.story) == nodes + (change == "joins")


@pytest.mark.parametrize("figure", [ring, placements, shares])
def test_every_setting_is_in_the_page(figure):
    """So that a reader who combines controls does not wait for Python."""
    assert Table.of(Live(figure).spec, figure).complete


def test_more_points_make_the_fullest_less_full():
    """Not at every step of the control, but from one to the other end of it."""
    for nodes in range(3, 9):
        one, many = (
            int(re.search(r"holds (\d+)", ring(nodes, v, "none").title)[1])
            for v in (1, 64)
        )
        assert many < one


def test_what_moves_in_each_placement_is_what_is_counted():
    for parameters, picture in everything(placements):
        nodes, change = parameters["nodes"], parameters["change"]
        start = NAMES[:nodes]
        end = {"last": start[:-1], "first": start[1:], "joins": NAMES[: nodes + 1]}
        make = RULES[parameters["rule"]][1]
        found = moved(make(start), make(end[change]), KEYS)
        numbers = [int(line.split()[0]) for line in picture.story]
        total = found.needed + found.needless
        assert numbers == [60 - total, found.needed, found.needless]
        assert picture.body.count("l7 7l-7 7l-7 -7z") == found.needed + 1
        title = re.match(
            r"(\d+) keys? of 60 move, (?:(\d+) without|and each)", picture.title
        )
        assert (int(title[1]), int(title[2] or 0)) == (total, found.needless)


@pytest.mark.parametrize("rule", ["ring", "rendezvous"])
@pytest.mark.parametrize("change", ["last", "first", "joins"])
@pytest.mark.parametrize("nodes", range(3, 8))
def test_these_move_nothing_without_need(rule, change, nodes):
    assert placements(rule, nodes, change).title.endswith("each of them had to.")


@pytest.mark.parametrize("nodes", range(3, 8))
def test_jump_moves_up_when_another_than_the_last_leaves(nodes):
    assert placements("jump", nodes, "last").title.endswith("each of them had to.")
    assert placements("jump", nodes, "joins").title.endswith("each of them had to.")
    assert placements("jump", nodes, "first").title.endswith("all others move up.")


def test_shares_are_those_of_many_keys():
    """The length of arcs is what many keys measure; and the more points, the nearer is
    the fullest to the mean.
    """
    for parameters, picture in everything(shares):
        words = re.search(r"of (\d+) holds ([\d.]+) times", picture.title)
        nodes, fullest = int(words[1]), float(words[2])
        assert nodes == parameters["nodes"] == len(picture.story)
        names = [f"{parameters['names']}{n}" for n in range(nodes)]
        loads = Counter(HashRing(names, parameters["points"]).lookup_many(range(4000)))
        counted = max(loads.values()) * nodes / 4000
        assert abs(counted - fullest) < 0.22, parameters
        if parameters["points"] == 256:
            assert fullest < 1.2
        if parameters["points"] == 1:
            assert fullest > 1.5
