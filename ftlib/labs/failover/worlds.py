"""The worlds in which the lab on failover is tried: the witness, the storage and the
clients, names drawn from a seed, and what must hold in every run.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from ftlib.drawing import Label, Look
from ftlib.drawing.look import name_of
from ftlib.labs.failover import Acts, Rules, Stops
from ftlib.simulation import Broken, Event, Node, Property, monitor, stream

__all__ = [
    "LOOK",
    "ONE",
    "Answered",
    "Client",
    "Names",
    "Rival",
    "Witness",
    "Wrote",
    "nodes",
    "properties",
    "watch",
]

Factories = Mapping[str, Callable[[], Node]]
Memory = frozenset[tuple[Any, ...]]

SERVERS = ("oslo", "lima", "pune", "bonn", "york", "cork", "nice", "graz")
WITNESSES = ("judge", "third", "ledger", "notary")
STORES = ("disks", "vault", "seats", "shelf")


def watch(rules: Rules) -> float:
    """Return for how long, by the fastest clock, the slowest may count a term."""
    return rules.term * (1 + rules.drift) / (1 - rules.drift)


@cache
def _words(code: str) -> tuple[Any, ...]:
    return Rules.drawn(code).messages


@dataclass(frozen=True, slots=True)
class Names:
    """What the nodes are called in one world."""

    first: str
    second: str
    client: str
    witness: str
    storage: str

    @classmethod
    def drawn(cls, seed: int, rules: Rules, what: str) -> "Names":
        """Draw the names for one check.

        Examples
        --------
        >>> Names.drawn(7, Rules.drawn("public"), "takes").witness
        'judge'
        """
        draw = stream(seed, "names", rules.code, what).random
        left = list(SERVERS)
        first, second, client = (left.pop(int(draw() * len(left))) for _ in range(3))
        witness = WITNESSES[int(draw() * len(WITNESSES))]
        storage = STORES[int(draw() * len(STORES))]
        return cls(first, second, client, witness, storage)


# The nodes that a student is given ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wrote:
    """The witness holds a row of this holder and epoch from now on."""

    holder: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The client knows that what it asked for is done."""

    ticket: str


class Witness(Node):
    """A register: it answers what stands there, and replaces it for whoever names that.

    Parameters
    ----------
    code : str
        From which the messages are drawn.
    row : tuple of (holder, epoch, beat)
        What stands there at first.
    most : int, optional
        How many times it replaces, so that the states of a world end.
    """

    def __init__(
        self,
        code: str,
        row: tuple[str, int, int] = ("", 0, 0),
        most: int | None = None,
    ) -> None:
        self.code = code
        self.row = row
        self.most = most

    def on_message(self, sender: str, message: Any) -> None:
        """Answer what stands there, replaced or not."""
        _, row, swap, *_ = _words(self.code)
        if isinstance(message, swap):
            old, new = (
                (each.holder, each.epoch, each.beat)
                for each in (message.old, message.new)
            )
            if old == self.row and new[1:] > self.row[1:] and self.most != 0:
                if new[:2] != self.row[:2]:
                    self.record(Wrote(*new[:2]))
                self.row = new
                self.most = self.most and self.most - 1
        self.send(sender, row(*self.row))


class Rival(Node):
    """The other server as a check wants it: it takes the row when it is told to, and
    then renews it, whatever stands there.

    Parameters
    ----------
    code, witness : str
    times : tuple of float
        When it asks the witness, in seconds; the first time it takes a new epoch.
    """

    def __init__(self, code: str, witness: str, times: tuple[float, ...]) -> None:
        self.code = code
        self.witness = witness
        self.times = times
        self.has = False
        self.fired = 0

    def on_start(self) -> None:
        """Set a timer a time."""
        for number, after in enumerate(self.times):
            self.set_timer(f"line {number}", after)

    def on_timer(self, name: str) -> None:
        """Look what stands there."""
        self.fired += 1
        self.send(self.witness, _words(self.code)[0]())

    def on_message(self, sender: str, message: Any) -> None:
        """Replace what stands there, once for each look."""
        _, row, swap, *_ = _words(self.code)
        if not isinstance(message, row):
            return
        self.has = self.has or message.holder == self.id
        if not self.has:
            self.send(
                sender, swap(message, row(self.id, message.epoch + 1, self.fired))
            )
        elif message.holder == self.id and message.beat < self.fired:
            self.send(sender, swap(message, row(self.id, message.epoch, self.fired)))


