"""The page of trust is what the tool computes; what is wrong would show on it; nothing
that is there to be shown is left out.
"""

import importlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from test_repository import PROTOCOL_ROOMS
from test_simulation_determinism import pythons

from ftlib.analysis.estimate import Estimate
from ftlib.checking import explore
from ftlib.detection import mutants as detection_mutants
from ftlib.services import Client, Keeper, Server, service
from ftlib.services import mutants as services_mutants
from ftlib.simulation import Crash, Lose, Node, Partition, Property, Schedule, Slow
from ftlib.simulation.world import Protocol, Specified, World
from ftlib.transactions import mutants, three_phase, three_phase_mutants
from ftlib.transactions.atomic_commit import PROPERTIES, Decided
from ftlib.transactions.bank import bank
from ftlib.transactions.two_phase import Coordinator, Participant
from ftlib.transactions.worlds import SYNCHRONOUS, three
from tools import trust
from tools.trust import claims, parts, planted, verdicts
from tools.trust.claims import Claim
from tools.trust.parts import Part, computed
from tools.trust.planted import Effort, Mutant, Searched, Staged, caught
from tools.trust.verdicts import explored
from tools.trust.words import LEFT_OUT, PROSE

ROOT = Path(__file__).resolve().parent.parent
PAGE = trust.PAGE.read_text(encoding="utf-8")
PLAIN = PAGE.replace("<wbr>", "").replace("\\_", "_")


@cache
def all_claims():
    return {
        title: [claim for make in makers for claim in make()]
        for title, makers in claims.CLAIMS.items()
    }


def every_claim():
    return [claim for found in all_claims().values() for claim in found]


# The page

QUICK, MOST = 20_000, 450_000  # states that a part may cost: three seconds, or forty
SLOW = (
    "Members of Raft",
    "Paxos",
    "Paxos Commit",
    "Pre-vote and check-quorum",
    "Reads of Raft",
    "Snapshots of Raft",
    "The forced writes of Raft",
    "An election",
    "Tombstones",
    "Sloppy quorums with hinted hand-off",
    "Saga",
    "Two-phase commit with cooperative termination",
    "Raft",
    "Primary and replicas",
    "N replicas and a primary",
    "Registers on quorums",
    "A replicated ring",
    "A primary, a standby and a witness",
    "Two-phase commit",
    "Three-phase commit",
)
"""Beyond `QUICK`: these are computed by ``make test-all``."""
NAMES = [protocol.name for protocol in verdicts.protocols()]
HOW = "the page is not current: run python -m tools.trust"


def on_the_page(text):
    lines = set(PAGE.splitlines())
    missing = [line for line in text.splitlines() if line not in lines]
    assert not missing, HOW
    if text.strip("\n") not in PAGE:
        pytest.fail(HOW)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name
        for name in NAMES
    ],
)
def test_the_page_has_what_is_found_of(name):
    """One case a protocol, so that workers share them."""
    found = computed(name)
    on_the_page(trust.protocol_section(found))
    for each in found.mutants:
        on_the_page(f"| {' | '.join(trust.mutant_row(*each))} |")
    head, *rows = PAGE.partition("### Blocking")[2].split("\n\n")[2].splitlines()
    cells = {row.split(" | ")[0]: row.strip(" |").split(" | ") for row in rows}
    for asked, counted in zip(found.protocol.blocked, found.blocked, strict=True):
        column = head.strip(" |").split(" | ").index(name)
        assert cells[f"| {asked.case}"][column] == trust.blocked_cell(counted), HOW
    assert [str(each) for each in found.verdicts if not each.as_expected] == []
    for mutant, catch in found.mutants:
        assert planted.enough(mutant, catch), (mutant.kind, catch)
    least, most = (QUICK, MOST) if name in SLOW else (0, QUICK)
    assert least < found.effort.size <= most, (
        f"{found.effort}: choose smaller worlds, or list it in SLOW if it is beyond"
        f" {QUICK:,}"
    )


