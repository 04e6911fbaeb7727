"""The judge of a server whose clients have several requests under way: it must execute
each once, and remember no more than it must.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import Nodes, drawn, pasted, run
from ftlib.services import Reply, Request, Server
from ftlib.simulation import (
    Crash,
    Duplicate,
    Lose,
    Node,
    Point,
    Recover,
    Schedule,
    Trace,
)

__all__ = ["judge_window"]

WINDOW, PATIENCE, ENDS = 3, 0.1, 4.0
WANTED: tuple[tuple[Any, ...], ...] = (
    ("put", "z", 5),
    *(("append", "x", letter) for letter in "abc"),
    ("get", "z"),
    *(("append", "x", letter) for letter in "def"),
)
SERVER = "server"


@dataclass(frozen=True, slots=True)
class Told:
    """Fact: the client has the answer to this request."""

    number: int
    result: Any


@dataclass(frozen=True, slots=True)
class Found:
    """Fact: what x holds in the end."""

    value: Any


class Pipelined(Node):
    """A client with up to three requests under way.

    It sends request n only when all up to n - 3 have been answered, and sends each
    again until it is.

    Parameters
    ----------
    operations : tuple of tuples
    """

    MESSAGES = (Request,)
    FACTS = (Told,)

    def __init__(self, operations: tuple[tuple[Any, ...], ...]) -> None:
        self.operations = operations
        self.waiting: list[int] = []  # the requests that are under way
        self.sent = 0

    def on_start(self) -> None:
        self.go_on()

    def go_on(self) -> None:
        first = min(self.waiting, default=self.sent + 1)
        for number in range(
            self.sent + 1, min(first + WINDOW, len(self.operations) + 1)
        ):
            self.waiting = [*self.waiting, number]
            self.sent = number
            self.ask(number)

    def ask(self, number: int) -> None:
        self.send(SERVER, Request(self.id, number, self.operations[number - 1]))
        self.set_timer(str(number), PATIENCE)

    def on_timer(self, name: str) -> None:
        self.ask(int(name))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Reply(number, result) if number in self.waiting:
                self.waiting = [each for each in self.waiting if each != number]
                self.cancel_timer(str(number))
                self.record(Told(number, result))
                self.go_on()


class Auditor(Node):
    """Reads x when all is over."""

    MESSAGES = (Request,)
    FACTS = (Found,)

    def on_start(self) -> None:
        self.set_timer("ask", ENDS - 0.5)

    def on_timer(self, name: str) -> None:
        self.send(SERVER, Request(self.id, 1, ("get", "x")))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Reply(_, result):
                self.record(Found(result))


@judging
def judge_window(window: Any) -> Answer:
    """Judge a server that executes each request once, though its clients have up to
    three under way, and remembers no more than it must.

    Every message of the first few is lost, doubled, or late, and the server crashes
    wherever it sends or forces. Refused are runs in which a request is executed twice,
    or never though it was answered, or is not answered; a server that remembers more
    results of a client than it can ask for again; and one whose disk grows with the
    number of requests.

    Parameters
    ----------
    window : type
        A subclass of `Server`.
    """
    if window is None or window is Server:
        return not_attempted("Write Window, a subclass of Server.")
    kind = role(window, "Window")
    if not issubclass(kind, Server):
        raise Wrong("Window is no subclass of Server.")
    own = kind.__mro__[: kind.__mro__.index(Server)]
    if not any(callable(value) for each in own for value in vars(each).values()):
        return not_attempted("Window has the methods of Server: override on_message.")
    server = watched(kind, calls=400_000)
    tried = 0
    for faults in _misfortunes():
        tried += 1
        trace = run(_nodes(server, WANTED), faults, until=ENDS)
        why = _broken(trace)
        if why:
            raise Wrong(why, pasted(faults), drawn(trace, title=why, events=60))
    results = _remembered(server)
    if results > WINDOW + 1:
        raise Wrong(
            f"it remembers {results} results of one client, who can ask again for"
            f" {WINDOW}."
        )
    few, many = (_kept(server, number) for number in (20, 60))
    if many > few + 40:
        raise Wrong(
            "it remembers ever more: after 20 requests of one client there are"
            f" {few} characters on its disk, and after 60 there are {many}."
        )
    return Answer("right", f"Each request is executed once, in {tried} runs.")


def _nodes(server: Any, operations: tuple[tuple[Any, ...], ...]) -> Nodes:
    return {
        SERVER: server,
        "c1": partial(Pipelined, operations),
        "auditor": Auditor,
    }


def _misfortunes() -> Iterator[Schedule]:
    yield Schedule()
    for kind in ("Reply", "Request"):
        for nth in range(1, 9):
            yield Schedule([Lose(kind, nth=nth)])
    for nth in range(1, 7):
        for later in (0.005, 0.3):
            yield Schedule([Duplicate("Request", nth=nth, later=later)])
        yield Schedule([Lose("Reply", nth=nth), Lose("Reply", nth=nth + 1)])
        for more in (3, 4):
            replies = (Lose("Reply", nth=n, receiver="c1") for n in (nth, nth + more))
            yield Schedule([Lose("Request", nth=nth), *replies])
        again = Duplicate("Request", nth=nth, later=0.3)
        yield Schedule([Lose("Request", nth=nth + 1), again])
        for at in (
            Point(SERVER, "send", "Reply", nth),
            Point(SERVER, "force", nth=nth),
        ):
            back = Recover(SERVER, at=Point(SERVER, "crash", later=0.02))
            yield Schedule([Crash(SERVER, at=at), back])
            yield Schedule([Lose("Reply", nth=nth), Crash(SERVER, at=at), back])


def _broken(trace: Trace) -> str:
    """Say what is wrong with a run, if something is."""
    told = {fact.what.number: fact.what.result for fact in trace.facts(Told)}
    found = [fact.what.value for fact in trace.facts(Found)]
    text = found[-1] if found and isinstance(found[-1], str) else ""
    for number, operation in enumerate(WANTED, 1):
        if number not in told:
            return f"request {number} of c1 is never answered."
        if not found:
            return "request 1 of another client is never answered."
        times = text.count(operation[-1]) if operation[0] == "append" else 1
        if times > 1:
            return f"request {number} is executed {times} times: x holds {text!r}."
        if times < 1:
            return f"request {number} is answered, and x holds {text!r} in the end."
        if operation[0] == "get" and told[number] != WANTED[0][2]:
            return f"request {number} reads z, and is answered {told[number]!r}."
    return ""


def _kept(server: Any, requests: int) -> int:
    """How much is on the server's disk after so many requests."""
    return len(_disk(server, [("put", "y", number % 2) for number in range(requests)]))


def _remembered(server: Any) -> int:
    """How many results of a client are on the server's disk after many reads."""
    unread, *read = keys = list("klmnopqrstuvw")
    puts = [("put", key, f"<{key}>") for key in keys]
    disk = _disk(server, [*puts, *(("get", key) for key in read)])
    once = disk.count(f"<{unread}>")
    return sum(disk.count(f"<{key}>") - once for key in read)


def _disk(server: Any, operations: list[tuple[Any, ...]]) -> str:
    """All that is on the server's disk after these."""
    trace = run(_nodes(server, tuple(operations)), until=ENDS - 1)
    disk: dict[str, str] = {}
    for event in trace.where(node=SERVER, kind="write"):
        disk[str(event.other)] = repr(event.what)
    return "".join(disk.values())
