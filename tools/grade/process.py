"""The other end of `tools.grade.child`: a process that runs a student's code, bounded,
and asked for one handler call at a time.
"""

import json
import os
import secrets
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tools import ROOT
from tools.grade import child
from tools.grade.child import MOST

__all__ = ["Child", "Gone", "sandboxed"]

SECONDS = 0.5  # of the processor, that one call may take
WALL = 20.0  # by the clock, for a machine that has much else to do, and for sleepers
STRIKES = 3  # so many calls without an answer, and nothing more is called


class Gone(BaseException):
    """The process has ended, hangs, or has tried what it may not: says what. No handler
    of ours holds it up, as it does not hold up the error of a handler.
    """


def sandboxed() -> list[str] | None:
    """Return the words before a command that run it without network and with a sight of
    nothing but Python and ftlib; None if bubblewrap is not present.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return None
    seen = [
        *(Path(prefix) for prefix in (sys.base_prefix, sys.prefix)),
        *(Path(name) for name in ("/usr", "/lib", "/lib64", "/etc/ld.so.cache")),
        ROOT / "ftlib",
        Path(child.__file__),
    ]
    bound = [
        part
        for path in dict.fromkeys(seen)
        if path.exists()
        for part in ("--ro-bind", str(path), str(path))
    ]
    return [
        *(bwrap, "--unshare-all", "--die-with-parent", "--new-session"),
        *(*bound, "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp", "--"),
    ]


def _ticks(pid: int | str) -> int:
    """Return the processor time of a process and of those below it, for bubblewrap
    stands above the one that matters.
    """
    place = Path(f"/proc/{pid}")
    try:
        user, system = (place / "stat").read_text().rpartition(")")[2].split()[11:13]
        below = (place / "task" / str(pid) / "children").read_text().split()
    except (OSError, ValueError):
        return 0  # it has ended, or this is no Linux
    return int(user) + int(system) + sum(map(_ticks, below))


class Child:
    """A process with the definitions of one student, started when it is first asked,
    and started anew when it has ended.

    Parameters
    ----------
    cells : list of (name, source)
        The cells of the answer.
    vocabulary : str
        The module of the lab; its `words` are the names that the cells find defined.
    code : str
        The student's code, from which the rules are drawn.
    """

    def __init__(
        self, cells: list[tuple[str, str]], vocabulary: str, code: str
    ) -> None:
        self.cells, self.vocabulary, self.code = cells, vocabulary, code
        self.strikes = 0
        self.broken = ""  # why the cells cannot be run
        self.asked: dict[str, dict[str, Any]] = {}  # requests, and their answers
        self.used: dict[str, None] = {}  # requests since somebody emptied it
        self._process: subprocess.Popen[bytes] | None = None
        self._channel = -1
        self._folder = ""

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request: the known one, if it was asked before.

        Raises
        ------
        Gone
            If there is none.
        """
        text = json.dumps(request)
        self.used[text] = None
        if text not in self.asked:
            self.asked[text] = self._ask(text)
        return self.asked[text]

    def otherwise(self) -> dict[str, str]:
        """Ask everything again, in another process, with other hashes and in the
        opposite order. Return the requests that are answered otherwise, and what to say
        of each: their handlers keep something outside the node, or leave something to
        chance.
        """
        self.end()
        self.strikes = 0
        found: dict[str, str] = {}
        for text, answer in reversed(self.asked.items()):
            try:
                same = self._ask(text, hashes="1") == answer
            except Gone:
                same = False
            if not same:
                asked = json.loads(text)
                found[text] = (
                    f"{asked['role']}.{asked['handler']}, run again from the same state"
                    " in another process, does something else: chance comes from"
                    " self.choose, and nothing is kept outside the node."
                )
        self.end()
        return found

    def _ask(self, text: str, hashes: str = "0") -> dict[str, Any]:
        if self.strikes >= STRIKES:
            raise Gone(f"not run: {STRIKES} calls before it had no answer.")
        if self._process is None and not self.broken:
            self._start(hashes)
            self._exchange(json.dumps({"hello": True}), WALL)  # ftlib is loaded
            loaded = self._exchange(json.dumps({"cells": self.cells}))
            if "loaded" not in loaded:
                self.end()
                kind, told = loaded.get("error", ["", "it says nothing of use"])
                where = f" ({loaded['place']})" if loaded.get("place") else ""
                self.broken = f"your cells cannot be run. {kind}: {told}{where}"
        if self.broken:
            raise Gone(self.broken)
        return self._exchange(text)

    def _start(self, hashes: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="ft-lab-")
        self._channel, theirs = os.pipe()
        command = [
            *(sandboxed() or []),
            *(sys.executable, "-P", "-s", "-S", "-B", child.__file__),
            *(str(ROOT), str(theirs), self.vocabulary, self.code),
        ]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs,),
            cwd=self._folder,
            env={"PYTHONHASHSEED": hashes, "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        os.close(theirs)

    def end(self) -> None:
        """End the process and whatever it has started, and remove its folder."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # what it has not read is of no use any more
            process.stdin.close()
        process.wait()
        os.close(self._channel)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _exchange(self, text: str, seconds: float = 0) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        nonce = secrets.token_hex(8)
        data = json.dumps({**json.loads(text), "nonce": nonce}).encode()
        try:
            process.stdin.write(struct.pack(">I", len(data)) + data)
            process.stdin.flush()
            size = struct.unpack(">I", self._read(4, seconds or SECONDS))[0]
            answer = json.loads(self._read(size, SECONDS)) if size <= MOST else None
        except (OSError, ValueError):
            answer = None
        except Gone:
            self.end()
            raise
        if not isinstance(answer, dict) or answer.pop("nonce", None) != nonce:
            self.end()
            self.strikes += 1
            raise Gone("the process that runs your code has ended, or writes rubbish.")
        if "refused" in answer:
            raise Gone(
                f"a handler {answer['refused']}: a node has its messages, its timers"
                " and its disk, and nothing else."
            )
        return answer

    def _read(self, count: int, seconds: float) -> bytes:
        """Read so many bytes, unless the call goes on for too long."""
        began, spent = time.monotonic(), self._spent()
        found = b""
        while len(found) < count:
            if select.select([self._channel], [], [], 0.1)[0]:
                part = os.read(self._channel, count - len(found))
                if not part:
                    raise ValueError
                found += part
            elif self._spent() - spent > seconds or time.monotonic() - began > WALL:
                self.strikes += 1
                raise Gone(
                    f"a call does not end: after {seconds:g} s of computing, or"
                    f" {WALL:g} s of waiting, it is still running."
                )
        return found

    def _spent(self) -> float:
        """Return the processor time of the process, where the system tells."""
        assert self._process is not None
        return _ticks(self._process.pid) / os.sysconf("SC_CLK_TCK")