@pytest.mark.slow
def test_the_page_has_the_claims():
    on_the_page(trust.claims_section(all_claims()))


def test_the_page_has_all_parts_and_no_other():
    assert len(set(NAMES)) == len(NAMES)
    assert set(SLOW) <= set(NAMES)
    headings = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
    modules = verdicts.modules("*mutants.py")
    before = [*claims.CLAIMS, *NAMES, "Blocking"]
    assert headings[: len(before)] == before, HOW
    assert len(headings) == len(before) + len(modules), HOW
    assert "**not " not in PAGE.partition("## Verdicts")[2]


def test_the_head_adds_up_what_stands_below():
    head, _, rest = PAGE.partition("## Formula, measurement, literature")
    worlds, _, mistakes = rest.partition("## Mistakes planted")
    rows = re.findall(r"^\| \*\*.+ \| ([\d,]+|simulated) \| (.+) \|$", worlds, re.M)
    states = [int(size.replace(",", "")) for size, _ in rows if size != "simulated"]
    fail = sum("fails after" in words for size, words in rows if size != "simulated")
    assert (
        f"**{len(states)} worlds** have been explored, {sum(states):,} states in all."
        f" {len(states) - fail} hold, and {fail} fail, as they must."
    ) in head
    tried = [
        int(re.search(r"([\d,]+) schedule", words)[1].replace(",", ""))
        for size, words in rows
        if size == "simulated"
    ]
    searched = f"{len(tried)} more w[a-z]+ searched by chance, {sum(tried):,} schedules"
    assert bool(tried) == bool(re.search(searched, head))
    planted = re.findall(r"^\| \*\*\S+\*\* breaks .+ \| (.+) \|$", mistakes, re.M)
    explored = sum("explored: " in caught for caught in planted)
    by_chance = sum(bool(re.search(r"by chance: \d", caught)) for caught in planted)
    assert len(planted) == sum(
        len(module.SHOWN_BY) for module in verdicts.modules("*mutants.py")
    )
    assert (
        f"**{len(planted)} mistakes** have been planted in the protocols, and all are"
        f" caught. Exploration finds {explored} of them, a search by chance"
        f" {by_chance}."
    ) in head


@pytest.mark.slow
def test_what_differs():
    """The article; Cidon et al., whose 0.15 % is 0.157 % by their own formula; and the
    hedged tail of Dean and Barroso, whose distribution is our guess.
    """
    assert {claim.source for claim in every_claim() if claim.verdict == "differs"} == {
        *(claims.ARTICLE, "Cidon et al. 2013", claims.DEAN),
    }
    assert "not measured" not in {claim.verdict for claim in every_claim()}


@pytest.mark.slow
def test_published_numbers_are_those_that_were_to_be_met():
    """Typed here a second time."""
    published = {
        (claim.what, claim.formula): claim.published for claim in every_claim()
    }
    assert published["TCommit: distinct states", "3ⁿ + 2ⁿ − 1"] == 34
    assert published["TwoPhase: distinct states", "6ⁿ + 4ⁿ + 2ⁿ"] == 288
    assert [published[f"{name}: depth", ""] for name in ("TCommit", "TwoPhase")] == [
        7,
        11,
    ]
    messages = [
        published["Messages, two-phase commit", formula]
        for formula in ("3N", "3N - 1", "3N - 3")
    ]
    assert messages == [15, 14, 12]
    assert [
        published[f"Messages, {name}Paxos Commit", formula]
        for name, formula in (("", "N(F + 3) - 3"), ("faster ", "(N - 1)(2F + 3)"))
    ] == [17, 20]
    assert published["Paxos: distinct states", ""] == 3921


def test_words_hold_no_number():
    for text in (*PROSE.values(), *LEFT_OUT, *LEFT_OUT.values()):
        bare = re.sub(r"\[[^\]]*\]\([^)]*\)|\{\w+\}", "", text)
        assert not re.search(r"\d", bare), bare


