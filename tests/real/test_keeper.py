"""Whatever ends the process that has started others, nothing of it is left."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from real_nodes import Seen, Stubborn

from ftlib.real import Processes
from ftlib.real.keeper import keeper

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
    shutil.rmtree(folder.parent)  # which a killed keeper could not


def test_a_keeper_that_is_terminated_tidies_up():
    with Processes({"s": Stubborn}) as group:
        trace = group.until(lambda trace: trace.facts(Seen))
        pid = trace.facts(Seen)[0].what.what
        os.kill(keeper().pid, signal.SIGTERM)
        assert gone([pid], group.folder.parent)


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
