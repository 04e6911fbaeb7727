"""Every promise has a mutant that breaks it: those the chapters show, and subtler ones
that a weak test would let pass.
"""

import pytest
from commits import ALL, UNTIL, WITHIN, broken, outcomes, run, single_faults, sweep
from staged import without_one

from ftlib.simulation import Cluster, Duplicate, Lose, Node, Schedule, judge
from ftlib.transactions import bank_mutants, mutants
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    PROPERTIES,
    Applied,
    Decided,
    Voted,
    nonblocking,
)
from ftlib.transactions.mutants import (
    BREAKS,
    SHOWN_BY,
    AlwaysAborts,
    OwnVoteDecides,
    mutated,
)
from ftlib.transactions.two_phase import (
    Ack,
    Coordinator,
    Inquiry,
    Logged,
    Participant,
    Vote,
)

SHOWN = list(SHOWN_BY.items())

# The mutants that the chapters show


def correct(mutant: type) -> type:
    return Coordinator if issubclass(mutant, Coordinator) else Participant


def test_every_mutant_is_shown():
    assert {
        name for name in mutants.__all__ if isinstance(getattr(mutants, name), type)
    } == {each.__name__ for each in SHOWN_BY}
    assert {each: name for each, (_, _, name) in SHOWN_BY.items()} == BREAKS
    assert set(BREAKS.values()) <= {prop.name for prop in PROPERTIES}


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_the_property_that_is_named_first(mutant, shown):
    votes, faults, name = shown
    cluster = Cluster(mutated(mutant, votes), faults=faults)
    trace = cluster.run(until=UNTIL)
    violated = [
        finding for finding in judge(trace, PROPERTIES) if finding.verdict == "violated"
    ]
    assert name in {finding.name for finding in violated}
    first = min(finding.event.index for finding in violated)
    assert (
        next(finding.event.index for finding in violated if finding.name == name)
        == first
    )
    stopped = Cluster(mutated(mutant, votes), faults=faults)
    stopped.run(until=UNTIL, properties=PROPERTIES)
    assert stopped.violation.name == name


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_the_correct_protocol_keeps_everything_under_the_same_schedule(mutant, shown):
    votes, faults, _ = shown
    assert not broken(run(mutated(correct(mutant), votes), faults))


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    votes, faults, name = shown
    for left_out, fewer in without_one(faults):
        assert name not in broken(run(mutated(mutant, votes), fewer)), left_out


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_schedules_are_data(mutant, shown):
    _, faults, _ = shown
    assert Schedule.from_text(repr(faults)) == faults


@pytest.mark.parametrize("votes", ["y", "yy", "yyyy"])
@pytest.mark.parametrize(
    "mutant", [mutant for mutant in SHOWN_BY if mutant is not AlwaysAborts]
)
def test_a_mutant_passes_for_correct_while_nothing_fails_and_all_vote_yes(
    mutant, votes
):
    nodes = mutated(mutant, votes)
    trace = run(nodes)
    assert all(judge(trace, (*ALL, nonblocking(WITHIN, UNTIL))))
    assert set(outcomes(trace).values()) == {"commit"}


def test_what_each_mutant_breaks_on_the_way():
    """Disagreement has consequences; nothing but the named property is broken without
    it.
    """
    found = {
        each.__name__: broken(run(mutated(each, votes), faults), PROPERTIES)
        for each, (votes, faults, _) in SHOWN_BY.items()
    }
    assert found == {
        "OwnVoteDecides": {"agreement", "validity", "conserved total"},
        "KeepsNoLog": {"agreement", "conserved total"},
        "SendsBeforeForcing": {"agreement", "conserved total"},
        "AlwaysAborts": {"non-triviality"},
        "ForgetsItsVote": {"agreement", "conserved total"},
        "CommitsInDoubt": {"agreement", "validity", "conserved total"},
        "AbortsInDoubt": {"agreement", "conserved total"},
    }


