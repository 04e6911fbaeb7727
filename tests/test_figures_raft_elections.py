"""What chapter 7.3.2 says of its figures holds for each of their settings."""

import re

import pytest

from ftlib.consensus import raft_servers
from ftlib.consensus.raft_messages import Committed
from ftlib.consensus.raft_properties import election_safety
from ftlib.figures import connectivity
from ftlib.figures.raft_elections import (
    COMMITTED,
    LOGS,
    lacking,
    may_lead,
    rounds,
    split_votes,
    splits,
    votes,
)
from ftlib.live import Live
from ftlib.services import Elected, Granted, Stored, Truncated, majority
from ftlib.simulation import Cluster, Deliver, Fire, judge, play


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def test_a_leader_is_said_where_there_is_one_and_none_is_if_all_wait_alike():
    for given in settings(split_votes):
        trace, picture = rounds(**given), split_votes(**given)
        elected = trace.facts(Elected)
        assert bool(elected) == picture.title.startswith("A leader"), given
        assert judge(trace, [election_safety])[0], given
        if not given["spread"]:
            assert picture.title.startswith("No leader within 1 s: 6 terms"), given
        if given["spread"] >= 0.15:
            assert elected, given
            assert elected[0].what.epoch <= 2, given
        if elected:
            assert picture.title.endswith(f"in term {elected[0].what.epoch}.")
            assert f"is the leader of term {elected[0].what.epoch}." in " ".join(
                picture.story
            )


def test_the_more_are_down_and_the_closer_the_time_outs_the_more_is_split():
    for up in (3, 4, 5):
        chances = [splits(spread, up) for spread in (0.0, 0.02, 0.05, 0.15, 0.3)]
        assert chances == sorted(chances, reverse=True)
        assert chances[0] == 1
    for spread in (0.02, 0.05, 0.15, 0.3):
        chances = [splits(spread, up) for up in (5, 4, 3)]
        assert chances == sorted(chances)
    assert splits(0.05, 2) == pytest.approx(1), "two of five are no majority"


def test_the_formula_is_that_of_the_dissertation():
    """Four of five are up; a message takes 1, 10 and 20 % of the spread."""
    for share, chance in ((0.01, 0.0006), (0.1, 0.052), (0.2, 0.181)):
        assert splits(0.01 / share, 4) == pytest.approx(chance, abs=0.0005)


def test_bars_tell_who_voted_for_whom():
    trace, picture = rounds(0.15, 5, 1), split_votes(0.15, 5, 1)
    for event in trace.facts(Granted):
        if event.what.to != event.node:
            told = f"{event.node} votes for {event.what.to}."
            assert any(line.endswith(told) for line in picture.story)
    leader = trace.facts(Elected)[0].node
    follows = [line for line in picture.story if f"follows {leader}" in line]
    assert len(follows) == 4


def test_with_both_comparisons_nobody_leads_who_lacks_what_is_committed():
    lost = {}
    for given in settings(may_lead):
        rule, candidate = given["rule"], given["candidate"]
        picture = may_lead(**given)
        yes = votes(rule, candidate)
        assert candidate in yes
        leads = len(yes) >= majority(len(LOGS))
        assert picture.title.startswith(f"{candidate} gets {len(yes)} of 5 votes")
        assert ("it does not lead" in picture.title) != leads
        assert picture.body.count("✓ votes") == len(yes) - 1
        gone = lacking(candidate) if leads else 0
        number = re.search(r"lacks (\d|a) ", picture.title)
        assert (number is not None) == bool(gone), given
        if gone:
            lost.setdefault(rule, []).append(candidate)
    assert lost == {"any": ["s4", "s5"], "length": ["s4"], "term": ["s5"]}


@pytest.mark.parametrize(
    "seeds", [range(1), pytest.param(range(1, 8), marks=pytest.mark.slow)]
)
def test_whoever_reaches_whom_no_two_lead_in_one_term(seeds):
    for given in settings(connectivity.known_cases):
        if given["seed"] in seeds:
            case = connectivity.CASES[given["case"]]
            trace = connectivity.ran(case, given["protocol"], given["seed"])
            assert judge(trace, [election_safety])[0], given


def votes_for(candidate, *voters):
    yield Fire(candidate, "election")
    for each in voters:
        yield Deliver("RequestVote", candidate, each)
        yield Deliver("RequestVoteReply", each, candidate)


def asked(leader, *clients):
    return [Deliver("Request", f"c{each}", leader) for each in clients]


def sent(leader, *followers, times=2, answered=True):
    for each in followers * times:
        yield Deliver("AppendEntries", leader, each)
        if answered:
            yield Deliver("AppendEntriesReply", each, leader)


def test_the_five_logs_are_those_of_a_run():
    wanted = [
        [("put", "x", client)] if client in (1, 4, 6, 9, 11, 14) else []
        for client in range(1, 15)
    ]
    script = [
        *votes_for("s1", "s2", "s3"),
        *asked("s1", 1),
        *sent("s1", "s2", "s3", "s4", "s5"),
        *votes_for("s4", "s5", "s3"),
        *asked("s4", 4, 9, 14),
        Deliver("RequestVote", "s4", "s1"),
        *votes_for("s1", "s2", "s3"),
        *asked("s1", 6),
        *sent("s1", "s2", "s3"),
        *sent("s1", "s5", answered=False),
        *asked("s1", 11),
        *sent("s1", "s2", "s3", times=1),
    ]
    trace = play(Cluster(raft_servers(wanted, 5)), script)
    logs = {server: {} for server in LOGS}
    for event in trace.facts(Stored):
        logs[event.node][event.what.index] = event.what.epoch
    assert not trace.facts(Truncated)
    assert {each: tuple(log.values()) for each, log in logs.items()} == LOGS
    last = trace.facts(Committed)[-1].what
    assert (last.index, last.term) == (len(COMMITTED), COMMITTED[-1])


def test_what_is_called_committed_is_on_a_majority():
    for index in range(len(COMMITTED)):
        have = [
            log for log in LOGS.values() if log[: index + 1] == COMMITTED[: index + 1]
        ]
        assert len(have) >= majority(len(LOGS))
    assert [lacking(server) for server in LOGS] == [0, 0, 0, 2, 1]
