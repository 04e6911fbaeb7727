"""A protocol that reads the clock has its place on the page of trust: it is simulated
there, its mutants are found by chance, and nothing says that it was explored.
"""

import sys
from dataclasses import dataclass, replace

import pytest

from ftlib.simulation import Broken, Crash, Node, Property, Recover, Schedule, monitor
from ftlib.simulation.promises import casting
from ftlib.simulation.world import UNTIL, Protocol, Simulated
from tools import trust
from tools.trust import planted, verdicts
from tools.trust.parts import Part
from tools.trust.planted import Effort, Mutant, Searched, Staged


@dataclass(frozen=True)
class Ask:
    """May I hold the lease?"""


@dataclass(frozen=True)
class Lease:
    """You hold it, until then."""

    until: float


@dataclass(frozen=True)
class Holds:
    """Fact: this node holds the lease."""


@dataclass(frozen=True)
class Frees:
    """Fact: this node does not hold it any more."""


class Granter(Node):
    """Grants one lease at a time, for a second each."""

    MESSAGES = (Lease,)
    timed = True

    def on_start(self):
        self.until = self.disk.read("until", 0.0)

    def on_message(self, sender, message):
        if self.now >= self.until:
            self.until = self.now + 1
            self.disk.write("until", self.until)
            self.disk.force()
            self.send(sender, Lease(self.until))


class Holder(Node):
    """Asks for the lease again and again."""

    MESSAGES, FACTS = (Ask,), (Holds, Frees)
    timed = True

    def on_start(self):
        self.set_timer("ask", (0.1, 0.3))

    def on_message(self, sender, message):
        if self.now < message.until:
            self.record(Holds())
            self.set_timer("free", message.until - self.now)

    def on_timer(self, name):
        if name == "free":
            self.record(Frees())
        else:
            self.send("granter", Ask())
            self.set_timer("ask", (0.1, 0.3))


class ForgetsItsLease(Granter):
    """Comes back from a crash as if it had granted nothing."""

    def on_start(self):
        self.until = 0.0


class NeverFrees(Holder):
    """Keeps what it has got."""

    def on_timer(self, name):
        if name == "ask":
            super().on_timer(name)


class NeverAsks(Holder):
    """Waits to be offered the lease."""

    def on_start(self):
        pass


class Polite(Holder):
    """Makes no mistake."""


def one_step(holding, event):
    if event.kind == "crash" or isinstance(event.what, Frees):
        return holding - {event.node}
    if isinstance(event.what, Holds):
        holding |= {event.node}
    return holding if len(holding) < 2 else Broken("two hold the lease")


one_at_a_time = monitor("one at a time", frozenset(), one_step, kinds=("fact", "crash"))
held = Property(
    "held",
    lambda trace: None if trace.facts(Holds) else "nobody ever held the lease",
    liveness=True,
)


def leases(granter=Granter, holder=Holder):
    return {"granter": granter, "a": holder, "b": holder}


BACK = Schedule([Crash("granter", at=0.6), Recover("granter", at=0.7)])
SHOWN_BY = {
    ForgetsItsLease: ((), BACK, "one at a time"),
    NeverFrees: ((), Schedule(), "one at a time"),
    NeverAsks: ((), Schedule(), "held"),
    Polite: ((), Schedule(), "one at a time"),
}
CAST = casting(leases, granter=Granter, holder=Holder)


def mutated(kind, given):
    return CAST(kind, *given)


def mutant(kind):
    given, schedule, breaks = SHOWN_BY[kind]
    return Mutant(sys.modules[__name__], kind, kind.__mro__[1], given, breaks, schedule)


CRASHES = Simulated(
    "two that want the lease, the granter crashes",
    leases(),
    (one_at_a_time,),
    {"faults": ("crash",), "crashing": ("granter",), "survivors": True},
    seeds=60,
)
CALM = Simulated("two that want the lease", leases(), (held,), {"faults": ()}, seeds=5)
SLOW = Simulated(
    "two that want the lease, one of them slow",
    leases(),
    (one_at_a_time, held),
    {"faults": ("slow",), "most": 1},
    breaks="one at a time",
)
LEASE = Protocol(
    "A lease", sys.modules[__name__], (one_at_a_time, held), (CRASHES, CALM, SLOW)
)


