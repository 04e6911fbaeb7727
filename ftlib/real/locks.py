"""A lock of etcd's: a key that is there as long as its holder's lease is. And a process
that holds one, and is paused.

A lease is ended by a clock, and its holder, if it was paused, does not know. So a lock
keeps nobody out. What is written under it has to compare the lock's key, in the same
transaction (`put_if_held`): the revision at which the key was made differs from holder
to holder, and is a fencing token (Kleppmann 2016).
"""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.error import HTTPError

from ftlib.real.etcd import EtcdMember, ask, encoded
from ftlib.real.servers import Server, wait_for

__all__ = ["Holder", "Lock", "holds", "put_if_held", "take"]

PATIENCE = 30.0  # seconds for which somebody stands in the queue
SOON = 10.0  # seconds for whatever does not wait for others
CODE = "import sys; sys.path[:0] = {}; from ftlib.real.locks import hold; hold()"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that somebody has, or had.

    Attributes
    ----------
    port : int
        Of the member that was asked for it.
    key : str
        As etcd's gateway writes it.
    revision : int
        At which the key was made: no other holder has the same.
    lease : str
        With which it ends.
    """

    port: int
    key: str
    revision: int
    lease: str


def take(port: int, name: str, ttl: int) -> Lock:
    """Wait for a lock, and take it with a new lease of so many seconds.

    Raises
    ------
    OSError
        If it is not to be had within 30 seconds, or the lease ends before.
    """
    lease = ask(port, "lease/grant", SOON, TTL=ttl)["ID"]
    key = ask(port, "lock/lock", PATIENCE, name=encoded(name), lease=lease)["key"]
    found = ask(port, "kv/range", SOON, key=key).get("kvs")
    if not found:
        raise TimeoutError(f"the lease of {ttl} s has ended already")
    return Lock(port, key, int(found[0]["create_revision"]), lease)


def holds(lock: Lock) -> bool:
    """Tell whether the lock is still there; it may be gone when you hear of it."""
    return "kvs" in ask(lock.port, "kv/range", SOON, key=lock.key)


def put_if_held(lock: Lock, key: str, value: str) -> bool:
    """Put a value under a key if the lock's key is still that of this holder, in one
    transaction, and return whether it was.
    """
    made = {"key": lock.key, "target": "CREATE", "create_revision": lock.revision}
    put = {"request_put": {"key": encoded(key), "value": encoded(value)}}
    answer = ask(lock.port, "kv/txn", SOON, compare=[made], success=[put])
    return bool(answer.get("succeeded", False))


def put(lock: Lock, key: str, value: str) -> bool:
    """Put a value under a key, and ask for no lock."""
    ask(lock.port, "kv/put", SOON, key=encoded(key), value=encoded(value))
    return True


PUTS = {"unfenced": put, "fenced": put_if_held}


class Holder(Server):
    """A process that takes the lock "lock", works under it, looks whether it still has
    it, and writes "old" under the key "x"; but between the look and the write it stops
    itself (SIGSTOP), until it is told to go on. ``with`` begins when it has stopped.

    Parameters
    ----------
    member : EtcdMember
        Whom it asks.
    puts : {"unfenced", "fenced"}
        Whether its write compares the lock's key.
    ttl : int
        For how long its lease lasts without a sign of life, in seconds. While the
        process runs it gives one each sixth of that.
    works : float
        How long it works, in seconds. If it has lost the lock, it begins again.

    Raises
    ------
    ValueError
        If there is no such way to write.

    Notes
    -----
    Explained in ``chapters/7_4_4_real_consensus``.
    """

    def __init__(
        self, member: EtcdMember, puts: str, ttl: int = 2, works: float = 0.0
    ) -> None:
        if puts not in PUTS:
            raise ValueError(f"puts is {puts!r}: choose unfenced or fenced")
        super().__init__("holder")
        self.given = [str(member.port), puts, str(ttl), str(works)]

    def command(self) -> list[str]:
        """Return the command that starts it."""
        paths = [os.path.abspath(each) for each in filter(None, sys.path)]
        return [sys.executable, "-c", CODE.format(paths), *self.given]

    def ready(self) -> object:
        """Tell whether it has stopped itself."""
        import psutil

        return psutil.Process(self._pid).status() == psutil.STATUS_STOPPED

    def go_on(self) -> str:
        """Wake it up, wait for its end, and return its last words: "accepted" or
        "refused".

        Raises
        ------
        ServerError
            If it fails.
        """
        self.resume()
        wait_for(lambda: not self.up, PATIENCE, "the holder does not end")
        said = self.log.read_text().split()
        if said not in (["accepted"], ["refused"]):
            raise self.error("has failed")
        return said[0]


def hold() -> None:
    """Be the process of a `Holder`."""
    port, puts, ttl, works = sys.argv[1:]
    held = False
    while not held:
        with suppress(HTTPError, TimeoutError):  # its lease has ended in the queue
            lock = take(int(port), "lock", int(ttl))
            signs = threading.Thread(
                target=live, args=(lock, int(ttl) / 6), daemon=True
            )
            signs.start()
            time.sleep(float(works))
            held = holds(lock)
    os.kill(os.getpid(), signal.SIGSTOP)  # until somebody wakes us
    print("accepted" if PUTS[puts](lock, "x", "old") else "refused")


def live(lock: Lock, pause: float) -> None:
    """Give signs of life again and again."""
    while True:
        with suppress(OSError):
            ask(lock.port, "lease/keepalive", ID=lock.lease)
        time.sleep(pause)