@pytest.mark.slow
def test_every_source_is_in_the_references():
    text = (ROOT / "book" / "references.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    for claim in every_claim():
        assert claim.source in (*headings, claims.ARTICLE, ""), claim
        assert claim.published is None or claim.source, claim


def test_every_module_of_mutants_and_every_mutant_is_shown():
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "ftlib").rglob("*.py")
        if "mutants" in path.stem
    }
    modules = verdicts.modules("*mutants.py")
    assert {module.__name__ for module in modules} == names
    assert {"ftlib.services.mutants", "ftlib.transactions.saga_mutants"} <= names
    for module in modules:
        section = PLAIN.partition(f"[{module.__name__}]")[2].partition("\n##")[0]
        assert set(module.BREAKS) == set(module.SHOWN_BY)
        for kind, (_, _, breaks) in module.SHOWN_BY.items():
            assert f"**{kind.__name__}** breaks *{breaks}*" in section


def test_every_role_of_a_protocol_room_takes_part_in_a_world():
    """Whoever writes a protocol and no worlds is told so here."""
    worlds = [each for protocol in verdicts.protocols() for each in protocol.worlds]
    roles = {
        kind
        for room in PROTOCOL_ROOMS[1:]
        for path in (ROOT / "ftlib" / room).glob("*.py")
        if "mutants" not in path.stem
        for kind in vars(importlib.import_module(f"ftlib.{room}.{path.stem}")).values()
        if isinstance(kind, type) and issubclass(kind, Node)
    }
    idle = sorted(
        f"{role.__module__}.{role.__name__} takes part in no world: list one"
        for role in roles - {Node}
        if not any(planted.plays(role, each) for each in worlds)
    )
    if idle:
        pytest.fail("\n".join(idle), pytrace=False)
    assert {Server, Keeper, Participant} <= roles


# What is wrong shows


@pytest.mark.slow
def test_a_wrong_formula_or_measurement_differs():
    for claim in every_claim():
        if claim.expected is None or not claim.ours:
            continue
        assert replace(claim, expected=claim.expected * 1.2 + 1).verdict == "differs"
        for how, figure in claim.ours.items():
            wrong = (
                Estimate(1, 2, 2.0, 3.0, 0.95)
                if isinstance(figure, claims.Sampled)
                else figure + 1
            )
            other = replace(claim, ours={**claim.ours, how: wrong})
            assert other.verdict == "differs", claim.what


@pytest.mark.slow
def test_a_wrong_number_gets_into_the_head():
    wrong = [
        replace(claim, published=Decimal(1))
        for claim in every_claim()
        if claim.source == "TLA examples"
    ]
    text = trust.head_section(trust.Results({"states": wrong}, []))
    said = f"formulas and published numbers: {len(wrong)} differ."
    assert len(wrong) > 5
    assert f"**{len(wrong)} claims** stand beside {said}" in text


def test_a_published_number_is_as_exact_as_it_was_printed():
    def verdict(published, ours):
        return Claim("", "", "", None, {"": ours}, Decimal(published), "x").verdict

    assert verdict("0.0088", 0.008766) == verdict("0.0088", 0.008849) == "agree"
    assert verdict("0.00880", 0.008766) == verdict("0.0088", 0.00886) == "differs"
    assert verdict("34", 34) == "agree"
    assert verdict("34.0", 35) == "differs"
    assert verdict("0.5", Estimate(6, 10, 0.56, 0.7, 0.95)) == "differs"


