"""What chapter 7.3.3 says of its figures holds for each of their settings."""

from itertools import product

import pytest

from ftlib.checking import ClusterModel, explore
from ftlib.consensus import raft_servers
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.figures import raft_log, raft_older_term
from ftlib.figures.raft_log import (
    CHECKS,
    LOGS,
    STARTS,
    catching_up,
    logs_of,
    played,
)
from ftlib.figures.raft_older_term import NEXT, RULES, older_term, scene
from ftlib.services import majority
from ftlib.simulation import Cluster, Deliver, Recover, judge, play

LEADER = (*LOGS["leader"], raft_log.OWN)
FOLLOWERS = [each for each in LOGS if each != "leader"]


def agree(one, other):
    """Up to where two logs are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def test_the_leader_of_figure_7_is_elected_by_a_majority():
    last = {each: (log[-1], len(log)) for each, log in LOGS.items()}
    voters = [each for each in LOGS if last[each] <= last["leader"]]
    assert voters == ["leader", "a", "b", "e", "f"]
    assert len(voters) >= majority(len(LOGS))


@pytest.mark.parametrize("follower", FOLLOWERS)
def test_who_checks_number_and_term_has_the_log_of_its_leader(follower):
    run = played(follower, "both")
    assert run.after == LEADER
    at = min(agree(LOGS[follower], LEADER), 10)
    questions = [(index, index == at) for index in range(10, at - 1, -1)]
    assert list(run.asked) == questions
    extra = LOGS[follower][at:]
    assert run.gone == ((at + 1,) if extra else ())
    assert catching_up(follower, "both").title.startswith(f"{follower} has the log")


def test_without_a_check_logs_differ_and_nobody_has_refused():
    differ = {
        check: [each for each in FOLLOWERS if played(each, check).after != LEADER]
        for check in CHECKS
    }
    assert differ == {"nothing": ["a", "b", "e", "f"], "index": ["e", "f"], "both": []}
    for check, follower in product(CHECKS, FOLLOWERS):
        run, picture = played(follower, check), catching_up(follower, check)
        assert run.asked[-1][1]
        assert picture.steps == len(run.asked) + 1
        assert ("differ" in picture.title) is (follower in differ[check])
        wrong = sum(LEADER[at : at + 1] != (term,) for at, term in enumerate(run.after))
        crossed = picture.body.count('stroke-width="2.2"')
        assert crossed >= wrong
        assert bool(wrong) is (run.after != LEADER)
    assert all(played(each, "nothing").asked == ((10, True),) for each in FOLLOWERS)


def test_figure_8_is_that_of_the_paper():
    for rule, then in product(RULES, NEXT):
        a, b, c, last = scene(rule, then)
        terms = [(moment.leader, moment.down) for moment in (a, b, c)]
        assert terms == [("s1", ""), ("s5", "s1"), ("s1", "s5")]
        assert list(a.logs.values()) == [(1, 2), (1, 2), (1,), (1,), (1,)]
        assert list(b.logs.values()) == [(1, 2), (1, 2), (1,), (1,), (1, 3)]
        assert list(c.logs.values()) == [(1, 2, 4), (1, 2), (1, 2), (1,), (1, 3)]
        ends = {
            "d": [(1, 2, 4), *[(1, 3)] * 4],
            "e": [*[(1, 2, 4)] * 3, (1,), (1, 3)],
        }
        assert list(last.logs.values()) == ends[then]
        assert last.leader == {"d": "s5", "e": ""}[then]


def test_only_an_older_entry_that_was_counted_is_lost():
    said = {
        (rule, then): older_term(rule, then).title
        for rule, then in product(RULES, NEXT)
    }
    lost = [given for given, title in said.items() if "was called" in title]
    assert lost == [("majority", "d")]
    assert scene("majority", "d")[2].committed[-1] == (1, 2)
    assert scene("own", "d")[3].committed == ((1,),)
    assert scene("own", "e")[3].committed[-1] == (1, 2, 4)
    for given in said:
        picture = older_term(*given)
        assert picture.steps == 4
        assert picture.width <= 430


def test_a_promise_is_broken_where_the_picture_says_so():
    for rule, then in product(RULES, NEXT):
        script = [
            *raft_older_term.BEGIN,
            *raft_older_term.AWAY,
            *raft_older_term.BACK,
            *NEXT[then],
        ]
        nodes = raft_servers(raft_older_term.PUTS, 5, server=RULES[rule])
        kept = all(judge(play(Cluster(nodes), script), PROPERTIES))
        assert kept is ("was called" not in older_term(rule, then).title)


def test_the_logs_of_a_run_are_what_is_left_of_them():
    trace = play(
        Cluster(raft_servers(raft_older_term.PUTS, 5)),
        [
            *raft_older_term.BEGIN,
            *raft_older_term.AWAY,
            *raft_older_term.BACK,
            *NEXT["d"],
        ],
    )
    values = [entry.value.operation[2] for entry in logs_of(trace)["s3"]]
    assert values == [1, 3]
    back = [
        Recover("s1"),
        *[Deliver("AppendEntries", "s5", "s1")] * 3,  # two are of term 3
        *[Deliver("AppendEntriesReply", "s1", "s5")] * 3,
        Deliver("AppendEntries", "s5", "s1"),
    ]
    trace = play(
        Cluster(raft_servers(raft_older_term.PUTS, 5)),
        [
            *raft_older_term.BEGIN,
            *raft_older_term.AWAY,
            *raft_older_term.BACK,
            *NEXT["d"],
            *back,
        ],
    )
    assert [entry.epoch for entry in logs_of(trace)["s1"]] == [1, 3], "it had three"


@pytest.mark.parametrize("start", [each for each in STARTS if "members" not in each])
def test_each_start_can_be_played(start):
    wanted, steps = STARTS[start]
    nodes = raft_servers(wanted, longest=0.1)
    quiet = {"election": 0, "heartbeat": 0, "retry": 0}
    model = ClusterModel(
        nodes, PROPERTIES, network="fifo", firings=quiet, settled=steps
    )
    assert explore(model, max_states=50).states