class Storage(Node):
    """What the servers act on: it refuses every epoch below the highest it has seen.

    Parameters
    ----------
    code : str
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.epoch = 0

    def on_message(self, sender: str, message: Any) -> None:
        """Do it, or refuse."""
        *_, apply, applied, refused, _ = _words(self.code)
        if isinstance(message, apply):
            if message.epoch < self.epoch:
                self.send(sender, refused(self.epoch))
            else:
                self.epoch = message.epoch
                self.send(sender, applied(message.epoch, message.ticket))


class Client(Node):
    """A client that asks for one thing after another, and the other server if it gets
    no answer.

    Parameters
    ----------
    code : str
    servers : tuple of str
    every : float
        How often it asks, in seconds.
    """

    def __init__(self, code: str, servers: tuple[str, ...], every: float) -> None:
        self.code = code
        self.servers = servers
        self.every = every
        self.number = 1
        self.turn = 0
        self.waiting = False

    def on_start(self) -> None:
        """Ask for the first."""
        self.on_timer("asks")

    def on_timer(self, name: str) -> None:
        """Ask, the other one if there was no answer."""
        if self.waiting:
            self.turn = 1 - self.turn
        self.waiting = True
        question = _words(self.code)[3](f"t{self.number}")
        self.send(self.servers[self.turn], question)
        self.set_timer("asks", self.every)

    def on_message(self, sender: str, message: Any) -> None:
        """Go on to the next when this one is done."""
        done, ticket = _words(self.code)[4], f"t{self.number}"
        if self.waiting and isinstance(message, done) and message.ticket == ticket:
            self.record(Answered(ticket))
            self.number += 1
            self.waiting = False


def nodes(
    names: Names,
    rules: Rules,
    server: Callable[..., Node],
    *,
    both: bool = True,
    **witness: Any,
) -> Factories:
    """Make the factories of the servers, the witness and the storage."""
    made = partial(server, names.witness, names.storage)
    servers = (names.first, names.second) if both else (names.first,)
    return {
        **dict.fromkeys(servers, made),
        names.witness: partial(Witness, rules.code, **witness),
        names.storage: partial(Storage, rules.code),
    }


# Properties ---------------------------------------------------------------------------


def _acting(acting: Memory, event: Event) -> Memory:
    """Follow who acts: (server, epoch), ..."""
    others = frozenset(each for each in acting if each[0] != event.node)
    match event.kind, event.what:
        case ("crash", _) | ("fact", Stops()):
            return others
        case "fact", Acts(epoch):
            return others | {(event.node, epoch)}
    return acting


def _one(acting: Memory, event: Event) -> Memory | Broken:
    others = sorted(each for each in acting if each[0] != event.node)
    if isinstance(event.what, Acts) and others:
        other, epoch = others[0]
        return Broken(
            f"{event.node} begins to act for epoch {event.what.epoch} while {other}"
            f" acts for epoch {epoch}"
        )
    return _acting(acting, event)


def _once(seen: Memory, event: Event) -> Memory | Broken:
    match event.what:
        case Wrote(holder, epoch):
            return seen | {("wrote", epoch, holder)}
        case Acts(epoch):
            if ("wrote", epoch, event.node) not in seen:
                return Broken(
                    f"{event.node} begins to act for epoch {epoch}, and the witness has"
                    " never held a row that says so"
                )
            before = [each[2] for each in seen if each[:2] == ("acts", epoch)]
            if before:
                return Broken(
                    f"epoch {epoch} has begun at {before[0]}, and begins again at"
                    f" {event.node}"
                )
            return seen | {("acts", epoch, event.node)}
    return seen


def _entitled(
    apply: type, servers: tuple[str, ...], acting: Memory, event: Event
) -> Memory | Broken:
    what: Any = event.what
    sent = event.kind == "send" and type(what) is apply and event.node in servers
    if sent and (event.node, what.epoch) not in acting:
        return Broken(
            f"{event.node} has {what.ticket} done in epoch {what.epoch}, for which it"
            " does not act"
        )
    return _acting(acting, event)


ONE: Property = monitor("one acts", frozenset(), _one, ("fact", "crash"))
"""Never do two act at one time. It rests on clocks, of which exploration knows none."""


def properties(rules: Rules, servers: Iterable[str]) -> tuple[Property, ...]:
    """Return what must hold whatever clocks do."""
    step = partial(_entitled, rules.messages[6], tuple(servers))
    return (
        monitor("an epoch begins once", frozenset(), _once),
        monitor("acts as entitled", frozenset(), step, ("fact", "send", "crash")),
    )


# Pictures -----------------------------------------------------------------------------


def _state(event: Event) -> Label | None:
    match event.what:
        case Acts(epoch):
            return Label(f"● acts, {epoch}", "green", "solid")
        case Stops(epoch):
            return Label(f"○ stops, {epoch}", "muted", "striped")
        case Wrote(holder, epoch):
            return Label(f"{holder or 'free'}, {epoch}", "blue", "none")
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Acts(epoch):
            return f"begins to act for epoch {epoch}"
        case Stops(epoch):
            return f"acts no more for epoch {epoch}"
        case Wrote(holder, epoch):
            return f"holds a row of {holder or 'nobody'}, epoch {epoch}"
        case Answered(ticket):
            return f"knows that {ticket} is done"
    return f"records {name_of(event.what)}"


def _message(message: Any) -> str:
    """Write a row as holder, epoch and beat, a swap by its new row."""
    row = getattr(message, "new", message)
    if not hasattr(row, "beat"):
        return name_of(message)
    to = " to" if hasattr(message, "new") else ""
    where = f"{row.holder or 'free'} {row.epoch}.{row.beat}"
    return f"{type(message).__name__}{to} {where}"


def _timer(name: str) -> str:
    return "asks" if name.startswith("line ") else name


LOOK = Look(message=_message, state=_state, tell=_tell, timer=_timer)
"""How such runs are drawn."""
