"""The atlas of partial connectivity: what is said of a case holds for every seed, and
what pre-vote and check-quorum are for holds for every way to cut the links.
"""

import pytest

from ftlib.figures.connectivity import (
    CASES,
    CUT,
    ENDS,
    PAIRS,
    PROTOCOLS,
    Case,
    connectivity,
    ending,
    known_cases,
    leads,
    ran,
    tally,
)
from ftlib.figures.connectivity_counted import COUNTED
from ftlib.live import Live
from ftlib.services import Elected

CLAIMED = {
    "whole": ("stays", "stays", "stays"),
    "away": ("stays", "stays", "stays"),
    "outage": ("changes", "stays", "stays"),
    "ring": ("changes", "stays", "stays"),
    "chained": ("changes", "stays", "stays"),
    "quorum loss": ("stays", "cannot be", "stays"),
    "constrained": ("cannot be", "cannot be", "cannot be"),
    "halves": ("cannot be", "cannot be", "cannot be"),
}


def cases(servers):
    pairs = PAIRS[: servers * (servers - 1) // 2]
    for number in range(2 ** len(pairs)):
        chosen = [pair for at, pair in enumerate(pairs) if number >> at & 1]
        yield Case("", servers, " ".join(chosen))


def ends(servers, protocol):
    """Tell for each way to cut how it ends, and whether anybody reaches a majority."""
    for case in cases(servers):
        able = any(leads(case, f"s{number + 1}") for number in range(servers))
        yield able, ending(case, protocol).how
        ran.cache_clear()


def hold(servers):
    """What `test_cut_in_every_way` asks."""
    plain, asked, checked = (set(ends(servers, name)) for name in PROTOCOLS)
    assert checked == {(False, "cannot be"), (True, "stays")}
    assert (True, "changes") not in asked
    assert (True, "changes") in plain
    assert {how for able, how in plain | asked if not able} == {"cannot be"}
    return (True, "cannot be") in asked


@pytest.mark.parametrize("case", CASES)
def test_a_case_ends_as_is_claimed(case):
    for protocol, how in zip(PROTOCOLS, CLAIMED[case], strict=True):
        assert {ending(CASES[case], protocol, seed).how for seed in range(2)} == {how}
        assert COUNTED[case, protocol][ENDS.index(how)] > 190


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_all_seeds_are_counted(case):
    for protocol in PROTOCOLS:
        assert tally(CASES[case], protocol, range(200)) == COUNTED[case, protocol]
        ran.cache_clear()


@pytest.mark.parametrize("servers", [3, pytest.param(4, marks=pytest.mark.slow)])
def test_cut_in_every_way(servers):
    """With both, a leader stays wherever a server reaches a majority; with pre-vote
    alone none changes again and again, but from four servers on there may be none.
    """
    assert hold(servers) is (servers > 3)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_s1_leads_before_the_links_fail(protocol):
    for case in ("whole", "chained", "constrained"):
        for seed in range(4):
            first = ran(CASES[case], protocol, seed).facts(Elected)[0]
            assert first.node == "s1"
            assert first.time < CUT


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_drawn(case):
    for protocol in PROTOCOLS:
        picture = known_cases(case, protocol)
        how = ending(CASES[case], protocol).how
        words = {"stays": "stay", "changes": "has not stopped", "cannot be": "Nobody"}
        assert words[how] in picture.title
        assert "Among 200 seeds, " in picture.description
        assert picture.width <= 430
        assert len(picture.story) < 20


def test_what_the_reader_cuts_is_drawn():
    chained, drawn = known_cases("chained"), connectivity(3, "yny")
    assert chained.body == drawn.body
    assert connectivity(3, "ynynnnnnnn").body == drawn.body
    whole = connectivity(10, "y" * 10, "check-quorum")
    assert whole.title == "s1 leads, and stays the leader."
    alone = connectivity(6, "n" * 6)
    assert "No server reaches 3 of 4" in alone.description
    assert "believes to the end" in alone.story[-1]
    blocked = connectivity(6, "yynnyn", "pre-vote").title
    assert blocked.startswith(("Nobody", "s"))


def test_the_control_names_the_pairs():
    (links,) = [dial for dial in Live(connectivity).spec.dials if dial.name == "links"]
    assert links.names[:3] == ("s1–s2", "s1–s3", "s2–s3")
    assert len(links.names) == 10


def test_what_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="pairs is 5"):
        connectivity(5, "yyyyy")
    with pytest.raises(ValueError, match="links is 'yx'"):
        connectivity(3, "yx")