@pytest.mark.parametrize("votes", ["yn", "ny", "nyy", "yny", "yyn"])
def test_the_articles_mistake_shows_whoever_votes_no(votes):
    """One no among three: two commits and one rollback."""
    found = outcomes(run(mutated(OwnVoteDecides, votes)))
    assert [found[f"p{k}"] for k in range(1, len(votes) + 1)] == [
        {"y": "commit", "n": "abort"}[vote] for vote in votes
    ]


def test_mutated_takes_nothing_else():
    with pytest.raises(TypeError, match="neither a Coordinator nor a Participant"):
        mutated(Node)


# Subtler ones, found by every single fault


class LazyPromise(Participant):
    """Votes yes without having forced the promise."""

    def prepare(self, coordinator, message):
        self.disk.write(
            f"txn {message.txn}",
            Logged("prepared", coordinator, message.participants, message.changes),
        )
        self.lock(message.txn)
        self.record(Voted(message.txn, "yes"))
        self.send(coordinator, Vote(message.txn, "yes"))
        self.set_timer(f"doubt {message.txn}", self.patience)


class LazyCommitRecord(Coordinator):
    """Writes the commit record, and leaves the force to chance."""

    def decide(self, txn, outcome):
        del self.votes[txn]
        self.cancel_timer(f"votes {txn}")
        if outcome == COMMIT:
            self.disk.write(f"commit {txn}", self.transactions[txn].participants)
        self.record(Decided(txn, outcome))
        self.announce(txn, outcome, list(self.transactions[txn].participants))


class VotesBeforeForcing(Participant):
    """Sends its vote, then forces it."""

    def prepare(self, coordinator, message):
        self.disk.write(
            f"txn {message.txn}",
            Logged("prepared", coordinator, message.participants, message.changes),
        )
        self.record(Voted(message.txn, "yes"))
        self.send(coordinator, Vote(message.txn, "yes"))
        self.disk.force()
        self.lock(message.txn)
        self.set_timer(f"doubt {message.txn}", self.patience)


class AcksBeforeForcing(Participant):
    """Lets the coordinator forget before it is safe."""

    def apply(self, txn, entry):
        self.send(entry.coordinator, Ack(txn))
        super().apply(txn, entry)


class LazyOutcome(Participant):
    """Acknowledges a commit that is not on its disk yet."""

    def apply(self, txn, entry):
        self.disk.write(
            f"txn {txn}",
            Logged(COMMIT, entry.coordinator, entry.participants, entry.changes),
        )
        for account, amount in entry.changes:
            self.disk.write(f"balance {account}", self.balance(account) + amount)
        self.record(Applied(txn, entry.changes))
        self.record(Decided(txn, COMMIT))


class ForgetsAfterOneAck(Coordinator):
    """Takes the first acknowledgement for all of them."""

    def on_message(self, sender, message):
        match message:
            case Ack(txn) if txn in self.owing:
                self.forget(txn)
            case _:
                super().on_message(sender, message)


class BeginsAnew(Coordinator):
    """Begins its transactions again when it recovers, whatever became of them."""

    def recover(self):
        super().recover()
        for name in self.transactions:
            self.begin(name)


class CountsVotes(Coordinator):
    """Counts votes instead of voters: two copies of one are two."""

    def on_message(self, sender, message):
        match message:
            case Vote(txn, vote) if txn in self.votes:
                self.votes[txn][f"{sender} {len(self.votes[txn])}"] = vote
                self.count(txn)
            case _:
                super().on_message(sender, message)


class Majority(Coordinator):
    """Commits when most have voted yes."""

    def count(self, txn):
        votes = self.votes[txn]
        if 2 * len(votes) > len(self.transactions[txn].participants):
            self.decide(txn, ABORT if "no" in votes.values() else COMMIT)


class CommitsOnTimeout(Coordinator):
    """Takes silence for consent."""

    def on_timer(self, name):
        if name.startswith("votes "):
            self.decide(name.removeprefix("votes "), COMMIT)
        else:
            super().on_timer(name)