def test_what_comes_out_otherwise_than_it_must_is_said():
    holds = explored(World("yy", (bank("yy"),), PROPERTIES, breaks="validity"))
    assert not holds.as_expected
    assert trust.verdict_row(holds) == [
        "**yy**<br>set network, free timers",
        "152",
        "**not as it must be**: holds",
    ]
    fails = explored(World("y", (three("y"),), PROPERTIES))
    assert (
        trust.verdict_row(fails)[-1]
        == "**not as it must be**: agreement fails after 5 steps"
    )
    fact = Decided("t1", "commit")
    lost = explored(
        World("yy", (bank("yy"),), possible={"commit": ("coordinator", fact)})
    )
    assert not lost.as_expected
    assert "commit fails after" in trust.verdict_row(lost)[-1]
    text = trust.head_section(
        trust.Results({}, [Part(verdicts.protocols()[0], [holds, fails], [], [], 0)])
    )
    assert "**2 came out otherwise than they must.**" in text


def test_an_exploration_that_is_cut_is_no_verdict():
    world = Specified("endless", Endless(), {})
    found = verdicts.Verdict(world, (explore(Endless(), max_states=10),))
    assert not found.as_expected
    assert str(found) == "holds in the states visited"


class Endless:
    def initial_states(self):
        return [0]

    def successors(self, state):
        return [("more", state + 1)]


# Catching


class Harmless(Coordinator):
    """Makes no mistake."""


def worlds(monkeypatch, *listed):
    """Have one protocol only, with these worlds."""
    protocol = Protocol("Atomic commit", three_phase, PROPERTIES, listed)
    monkeypatch.setattr(planted, "protocols", lambda: [protocol])


def test_what_is_no_mistake_is_not_caught(monkeypatch):
    worlds(monkeypatch, World("yy", (bank("yy"),), PROPERTIES, {"crashes": 1}))
    schedule = Schedule([Lose("Vote")])
    mutant = Mutant(mutants, Harmless, Coordinator, "yy", "agreement", schedule)
    assert caught(mutant, Effort()) == (None, None)
    assert trust.mutant_row(mutant, (None, None))[-1] == "**not caught**"


def test_a_world_that_breaks_the_protocol_too_is_passed_over(monkeypatch):
    """Free timers break three-phase commit: that they break its mutants shows
    nothing.
    """
    kind = three_phase_mutants.TimesOutAlone
    mutant = next(
        each for each in planted.mutants(three_phase_mutants) if each.kind is kind
    )
    assert mutant.sound is three_phase.Participant
    free = World("y", (three("y"),), PROPERTIES)
    strict = World("yy", (three("yy"),), PROPERTIES, {"crashes": 1, **SYNCHRONOUS})
    worlds(monkeypatch, free, strict)
    assert planted._explored(mutant, Effort()).case == "yy"
    worlds(monkeypatch, free)
    assert planted._explored(mutant, Effort()) is None


def test_what_nothing_else_finds_may_be_staged(monkeypatch):
    kind = three_phase_mutants.DoesNotWait
    mutant = next(
        each for each in planted.mutants(three_phase_mutants) if each.kind is kind
    )
    worlds(monkeypatch, World("y", (three("y"),), PROPERTIES))
    monkeypatch.setattr(planted, "find", lambda *given, **more: None)
    assert caught(mutant, Effort()) == (Staged(2), None)
    assert (
        trust.mutant_row(mutant, caught(mutant, Effort()))[-1]
        == "staged by hand: 2 faults<br>by chance: not found"
        "<br>**not caught as it must be**"
    )
    both = Schedule(
        [Partition([["coordinator"]], at=0.021), Crash("coordinator", at=1.0)]
    )  # breaks the protocol as well
    assert caught(replace(mutant, schedule=both), Effort()) == (None, None)


def test_a_mistake_in_liveness_is_seen_in_runs_the_right_one_keeps():
    mutant = next(
        each
        for each in planted.mutants(services_mutants)
        if each.kind is services_mutants.GivesUp
    )
    assert planted._staged(mutant) == Staged(1)
    late = Schedule([Slow(("server", "c1"), by=20)])  # for the right one, too
    assert planted._staged(replace(mutant, schedule=late)) is None


