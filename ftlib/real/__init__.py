"""The real thing: the same nodes as processes of the operating system, and servers that
people run, started and killed on this computer.

Nothing here is virtual: time passes, disks are forced, processes are killed, and no run
is like another. Everything listens on 127.0.0.1 only. Whatever becomes of the process
that has started all that, nothing of it is left running or on disk. That is the work of
another process, the keeper: if somebody kills that one, then on Linux the system kills
what it has started, and its folder goes with the first process's end, if that is in
order, and else when somebody begins again.
"""

from ftlib.real import locks, writing
from ftlib.real.etcd import EtcdCluster
from ftlib.real.link import Link
from ftlib.real.opened import Opened
from ftlib.real.postgres import Postgres, PostgresPair
from ftlib.real.processes import Processes
from ftlib.real.sentinels import ValkeySentinels
from ftlib.real.servers import ServerError, wait_for
from ftlib.real.transfers import RealBank
from ftlib.real.valkey import Valkey

__all__ = [
    "EtcdCluster",
    "Link",
    "Opened",
    "Postgres",
    "PostgresPair",
    "Processes",
    "RealBank",
    "ServerError",
    "Valkey",
    "ValkeySentinels",
    "coordinator",
    "locks",
    "wait_for",
    "writing",
]
