"""What chapter 7.4.4 says of its figures holds for each of their settings."""

from itertools import combinations, product

import pytest

from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.figures.real_consensus import (
    FORCED,
    HOW,
    LETTERS,
    READS,
    SERVERS,
    behind_the_cut,
    left,
    outage,
    outage_run,
    safe,
    seen,
)
from ftlib.services import Elected
from ftlib.simulation import judge

DOWN = ("s1", "s2", "s1 s2", "s1 s2 s3")


def read_by_c2(*given, **more):
    answers = outage_run(*given, **more).where(kind="return", node="c2")
    return [event.what[1] or "" for event in answers]


def test_a_killed_process_loses_nothing():
    for down, forced in product(DOWN, FORCED):
        fail = tuple(down.split())
        assert safe(left("kill", fail, forced)) == LETTERS
        assert read_by_c2("kill", fail, forced) == [LETTERS]
        assert "nothing that was acknowledged" in outage("kill", down, forced).title


def test_which_outages_of_power_are_a_danger():
    safe_ones = {
        (down, forced)
        for down, forced in product(DOWN, FORCED)
        if safe(left("power", tuple(down.split()), forced)) == LETTERS
    }
    everywhere = {(down, "all") for down in DOWN}
    assert safe_ones == everywhere | {("s1", "leader"), ("s2", "followers")}


@pytest.mark.parametrize("forced", FORCED)
def test_what_a_majority_lacks_is_lost_once_it_is_alone(forced):
    """Both ways: cut off those that have it, and nobody reads it; cut off any one
    server, and what is safe is read, if there is an answer. (A leader never sends again
    what a follower has acknowledged, and one that has forgotten it refuses all else.)
    """
    for how, down in product(HOW, DOWN):
        fail = tuple(down.split())
        logs = left(how, fail, forced)
        kept = safe(logs)
        for each in SERVERS:
            read = read_by_c2(how, fail, forced, without=(each,))
            assert all(each.startswith(kept) for each in read), (how, down, each)
            assert read or kept != LETTERS
        if kept != LETTERS:
            have = tuple(each for each in SERVERS if logs[each] > kept)
            assert len(have) < 2
            assert read_by_c2(how, fail, forced, without=have) == [kept]
            assert f"{LETTERS[len(kept)]}" in outage(how, down, forced).title


def test_the_run_is_as_the_picture_says():
    trace = outage_run("power", SERVERS, "nothing")
    assert trace.facts(Elected)[0].node == "s1"
    assert len(trace.where(kind="return", node="c1")) == len(LETTERS)
    assert {event.node for event in trace.where(kind="crash") if event.time} == {
        *SERVERS
    }
    assert not all(judge(trace, PROPERTIES))
    assert all(judge(outage_run("power", SERVERS, "all"), PROPERTIES))


def test_what_is_safe_is_what_a_majority_has():
    for logs in combinations(("", "a", "ab", "abc") * 3, 3):
        kept = safe(dict(zip(SERVERS, logs, strict=True)))
        assert sum(log >= kept for log in logs) >= 2
        assert sum(log > kept for log in logs) < 2


def test_only_memory_behind_the_cut_is_stale():
    for reads, reader in product(READS, ("old", "new")):
        run = seen(reads, reader)
        stale = (reads, reader) == ("memory", "old")
        assert bool(run.verdict) is not stale
        write, read = run.history
        assert write.returned < read.invoked
        assert read.result == (None if stale else "a")
        waits = read.returned > 1.6
        assert waits is (reader == "old" and reads != "memory")
        assert behind_the_cut(reads, reader).title.startswith("Not") is stale
        assert all(judge(run.trace, PROPERTIES))