def test_a_mistake_in_safety_is_not_judged_by_other_liveness(monkeypatch):
    calm = Property(
        "calm",
        lambda trace: "a crash" if trace.where(kind="crash") else None,
        liveness=True,
    )  # the right one breaks it too, wherever the mistake shows
    protocol = Protocol(
        "Atomic commit",
        three_phase,
        (*PROPERTIES, calm),
        (World("yy", (bank("yy"),), PROPERTIES),),
    )
    monkeypatch.setattr(planted, "protocols", lambda: [protocol])
    mutant = next(
        each for each in planted.mutants(mutants) if each.kind is mutants.KeepsNoLog
    )
    assert calm in mutant.promises
    assert any(isinstance(fault, Crash) for fault in mutant.schedule)
    assert planted._staged(mutant) == Staged(len(mutant.schedule))
    assert planted._searched(mutant, Effort()) == Searched(57, 2)


def test_a_run_that_breaks_something_else_is_not_the_mistake():
    mutant = next(planted.mutants(mutants))
    assert mutant.breaks == "agreement"
    assert planted._staged(mutant)
    assert planted._staged(replace(mutant, breaks="stability")) is None


def test_a_mutant_takes_the_place_of_its_class_and_of_no_other():
    mutant = services_mutants.GivesUp
    group = planted.cast(service([("get", "x")], longest=3), Client, mutant)
    assert group["server"] is Server
    client = group["c1"]()
    assert type(client) is mutant
    assert (client.operations, client.longest) == ((("get", "x"),), 3)
    assert planted.cast({"a": Server}, Server, mutant) == {"a": mutant}


def test_a_timed_protocol_is_not_explored(monkeypatch):
    mutant = next(planted.mutants(mutants))
    monkeypatch.setattr(mutant.kind, "timed", True)
    assert planted._explored(mutant, Effort()) is None
    assert isinstance(planted._searched(mutant, Effort()), Searched)


def test_promises_must_be_found():
    mutant = next(planted.mutants(mutants))
    assert mutant.promises == PROPERTIES
    with pytest.raises(LookupError, match="breaks 'beauty', which nobody promises"):
        _ = replace(mutant, breaks="beauty").promises
    with pytest.raises(LookupError, match="Harmless takes part in no world"):
        _ = replace(mutant, sound=Harmless).promises


# The tool


