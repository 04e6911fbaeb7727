"""A key-value store that executes every request once.

Beside the values it keeps a *session* for each client: the number of the client's last
request that was executed, and its result. A request that comes again gets the result
that it got first (Ongaro 2014, section 6.3). A client that has one request under way at
a time needs no more than the last: by sending the next it says that it has heard.

It is the state machine of Schneider (1990): from equal states, equal requests in the
same order lead to equal states and equal results. So replicas that execute the same
log agree on values and sessions alike, whoever of them is asked later.
"""

from dataclasses import dataclass, field
from typing import Any

from ftlib.services.messages import Reply, Request

__all__ = ["Executed", "Store"]

Snapshot = tuple[
    int, tuple[tuple[str, Any], ...], tuple[tuple[str, tuple[int, Any]], ...]
]


@dataclass(frozen=True, slots=True)
class Executed:
    """Fact: the request of that number of `client` was executed, and will not be
    forgotten; it was the one at `position` of this store, 1 for the first.
    """

    client: str
    sequence: int
    position: int


@dataclass
class Store:
    """A part: values by key, and sessions by client.

    Operations are those that `ftlib.checking.KeyValue` judges: ``("get", key)`` returns
    the value, None if there is none; ``("put", key, value)`` and ``("append", key,
    text)`` return None.

    Attributes
    ----------
    values : dict from str to object
        In the order of the keys.
    sessions : dict from client to (sequence, result)
        In the order of the clients' names.
    position : int
        How many requests were executed.

    Examples
    --------
    >>> store = Store()
    >>> again = Request("c", 1, ("append", "x", "a"))
    >>> store.execute(again), store.execute(again)
    (Executed(client='c', sequence=1, position=1), None)
    >>> store.reply(again), store.values
    (Reply(sequence=1, result=None), {'x': 'a'})

    Notes
    -----
    It neither sends nor writes to a disk. A server executes what is decided, records
    the fact once that cannot be undone, and answers with `reply`.

    Both dicts are kept in the order of their keys, not of arrival, because that order
    is part of a node's state.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, tuple[int, Any]] = field(default_factory=dict)
    position: int = 0

    def execute(self, request: Request) -> Executed | None:
        """Execute a request, unless it, or a later one of its client, was executed
        before: then return None.

        Raises
        ------
        ValueError
            If it asks for no operation of this store.
        """
        last, _ = self.sessions.get(request.client, (0, None))
        if request.sequence <= last:
            return None
        result = self.do(request.operation)
        self.sessions = _with(self.sessions, request.client, (request.sequence, result))
        self.position += 1
        return Executed(request.client, request.sequence, self.position)

    def reply(self, request: Request) -> Reply | None:
        """Return what to answer to a request that was executed; None if it was not, or
        if its client has sent a later one since and so waits for nothing.
        """
        last, result = self.sessions.get(request.client, (0, None))
        return Reply(last, result) if request.sequence == last else None

    def do(self, operation: tuple[Any, ...]) -> Any:
        """Carry out an operation and return its result."""
        match operation:
            case "get", str(key):
                return self.values.get(key)
            case "put", str(key), value:
                self.values = _with(self.values, key, value)
            case "append", str(key), str(text) if isinstance(
                self.values.get(key, ""), str
            ):
                self.values = _with(self.values, key, self.values.get(key, "") + text)
            case _:
                raise ValueError(
                    f"the operation is {operation!r}: give ('get', key), ('put', key,"
                    " value) or ('append', key, text) to a key that holds text; a key"
                    " is a str"
                )
        return None

    def snapshot(self) -> Snapshot:
        """Return all of it as one plain value."""
        return self.position, tuple(self.values.items()), tuple(self.sessions.items())

    def restore(self, snapshot: Snapshot) -> None:
        """Become what a snapshot says.

        Examples
        --------
        >>> store, copy = Store(), Store()
        >>> _ = store.execute(Request("c", 1, ("put", "x", 1)))
        >>> copy.restore(store.snapshot())
        >>> copy == store
        True
        """
        self.position, values, sessions = snapshot
        self.values, self.sessions = dict(values), dict(sessions)


def _with(contents: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Put a value under a key, and return the dict in the order of its keys."""
    known = key in contents
    contents[key] = value
    return contents if known else dict(sorted(contents.items()))
