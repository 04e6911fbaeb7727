"""What a student's code may do in the process that runs it, and what becomes of code
that does more.
"""

import os
import stat
import subprocess
import sys
import time
from functools import partial

import pytest

from ftlib.checking import ClusterModel, explore
from ftlib.labs.two_phase_commit import Decided, Rules
from ftlib.simulation import Cluster, HandlerError
from tools.grade import process
from tools.grade.process import Child, Gone
from tools.grade.proxy import proxy


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 0.1)


RULES = Rules.drawn("public")
HEAD = """
import dataclasses
from ftlib.simulation import Node
"""
BODY = """
class It(Node):
    def __init__(self, start=0):
        self.count = start

    def on_start(self):
{}
"""


def child_of(*lines, head="", more=""):
    body = BODY.format("\n".join(f"        {line}" for line in lines))
    return Child(
        [("cell", HEAD + head + body + more)], "ftlib.labs.two_phase_commit", "public"
    )


def nodes(child, *args):
    kind = proxy("It", child, RULES.messages, (Decided,))
    return {"a": partial(kind, *args)}


def trace_of(*lines, head=""):
    with child_of(*lines, head=head) as child:
        return Cluster(nodes(child, 3)).run(until=5)


def test_a_node_runs_as_it_would_here():
    trace = trace_of(
        'self.disk.append("log", (self.count, Mine("x")))',
        "self.disk.force()",
        'self.record(Decided("t1", self.disk.read("log")[0][1].name))',
        'self.send("a", Heard("t1"))',
        'self.set_timer("later", (0.5, 0.75))',
        head="@dataclasses.dataclass(frozen=True)\nclass Mine:\n    name: str\n",
    )
    assert [event.kind for event in trace] == [
        *("write", "force", "fact", "send", "deliver", "timer")
    ]
    assert trace[2].what == Decided("t1", "x")
    assert trace[3].what == RULES.messages[3]("t1")
    assert 0.5 <= trace[-1].time <= 0.75


def test_exploration_makes_every_choice():
    with child_of(
        'self.count = self.choose(["x", "y", "z"])',
        'self.record(Decided("t1", self.count))',
    ) as child:
        model = ClusterModel(nodes(child), keep=(Decided,))
        explore(model)
        states = list(model.initial_states())
        told = {fact.outcome for state in states for _, fact in model.facts(state)}
    assert told == {"x", "y", "z"}


SYS = 'dataclasses.sys.modules["os"]'
PATH = f"{__file__!r}"
HOSTILE = {
    "an endless loop": (["while True: pass"], "does not end"),
    "an endless loop that catches all": (
        ["while True:", "    try:", "        x = 1", "    except BaseException: pass"],
        "does not end",
    ),
    "the end of the interpreter": ([f"{SYS}._exit(0)"], "has ended"),
    "a forged answer": (
        [
            "for fd in range(3, 1000):",
            "    try:",
            f'        {SYS}.write(fd, b"\\0\\0\\0\\x02{{}}")',
            "    except OSError: pass",
        ],
        "has ended, or writes rubbish",
    ),
    "a file": ([f"open({PATH})"], "opens a file"),
    "a file, in secret": (
        ["try:", f"    open({PATH})", "except Exception: pass"],
        "opens a file",
    ),
    "a process": ([f'{SYS}.system("true")'], "operating system"),
    "a late import": (["import socket"], "imports a module"),
    "a strange timer": (
        ['self._effects.append((1, "x", -5))'],
        "sets a strange timer",
    ),
    "an effect that there is not": (["self._effects.append((77, 1))"], "strange"),
    "too many effects": (
        ['for k in range(3000): self.send("a", Heard("t"))'],
        "too many",
    ),
}


ERRORS = {
    "sys.exit": (["raise SystemExit(0)"], "SystemExit: it leaves Python"),
    "memory": (["self.count = [0] * 10**9"], "MemoryError"),
    "no end of calls": (["self.on_start()"], "RecursionError: it calls itself"),
    "an own message": (
        ['self.send("a", Mine("x"))'],
        "sends what is none of the lab's .*Poll, Stance",
    ),
    "a set": (["self.count = {1}"], "It.count is a set"),
    "a plain error": (
        ['{}["x"]'],
        r"KeyError: 'x' \(line \d+ of the cell 'cell'\)",
    ),
    "the clock": (["self.now"], "NotTimed"),
}


CASES = list({**HOSTILE, **ERRORS})


@pytest.fixture(scope="module")
def cases():
    """One process with a handler a case: most of them survive it."""
    head = "@dataclasses.dataclass(frozen=True)\nclass Mine:\n    name: str\n"
    body = "".join(
        f"\n    def case{number}(self):\n"
        + "".join(f"        {line}\n" for line in {**HOSTILE, **ERRORS}[what][0])
        for number, what in enumerate(CASES)
    )
    start = 'getattr(self, f"case{self.count}")()'
    with child_of(start, head=head, more=body) as child:
        yield child


