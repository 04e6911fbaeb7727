"""Whatever ends the process that has started others, nothing of it is left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from real_nodes import Seen, Stubborn, Unbound
from real_servers import Echo

from ftlib.real import Processes
from ftlib.real.keeper import Ended, Keeper, keeper

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PATHS = os.pathsep.join([str(ROOT), str(ROOT / "tests"), *filter(None, sys.path)])
SCRIPT = """
import os, signal, sys, time
from functools import partial
from real_nodes import Counter, Stubborn, Teller
from ftlib.real import Processes
from ftlib.real.keeper import keeper

nodes = {{"b": Counter, "a": partial(Teller, "b"), "s": Stubborn}}
with Processes(nodes) as group:
    group.until(lambda trace: trace.facts(node="b") and trace.facts(node="s"))
    group.pause("b")
    print(keeper().pid, *group._pids.values(), group.folder.parent, flush=True)
    {end}
"""
ENDS = {
    "normal": "pass",
    "exception": "raise ValueError",
    "_exit": "os._exit(3)",
    "terminated": "os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)",
    "interrupted": (  # also where a shell has it ignored, as in the background
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        " os.kill(os.getpid(), signal.SIGINT); time.sleep(9)"
    ),
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "its group killed": "os.killpg(0, signal.SIGKILL)",
    "a child lives on": "os.fork() or time.sleep(5); os._exit(0)",
    "a child lives on that Python did not fork": (
        "import ctypes; ctypes.CDLL(None).fork() or time.sleep(10); os._exit(0)"
    ),
    "starting": (
        "os.fork() and (time.sleep(0.02), os.kill(os.getpid(), signal.SIGKILL))"
    ),
}


def there(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(pids, folder, patience=8.0):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if not any(map(there, pids)) and not os.path.exists(folder):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_left_after(end):
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(end=ENDS[end])],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": PATHS},
    )
    with child:
        *pids, folder = child.stdout.readline().split()
        pids = [int(pid) for pid in pids]
        assert len(pids) == 4
        assert gone(pids, folder), end


def test_nodes_end_with_the_keeper():
    with Processes({"s": Stubborn}) as group:
        trace = group.until(lambda trace: trace.facts(Seen))
        pid, folder = trace.facts(Seen)[0].what.what, group.folder
        os.kill(keeper().pid, signal.SIGKILL)
        keeper_gone = time.monotonic() + 5
        while there(pid) and time.monotonic() < keeper_gone:
            time.sleep(0.01)
        assert not there(pid)
        with pytest.raises(RuntimeError, match="begin again"):
            group.kill("s")
    with Processes({"s": Stubborn}) as group:  # a new one
        group.until(lambda trace: trace.facts(Seen))
    assert not folder.parent.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux does that")
def test_servers_and_paused_nodes_end_with_the_keeper():
    with Echo() as server, Processes({"s": Stubborn}) as group:
        pids = [server.ask(), *group._pids.values()]
        group.pause("s")
        os.kill(keeper().pid, signal.SIGKILL)
        end = time.monotonic() + 5
        while any(map(there, pids)) and time.monotonic() < end:
            time.sleep(0.01)
        assert not any(map(there, pids))


SLOW = """
import os, sys, time
from pathlib import Path
from types import SimpleNamespace
from ftlib.real import keeping

