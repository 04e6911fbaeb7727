"""The judges of chapter 5.3: what they accept, and what they refuse, and why."""

import math
from itertools import combinations

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_copysets, judge_site, judge_traffic

# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [(13.8, 1e11), (math.log(10**6), 100_000_000_000), (13.82, 10**11)]
)
def test_messages_and_years(given):
    assert judge_traffic(*given)


def test_no_numbers_yet():
    assert judge_traffic(None, None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((math.log2(10**6), 1e11), ["binary"]),
        ((6, 1e11), ["decimal"]),
        ((20, 1e11), ["never hear"]),
        ((13.8, 1e5), ["leaves 5.0 nines"]),
        ((13.8, 11), ["leaves 1.1 nines in a year."]),
        ((13.8, 1e-11), ["1e-11 is the probability"]),
        ((13.8, 0.001), ["leaves 0.0 nines"]),
        ((6, 1e11), ["2,479 sites"]),
        ((13.8, None), ["my_years is None"]),
        (("many", 1e11), ["my_traffic is 'many'"]),
        ((True, 1e11), ["my_traffic is True"]),
    ],
)
def test_numbers_are_refused(given, words):
    refused(judge_traffic(*given), *words)


# 2 ------------------------------------------------------------------------------------


def rows_and_columns(nodes):
    third = len(nodes) // 3
    rows = [set(nodes[at : at + 3]) for at in range(0, len(nodes), 3)]
    return rows + [set(nodes[at::third]) for at in range(third)]


def diagonals(nodes):
    third = len(nodes) // 3
    return [nodes[3 * row : 3 * row + 3] for row in range(third)] + [
        tuple(nodes[3 * ((row + column) % third) + column] for column in range(3))
        for row in range(third)
    ]


@pytest.mark.parametrize("cut", [rows_and_columns, diagonals])
def test_copysets(cut):
    assert judge_copysets(cut)


def test_no_sets_yet():
    assert judge_copysets(lambda nodes: []).verdict == "not attempted"


def rows(nodes):
    return [nodes[at : at + 3] for at in range(0, len(nodes), 3)]


def neighbours(nodes):
    return [
        {nodes[at], nodes[(at + 1) % len(nodes)], nodes[(at + 2) % len(nodes)]}
        for at in range(len(nodes))
    ]


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (rows, ["meets only"]),
        (lambda nodes: rows(nodes) + rows(nodes), ["meets only"]),
        (neighbours, ["more than 6", "one more way"]),
        (lambda nodes: list(combinations(nodes, 3)), ["more than 6"]),
        (lambda nodes: rows_and_columns(nodes[:9]), ["is in no set"]),
        (lambda nodes: [nodes[:4]], ["not a set of three"]),
        (lambda nodes: [(nodes[0],) * 3], ["not a set of three"]),
        (lambda nodes: [("x", "y", "z")], ["none of the 9"]),
        (lambda nodes: 3, ["give a list"]),
        (None, ["hand in a function"]),
    ],
)
def test_sets_are_refused(cut, words):
    refused(judge_copysets(cut), *words)


# 3 ------------------------------------------------------------------------------------


class Site:
    """Tells until two useless contacts in a row."""

    patience, every = 2, 8

    def __init__(self):
        self.useless = 0

    def act(self, number, knows):
        if knows and self.useless < self.patience:
            return "tell"
        return None

    def told(self, news):
        self.useless = 0 if news else self.useless + 1


class TellsAndAsks(Site):
    def act(self, number, knows):
        if not knows and number % self.every == 0:
            return "ask"
        return super().act(number, knows)


class ThreeTimes(Site):
    """Tells three times; asks in each round from the tenth on until it knows."""

    def __init__(self):
        self.left = 3

    def act(self, number, knows):
        if knows and self.left:
            self.left -= 1
            return "tell"
        return None if knows or number < 10 else "ask"

    def told(self, news):
        pass


@pytest.mark.parametrize("site", [TellsAndAsks, ThreeTimes])
def test_a_site(site):
    assert judge_site(site), judge_site(site)


class Untouched(Site):
    def act(self, number, knows):
        return None


def test_no_site_yet():
    assert judge_site(Untouched).verdict == "not attempted"


class Patient(Site):
    patience = 99


class Asks(Site):
    def act(self, number, knows):
        return "ask"


class TellsBlindly(Site):
    def act(self, number, knows):
        return "tell"


class Shouts(Site):
    def act(self, number, knows):
        return "shout"


class TellsSix(ThreeTimes):
    """Enough for nearly all, and no question."""

    tells = 6

    def __init__(self):
        self.left = self.tells

    def act(self, number, knows):
        return super().act(number, knows) if knows else None


class TellsFive(TellsSix):
    tells = 5


class AsksTooLate(TellsAndAsks):
    every = 41


@pytest.mark.parametrize(
    ("site", "words"),
    [
        (Site, ["have not heard", "Nobody has ever asked"]),
        (Patient, ["5 are allowed"]),
        (Asks, ["5 are allowed"]),
        (TellsSix, ["5 are allowed"]),
        (TellsFive, ["have not heard", "Nobody has ever asked"]),
        (AsksTooLate, ["have not heard"]),
        (TellsBlindly, ["does not know"]),
        (Shouts, ["act returns 'shout'"]),
        (object, ["no method act"]),
        (None, ["hand in a class"]),
    ],
)
def test_sites_are_refused(site, words):
    refused(judge_site(site), *words)