@pytest.fixture
def listed(monkeypatch):
    def only(*worlds):
        protocol = replace(LEASE, worlds=worlds)
        monkeypatch.setattr(planted, "protocols", lambda: [protocol])

    only(*LEASE.worlds)
    return only


def test_it_is_simulated_and_not_explored():
    rows = [trust.verdict_row(verdicts.searched(world)) for world in LEASE.worlds]
    assert rows[0] == [
        "**two that want the lease, the granter crashes**<br>8 s, at most 3 faults of"
        " crash, only granter may crash, unforced writes may survive",
        "simulated",
        "searched: 60 schedules, nothing found",
    ]
    assert rows[1] == [
        "**two that want the lease**<br>8 s, no faults",
        "simulated",
        "searched: 5 schedules, nothing found",
    ]
    assert rows[2][0].endswith("<br>8 s, at most 1 fault of slow")
    assert rows[2][2].startswith("one at a time fails, as it must: found by chance, ")
    assert rows[2][2].endswith(" 1 fault")


def test_what_comes_out_otherwise_than_it_must_is_said():
    fails = verdicts.searched(replace(SLOW, breaks=""))
    assert not fails.as_expected
    assert trust.verdict_row(fails)[-1].startswith(
        "**not as it must be**: one at a time fails: found by chance, "
    )
    holds = verdicts.searched(replace(CRASHES, breaks="one at a time"))
    assert not holds.as_expected
    assert (
        trust.verdict_row(holds)[-1]
        == "**not as it must be**: searched: 60 schedules, nothing found"
    )


def test_the_page_has_its_section_and_its_mutants(listed):
    found = list(map(planted.verdict, LEASE.worlds))
    part = Part(LEASE, found, [], [], Effort())
    section = trust.protocol_section(part)
    assert "What must hold: one at a time, held." in section
    catches = []
    for kind in (ForgetsItsLease, NeverFrees, NeverAsks):
        catch = planted.caught(mutant(kind), Effort())
        assert planted.enough(mutant(kind), catch), kind
        catches.append((mutant(kind), catch))
        case = CALM.case if kind is NeverAsks else CRASHES.case
        assert trust.mutant_row(mutant(kind), catch)[-1].endswith(f"; {case}")
    assert catches[0][1] == (None, Searched(4, 2, CRASHES.case))
    head = trust.head_section(trust.Results({}, [replace(part, mutants=catches)]))
    assert "**0 worlds** have been explored, 0 states in all." in head
    tried = 65 + planted.verdict(SLOW).tried
    assert f"3 more were searched by chance, {tried} schedules in all." in head
    assert "**3 mistakes** have been planted in the protocols, and all are caught." in (
        head
    )


def test_chance_must_find_what_no_exploration_can(listed):
    assert planted.caught(mutant(Polite), Effort()) == (None, None)
    assert not planted.enough(mutant(Polite), (None, None))
    assert not planted.enough(mutant(NeverFrees), (Staged(0), None))
    assert not planted.enough(mutant(NeverAsks), (Staged(0), None))


def test_a_world_in_which_the_protocol_fails_shows_nothing(listed):
    found = Searched(1, 0, CRASHES.case)
    listed(replace(SLOW, breaks=""), CRASHES)
    assert planted.caught(mutant(NeverFrees), Effort()) == (None, found)
    listed(SLOW)
    assert planted.caught(mutant(NeverFrees), Effort()) == (Staged(0), None)


def test_who_takes_part_in_no_world_is_named(listed):
    listed()
    with pytest.raises(LookupError, match="NeverFrees: Holder takes part in no world"):
        planted.caught(mutant(NeverFrees), Effort())


def test_a_world_must_ask_something_and_run():
    with pytest.raises(ValueError, match="'x' breaks 'beauty': name one of held"):
        Simulated("x", leases(), (held,), breaks="beauty")
    with pytest.raises(ValueError, match="'x' asks nothing: give properties"):
        Simulated("x", leases(), ())
    with pytest.raises(ValueError, match="'x' has 0 seeds: give a whole number"):
        Simulated("x", leases(), (held,), seeds=0)
    assert Simulated("x", leases(), (held,)).until == UNTIL