folder = Path(sys.argv[1])
(folder / "log").touch()
keeping.end_with_the_keeper = lambda: (time.sleep(0.3), (folder / "asked").touch())
keeping.live = lambda *_: 0
kept = keeping.Keeping()
kept.groups["g"] = {"s": None}, None, {"s": None}
pid = kept.fork("g", SimpleNamespace(folder=folder, id="s"))
print((folder / "asked").exists())
os.waitpid(pid, 0)
kept.end()
"""


def test_whoever_knows_of_a_node_can_no_longer_pause_it_too_early(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SLOW, str(tmp_path)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": PATHS},
    )
    assert done.stdout == "True\n", done.stderr


def test_a_paused_node_that_outlives_the_keeper_keeps_nobody_waiting():
    with Processes({"s": Unbound}) as group:
        group.until(lambda trace: trace.facts(Seen))
        node = psutil.Process(group._pids["s"])
        group.pause("s")
        os.kill(keeper().pid, signal.SIGKILL)
        try:
            with pytest.raises(Ended, match="begin again"):
                group.kill("s")
            assert node.status() == psutil.STATUS_STOPPED
        finally:
            node.kill()
    assert keeper().folder != str(group.folder.parent)
    assert not group.folder.parent.exists()


def test_a_keeper_that_does_not_answer_is_said_in_one_line_and_ended(monkeypatch):
    for name in ("LONGEST", "PATIENCE"):
        monkeypatch.setattr(f"ftlib.real.keeper.{name}", 0.3)
    stopped = Keeper()
    os.kill(stopped.pid, signal.SIGSTOP)
    try:
        with pytest.raises(Ended, match=r"^the process .* for 0\.3 s: begin again.*$"):
            stopped.ask("make_folder", "x")
        assert not stopped.up
        stopped.close()
        assert gone([stopped.pid], stopped.folder, 0.1)
    finally:
        stopped._process.kill()


def test_what_is_left_by_both_killed_goes_with_the_next_start(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    end = "os.kill(keeper().pid, signal.SIGKILL); os.kill(os.getpid(), signal.SIGKILL)"
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(end=end)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": PATHS},
    ) as child:
        *pids, folder = child.stdout.readline().split()
    assert gone([int(pid) for pid in pids], "")
    assert os.path.exists(folder)
    others = [tmp_path / name for name in ("ftlib-a", "ftlib-real", "ftlib-b")]
    for other in others:
        other.mkdir()
    (tmp_path / "ftlib-real-link").symlink_to(tmp_path / "ftlib-b")
    (tmp_path / "ftlib-real-file").touch()
    if os.geteuid() == 0:
        others.append(tmp_path / "ftlib-real-of-another")
        others[-1].mkdir()
        os.chown(others[-1], 65534, 65534)
    first = Keeper()
    second = Keeper()
    assert not os.path.exists(folder)
    assert os.path.exists(first.folder)
    assert all(other.exists() for other in others)
    assert (tmp_path / "ftlib-real-link").exists()
    assert (tmp_path / "ftlib-real-file").exists()
    for each in (first, second):
        each.close()
        assert not os.path.exists(each.folder)


def test_a_keeper_that_is_terminated_often_tidies_up():
    with Processes({"s": Stubborn}) as group:
        trace = group.until(lambda trace: trace.facts(Seen))
        pid = trace.facts(Seen)[0].what.what
        process = psutil.Process(keeper().pid)
        end = time.monotonic() + 8
        while there(process.pid) and time.monotonic() < end:
            process.terminate()
            time.sleep(0.001)
        assert gone([pid, process.pid], group.folder.parent)


def begun():
    """The processes that the keeper has started, and theirs."""
    children = psutil.Process(keeper().pid).children(recursive=True)
    return [each for each in children if there(each.pid)]


def use(server, interrupts, which, times=1):
    """Ask the keeper some times, of which one is interrupted."""
    interrupts += [0] * which + [times]
    for _ in range(3):
        server.kill()
        server.start()


@pytest.fixture
def interrupts(monkeypatch):
    """Interrupts that come while an answer is awaited: for each request, how many."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    socket, many = keeper()._socket, []

    def receive():
        for _ in range(many.pop(0) if many else 0):
            signal.raise_signal(signal.SIGINT)
        return type(socket).recv_bytes(socket)

    monkeypatch.setattr(socket, "recv_bytes", receive)
    return many


@pytest.mark.parametrize("which", range(5))
def test_an_interrupt_leaves_no_server_and_the_keeper_as_it_was(interrupts, which):
    before, processes = keeper(), begun()
    server = Echo()
    with pytest.raises(KeyboardInterrupt), server:
        use(server, interrupts, which)
    assert keeper() is before
    assert begun() == processes
    assert not server.folder.exists()
    assert not server.up


def test_an_interrupt_leaves_nothing_of_what_a_server_runs(interrupts):
    with Echo() as server:
        processes = begun()
        interrupts += [0, 0, 1]
        with pytest.raises(KeyboardInterrupt):
            server.run([sys.executable, "-c", "import time; time.sleep(99)"])
        assert begun() == processes
        assert server.ask()


@pytest.mark.parametrize("which", range(2))
def test_an_interrupt_leaves_a_group_as_it_says(interrupts, which):
    with Processes({"s": Stubborn}) as group:
        interrupts += [0] * which + [1]
        with pytest.raises(KeyboardInterrupt):
            group.kill("s")
        if group.up:
            group.kill("s")
        interrupts += [1]
        with pytest.raises(KeyboardInterrupt):
            group.restart("s")
        assert group.up == ("s",)
        group.until(lambda trace: trace.facts(Seen))


def test_whoever_interrupts_twice_need_not_wait_and_nothing_is_left(interrupts):
    server, pid = Echo(), keeper().pid
    with pytest.raises(KeyboardInterrupt), server:
        use(server, interrupts, 1, 2)
    assert gone([server._pid, pid], server.folder.parent)
    with Echo() as server:
        assert server.ask()


def test_an_error_of_the_keeper_is_raised_here():
    with pytest.raises(FileNotFoundError):
        keeper().ask("spawn", ["/nowhere/at/all"], os.devnull, {})


def others_can_run_this():
    """Whether an ordinary user can reach the interpreter, which in a home he cannot."""
    real = Path(sys.executable).resolve()
    return all(each.stat().st_mode & 0o001 for each in (real, *real.parents))


@pytest.mark.skipif(
    not (hasattr(os, "geteuid") and os.geteuid() == 0 and others_can_run_this()),
    reason="not root, or only root can run this interpreter",
)
def test_an_ordinary_user_can_do_all_that():
    code = SCRIPT.format(end="print(os.geteuid(), len(group.trace) > 3)")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd="/",
        user=65534,
        group=65534,
        extra_groups=[],
        env={"PATH": os.defpath, "PYTHONPATH": PATHS},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-2:] == ["65534", "True"]