class ObeysTheLastWord(Participant):
    """Lets a later decision overrule an earlier one."""

    def learn(self, sender, txn, outcome):
        entry = self.log(txn)
        if entry.status == "commit" and outcome == ABORT:
            self.disk.write(f"txn {txn}", Logged(ABORT))
            self.record(Decided(txn, ABORT))
        super().learn(sender, txn, outcome)


class AppliesTwice(Participant):
    """Adds the amount again when the decision comes a second time."""

    def learn(self, sender, txn, outcome):
        entry = self.log(txn)
        if (entry.status, outcome) == ("commit", COMMIT):
            self.apply(txn, entry)
        super().learn(sender, txn, outcome)


class PaysNothing(Participant):
    """Applies what it receives, and forgets what it owes."""

    def apply(self, txn, entry):
        received = tuple(
            (account, amount) for account, amount in entry.changes if amount > 0
        )
        super().apply(
            txn, Logged(entry.status, entry.coordinator, entry.participants, received)
        )


class NeverAsks(Participant):
    """Waits in doubt for a decision that may have been lost: an abort is not sent
    twice.
    """

    def in_doubt(self, txn):
        pass


class NoTimeout(Coordinator):
    """Waits for every vote for ever."""

    def on_timer(self, name):
        if not name.startswith("votes "):
            super().on_timer(name)


class RecoversSilently(Coordinator):
    """Answers nobody about what it had decided before its crash."""

    def on_message(self, sender, message):
        if self.votes or self.owing or not isinstance(message, Inquiry):
            super().on_message(sender, message)


class HalfRecorded(Participant):
    """Writes the outcome and the balance in two forces."""

    def apply(self, txn, entry):
        self.disk.write(
            f"txn {txn}",
            Logged(COMMIT, entry.coordinator, entry.participants, entry.changes),
        )
        self.disk.force()
        for account, amount in entry.changes:
            self.disk.write(f"balance {account}", self.balance(account) + amount)
        self.disk.force()
        self.record(Applied(txn, entry.changes))
        self.record(Decided(txn, COMMIT))


SUBTLE = [
    # mutant, the votes it is tried on, what it breaks
    (LazyPromise, "yy", {"termination"}),
    (LazyCommitRecord, "yy", {"agreement", "conserved total"}),
    (VotesBeforeForcing, "yy", {"termination"}),
    (AcksBeforeForcing, "y", {"agreement"}),
    (AcksBeforeForcing, "yy", {"agreement", "conserved total"}),
    (LazyOutcome, "yy", {"agreement", "stability"}),
    (ForgetsAfterOneAck, "yy", {"agreement"}),
    (BeginsAnew, "yy", {"agreement", "stability"}),
    (CountsVotes, "ys", {"validity", "termination"}),
    (Majority, "yys", {"validity", "termination"}),
    (CommitsOnTimeout, "ys", {"validity"}),
    (AppliesTwice, "yy", {"audit"}),
    (PaysNothing, "yy", {"conserved total"}),
    (NeverAsks, "yn", {"termination"}),
    (NoTimeout, "ys", {"termination"}),
    (RecoversSilently, "yy", {"termination"}),
    (HalfRecorded, "yy", {"audit"}),
]


@pytest.mark.parametrize(("mutant", "votes", "names"), SUBTLE)
def test_every_single_fault_finds_it(mutant, votes, names):
    nodes = mutated(mutant, votes)
    _, first = sweep(nodes, single_faults(nodes))
    assert names <= first.keys(), first


def test_one_that_obeys_the_last_word_is_found_by_three():
    """p1 asks twice before it hears of the commit; the second copy of the first
    question comes when all is forgotten.
    """
    faults = [
        Lose("Decision", receiver="p1"),
        Lose("Decision", nth=3),
        Duplicate("Inquiry", later=3.0),
    ]
    assert broken(run(mutated(ObeysTheLastWord), faults)) >= {"agreement", "stability"}
    assert not broken(run("yy", faults))


def test_between_them_they_break_everything():
    subtle = set().union(*(names for _, _, names in SUBTLE))
    assert subtle | {*BREAKS.values(), *bank_mutants.BREAKS.values()} == {
        *(prop.name for prop in ALL),
        "audit",
    }