def run_case(child, what):
    child.strikes = 0
    Cluster(nodes(child, CASES.index(what))).run(until=5)


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_handler_is_stopped_and_named(what, cases):
    with pytest.raises(Gone, match=HOSTILE[what][1]):
        run_case(cases, what)


@pytest.mark.parametrize("what", ERRORS)
def test_an_error_reads_as_in_the_students_own_kernel(what, cases):
    with pytest.raises(HandlerError, match=ERRORS[what][1]):
        run_case(cases, what)


@pytest.mark.parametrize(
    "lines",
    [
        [
            'clock = dataclasses.sys.modules["time"].time_ns()',
            'self.record(Decided("t1", str(clock)))',
        ],
        ['self.record(Decided("t1", str(hash("x"))))'],
        ["SEEN.append(1)", 'self.record(Decided("t1", str(len(SEEN))))'],
    ],
    ids=["clock", "hash", "shared"],
)
def test_chance_and_shared_memory_show_in_a_second_process(lines):
    with child_of(*lines, head="SEEN = []\n") as child:
        for start in range(4):
            Cluster(nodes(child, start)).run()
        told = child.otherwise()
    assert told
    assert "does something else" in next(iter(told.values()))


def test_an_honest_node_does_the_same_again():
    with child_of('self.record(Decided("t1", str(self.count)))') as child:
        Cluster(nodes(child, 5)).run()
        assert child.otherwise() == {}


def test_after_three_endless_calls_nothing_is_called():
    with child_of("while True: pass") as child:
        for start in range(3):
            with pytest.raises(Gone, match="does not end"):
                Cluster(nodes(child, start)).run()
        began = time.monotonic()
        with pytest.raises(Gone, match="not run"):
            Cluster(nodes(child, 9)).run()
        assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("raise SystemExit", ""),  # no definition: left out
        ("class X(Unknown): pass\n", "NameError.*line 4 of the cell 'cell'"),
        ("@dataclasses.dataclass\nclass Poll: pass\n", "two types are called 'Poll'"),
        (f"class X:\n    {SYS}._exit(3)\n", "has ended"),
        ("class X:\n    while True: pass\n", "does not end"),
    ],
)
def test_cells_that_cannot_be_run(head, reason):
    if not reason:
        trace_of("pass", head=head)
        return
    with pytest.raises(Gone, match=reason):
        trace_of("pass", head=head + "\n")


def test_nothing_is_left_of_the_outside():
    trace = trace_of(
        f"os = {SYS}",
        'self.record(Decided("environment", str(sorted(os.environ))))',
        "same = os.fstat(1).st_rdev == os.fstat(0).st_rdev",
        'self.record(Decided("streams", str(same)))',
    )
    assert trace[0].what.outcome == "['LANG', 'PYTHONHASHSEED']"
    assert trace[1].what.outcome == "True"


def test_bounds_that_are_narrower_already_stay(tmp_path):
    """In a process of its own, whose limit on memory is below ours."""
    code = (
        "import resource; from tools.grade.child import bound;"
        "resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29)); bound({'AS': 2**30});"
        "print(resource.getrlimit(resource.RLIMIT_AS)[1] == 2**29)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=process.ROOT, capture_output=True, text=True
    )
    assert done.stdout == "True\n", done.stderr


def test_bubblewrap_is_used_where_it_is(tmp_path, monkeypatch):
    """A stand-in that notes its arguments and runs the command after the ``--``."""
    stub = tmp_path / "bwrap"
    told = tmp_path / "told"
    stub.write_text(
        f'#!/bin/sh\necho "$@" > {told}\n'
        'while [ "$1" != "--" ]; do shift; done\nshift\nexec "$@"\n'
    )
    stub.chmod(stub.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert trace_of('self.send("a", Heard("t1"))').counts() == {"Heard": 1}
    words = told.read_text()
    assert "--unshare-all --die-with-parent" in words
    assert f"--ro-bind {process.ROOT / 'ftlib'}" in words
    assert f"--ro-bind {process.ROOT} " not in words


def test_time_is_counted_below_bubblewrap_too(tmp_path, monkeypatch):
    """A stand-in that waits for the command, as bubblewrap does."""
    stub = tmp_path / "bwrap"
    stub.write_text(
        '#!/bin/sh\nwhile [ "$1" != "--" ]; do shift; done\nshift\n"$@"\nexit 3\n'
    )
    stub.chmod(stub.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    began = time.monotonic()
    with pytest.raises(Gone, match="does not end"):
        trace_of("while True: pass")
    assert time.monotonic() - began < process.WALL


def test_without_bubblewrap_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert process.sandboxed() is None
