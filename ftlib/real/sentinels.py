"""Valkey with sentinels: a primary, its replicas, and those who decide that it is dead.

A sentinel is a process that pings the primary. If it hears nothing for a while, and
enough others do not either, then a majority of them elects one, and that one makes a
replica the primary. They agree on who takes over, and not on what has been written.
"""

from contextlib import ExitStack
from typing import Any, Self

from ftlib.real.link import Link
from ftlib.real.servers import driver, wait_for
from ftlib.real.valkey import Valkey

__all__ = ["Sentinel", "ValkeySentinels"]

GROUP = "group"
FAILOVER = 5000  # milliseconds after which sentinels try another failover
PERIODS = {"info-period": 1000, "publish-period": 400}
"""How often sentinels ask servers for their roles and tell each other what they know,
in milliseconds: a tenth and a fifth of the usual, so that they know each other soon.
"""


class Sentinel(Valkey):
    """One sentinel of `ValkeySentinels`, which makes it."""

    def __init__(self, name: str, watches: Link, quorum: int, down_after: float):
        super().__init__(name)
        self.watches, self.quorum = watches, quorum
        self.patience = round(1000 * down_after)

    def command(self) -> list[str]:
        """Return the command that starts it."""
        file = self.folder / "sentinel.conf"
        if not file.exists():  # it keeps what it knows there
            lines = (
                "bind 127.0.0.1",
                f"dir {self.folder}",
                f"sentinel monitor {GROUP} 127.0.0.1 {self.watches.port} {self.quorum}",
                f"sentinel down-after-milliseconds {GROUP} {self.patience}",
                f"sentinel failover-timeout {GROUP} {FAILOVER}",
            )
            file.write_text("\n".join(lines) + "\n")
        return [self.program, str(file), "--sentinel", "--port", str(self.port)]

    def ready(self) -> object:
        """Tell whether it answers, and shorten its periods."""
        periods = [str(each) for period in PERIODS.items() for each in period]
        return ask(self, "SENTINEL", "DEBUG", *periods)

    @property
    def names(self) -> int:
        """The port of the primary that it names."""
        return int(ask(self, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", GROUP)[1])

    def knows(self, sentinels: int, replicas: int) -> bool:
        """Tell whether it has heard of so many other sentinels and of the replicas."""
        others = ask(self, "SENTINEL", "SENTINELS", GROUP)
        copies = ask(self, "SENTINEL", "REPLICAS", GROUP)
        return len(others) == sentinels and len(copies) == replicas


class ValkeySentinels:
    """A primary, its replicas and their sentinels, between ``with`` and its end.

    All of them reach the first primary over `link`, and a client of
    ``primary.client()`` does not: it stands beside it. So to cut the link is a
    partition, with this client on the side of the old primary.

    Parameters
    ----------
    replicas, sentinels : int
        How many. A failover takes a majority of the sentinels.
    delay : float
        How long the link takes, one way, in seconds.
    down_after : float
        For how long a sentinel hears nothing before it takes a server for dead.
    **settings
        As in valkey.conf, with ``_`` for ``-``, of the primary and the replicas.

    Attributes
    ----------
    primary : Valkey
        The first primary, whoever it is now.
    replicas : list of Valkey
    sentinels : list of Sentinel
    link : ftlib.real.link.Link

    Raises
    ------
    FileNotFoundError
        If there is no Valkey: with what to install.

    Examples
    --------
    A replica takes over from a primary that is killed::

        with ValkeySentinels() as group:
            group.primary.client().set("x", 1)
            group.crash_primary()
            group.successor().client().get("x")  # "1" if it had been copied
    """

    def __init__(
        self,
        replicas: int = 2,
        sentinels: int = 3,
        delay: float = 0.0,
        down_after: float = 1.5,
        **settings: Any,
    ) -> None:
        self.delay, self.down_after, self.settings = delay, down_after, settings
        self._many = replicas, sentinels
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        replicas, sentinels = self._many
        with ExitStack() as opened:
            self.link = opened.enter_context(Link(0))
            self.primary = Valkey(
                "v1",
                replica_announce_ip="127.0.0.1",
                replica_announce_port=self.link.port,
                **self.settings,
            )
            self.link.target = opened.enter_context(self.primary).port
            self.replicas = [
                opened.enter_context(Valkey(f"v{number}", self.link, **self.settings))
                for number in range(2, replicas + 2)
            ]
            self.sentinels = [
                opened.enter_context(
                    Sentinel(
                        f"s{number}", self.link, sentinels // 2 + 1, self.down_after
                    )
                )
                for number in range(1, sentinels + 1)
            ]
            wait_for(self._joined, 30, "they do not all know each other")
            self.link.delay = self.delay  # only now: to begin takes many round trips
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.close()

    def _joined(self) -> bool:
        replicas, sentinels = self._many
        told = ask(self.primary, "INFO", "replication")
        copies = [told.get(f"slave{each}", {}) for each in range(replicas)]
        return all(
            # before it has answered for the first time, it is sent no writes
            each.get("state") == "online" and int(each["offset"]) > 0
            for each in copies
        ) and all(each.knows(sentinels - 1, replicas) for each in self.sentinels)

    def named(self) -> Valkey | None:
        """Who is the primary, as a majority of the sentinels say; None if none does."""
        ports = {self.link.port: self.primary} | {
            each.port: each for each in self.replicas
        }
        votes: list[int] = []
        for sentinel in self.sentinels:
            try:
                votes.append(sentinel.names)
            except OSError:
                continue
        enough = len(self.sentinels) // 2 + 1
        return next((ports[e] for e in votes if votes.count(e) >= enough), None)

    def successor(self, after: Valkey | None = None, timeout: float = 20.0) -> Valkey:
        """Wait until the sentinels name another than `after`, which is the first
        primary if not given, and that one takes writes; return it.

        Raises
        ------
        TimeoutError
            If that takes longer than so many seconds.
        """
        old = after or self.primary

        def found() -> Valkey | None:
            new = self.named()
            if new is None or new is old:
                return None
            return new if ask(new, "ROLE")[0] == "master" else None

        new: Valkey = wait_for(found, timeout, f"nobody takes over from {old.name}")
        return new

    def fail_over(self, *how: str) -> None:
        """Order a failover although the primary is well; "COORDINATED" makes it step
        down before a replica is promoted, and without a word it is told afterwards.

        Raises
        ------
        OSError
            If the sentinel that is asked refuses, or does not answer.
        """
        ask(self.sentinels[0], "SENTINEL", "FAILOVER", GROUP, *how)

    def demoted(self, timeout: float = 20.0) -> None:
        """Wait until the first primary, reachable again, copies its successor.

        Raises
        ------
        TimeoutError
            If that takes longer than so many seconds.
        """

        def done() -> bool:
            told = ask(self.primary, "INFO", "replication")
            return told["role"] == "slave" and told["master_link_status"] == "up"

        wait_for(done, timeout, f"{self.primary.name} is not demoted")

    def crash_primary(self) -> None:
        """Lose the first primary's computer: what was still on the link is gone too."""
        self.primary.pause()  # to kill it takes a while, in which much would arrive
        self.link.cut()
        self.primary.kill()


def ask(server: Valkey, *words: str) -> Any:
    """Give a server a command, and return the answer.

    Raises
    ------
    OSError
        If it does not answer.
    """
    redis = driver("redis")
    try:
        with server.client(socket_timeout=1) as client:
            return client.execute_command(*words)
    except redis.RedisError as error:
        raise ConnectionError(f"{server.name}: {error}") from error