def test_the_tool_writes_and_checks(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(trust, "PAGE", tmp_path / "trust.md")
    monkeypatch.setattr(trust, "results", lambda: None)
    monkeypatch.setattr(trust, "page", lambda found: "# Page\n")
    assert trust.main(["--check"]) == 1
    assert trust.main([]) == 0
    assert trust.main(["--check"]) == 0
    assert trust.PAGE.read_bytes() == b"# Page\n"
    said = capsys.readouterr()
    assert "+# Page" in said.out
    assert "is not current" in said.out
    assert trust.main(["--chek"]) == 2
    assert "--chek is not understood" in capsys.readouterr().err


def test_the_tool_tells_of_one_protocol_and_writes_nothing(capsys):
    before = trust.PAGE.stat().st_mtime_ns
    assert trust.main(["A log"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "\n  two that write to one log\n    set network, " in said.out
    assert " states, holds\n" in said.out
    assert "\n  KeepsTheTail breaks *log matching*\n" in said.out
    assert re.search(r"\n\d+ states visited, \d+ schedules tried in all\n$", said.out)
    assert trust.main(["A", "log"]) == 0  # a name without quotes
    assert trust.PAGE.stat().st_mtime_ns == before
    assert trust.main(["Two-phase commit, specified"]) == 0
    assert "Mistakes\n  none\n" in capsys.readouterr().out


def test_the_tool_says_which_protocols_there_are(capsys):
    assert trust.main(["A blog"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("no protocol is called 'A blog': choose one of\n")
    assert set(NAMES) <= set(said.err.strip().split("\n  "))
    assert said.out == ""
    assert trust.main(["--help"]) == 0
    assert "say whether it is current" in capsys.readouterr().out


def test_one_protocol_that_is_not_as_it_must_be_ends_in_an_error(monkeypatch, capsys):
    found = computed("A log")
    (mutant, _), *others = found.mutants
    wrong = replace(found, mutants=[(mutant, (None, None)), *others])
    monkeypatch.setattr(trust, "computed", lambda name: wrong)
    assert trust.main(["A log"]) == 1
    assert "not caught\n" in capsys.readouterr().out


def test_a_mutant_that_belongs_nowhere_is_named_and_harms_no_other(monkeypatch):
    first = [each for each in verdicts.protocols() if each.name == "A log"]
    monkeypatch.setattr(planted, "protocols", lambda: first)
    assert len(list(parts._mutants(first[0]))) == 4
    with pytest.raises(LookupError, match="HearsOnce: Monitor takes part in no"):
        trust.mutants_section(detection_mutants, [computed("A log")])


def test_a_mutant_belongs_to_its_room(monkeypatch):
    """Clients take part in other rooms, too."""
    own = parts.named("One server and its clients")
    other = Protocol("Another", three_phase, (), own.worlds)
    monkeypatch.setattr(planted, "protocols", lambda: [other, own])
    mutant = next(planted.mutants(services_mutants))
    assert mutant.is_of(own)
    assert not mutant.is_of(other)


def test_a_module_of_mutants_that_is_only_begun_is_named_and_harms_no_other(
    monkeypatch,
):
    begun = ModuleType("begun_mutants")
    monkeypatch.setattr(parts, "modules", lambda pattern: [begun, services_mutants])
    assert len(list(parts._mutants(parts.named("A log")))) == 4
    with pytest.raises(LookupError, match="begun_mutants has no SHOWN_BY"):
        trust.mutants_section(begun, [])


def test_two_protocols_of_one_name_are_an_error(monkeypatch):
    twice = [verdicts.protocols()[0]] * 2
    monkeypatch.setattr(parts, "protocols", lambda: twice)
    with pytest.raises(LookupError, match=f"2 protocols are called {NAMES[0]!r}"):
        parts.named(NAMES[0])


def test_a_terminal_sees_what_is_going_on(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    parts.computed.__wrapped__("A log")
    lines = capsys.readouterr().err.split("\n")
    assert re.fullmatch(
        r"(\rA log, two that write to one log)\x1b\[K\1: \d+ states, holds\x1b\[K",
        lines[0],
    )
    assert any(line.endswith("A log, KeepsTheTail: caught\x1b[K") for line in lines)


@pytest.mark.slow
def test_the_whole_page():
    """Byte for byte. What this process has computed before is not computed again."""
    assert trust.page(trust.results()) == PAGE, HOW


ELSEWHERE = (
    "Heartbeats",
    "Versions made by clocks",
    "One server and its clients",
    "Two-phase commit with cooperative termination",
    "Two-phase commit, specified",
)
"""Cheap ones, of every kind."""


@pytest.mark.slow
def test_another_python_and_another_hash_seed_write_the_same():
    python = [sys.executable, *pythons()][-1]
    for name in ELSEWHERE:
        done = subprocess.run(
            [python, "-m", "tools.trust", name],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert (done.stdout, done.returncode) == (trust.told(computed(name)), 0), (
            python,
            done.stderr,
        )


def test_every_kind_of_world_is_computed_elsewhere_too():
    def kinds(protocols):
        worlds = [world for each in protocols for world in each.worlds]
        return {type(world) for world in worlds} | {
            what
            for what in ("possible", "linearizable", "breaks")
            if any(getattr(world, what, None) for world in worlds)
        }

    there = [parts.named(name) for name in ELSEWHERE]
    assert kinds(there) == kinds(verdicts.protocols())
    assert any(each.blocked for each in there)
