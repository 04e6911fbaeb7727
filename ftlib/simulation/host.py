"""The machine under one node: it runs the handlers one after another, and survives the
node's crash with its disk.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ftlib.simulation.chance import MICROSECOND, stream
from ftlib.simulation.effects import apply
from ftlib.simulation.node import HandlerError, Node, make, state_of, write
from ftlib.simulation.route import ARRIVAL, RESUME, Entry, Route
from ftlib.simulation.values import MUTABLE, check_state, copy_value, show

if TYPE_CHECKING:
    from ftlib.simulation.cluster import Cluster

__all__ = ["Factory", "Host"]

Factory = Callable[[], Node]


class Host:
    """One machine. A crash takes the node, its timers and what was not forced; the
    disk, the clock and the links stay.
    """

    def __init__(self, id: str, factory: Factory, world: "Cluster") -> None:
        self.id = id
        self.factory = factory
        self.world = world
        self.node: Node | None = None  # None while it is down
        self.disk: dict[str, Any] = {}  # what is durable
        self.rate, self.set_at, self.set_to = (
            1.0,
            0,
            0.0,
        )  # its clock: how fast, and when (microseconds) it was put to what
        self.slow = self.slow_until = 0  # microseconds
        self.routes: dict[str, Route] = {}
        self.options: deque[int] = deque()  # what a script says of its next choices
        self._draw: Callable[[], float] | None = None
        self._lose_memory()

    def _lose_memory(self) -> None:
        self.buffer: list[tuple[Any, ...]] = []  # writes not yet forced
        self.timers: dict[
            str, int
        ] = {}  # armed: name -> the number of the heap entry that counts
        self.calls: list[
            tuple[Any, int]
        ] = []  # operations that have not returned, with their numbers
        self.inbox: deque[Entry] = deque()  # what arrived while the node was busy
        self.busy = False  # waiting for its disk, or slow
        self.countdown: int | None = None  # effects that still happen before the crash
        # of that crash: how many unforced writes survive, and the fault behind it
        self.waiting: tuple[int, Any] = (0, None)

    # What a node may ask of its world -------------------------------------------------

    def draw(self) -> float:
        """Draw the next number of this node's own stream."""
        if self._draw is None:
            self._draw = stream(self.world.seed, "node", self.id).random
        return self._draw()

    @property
    def has_drawn(self) -> bool:
        """Whether something here was left to chance."""
        return self._draw is not None

    def choose(self, options: Sequence[Any]) -> Any:
        """Answer `Node.choose`."""
        if self.options:
            option = self.options.popleft()
            if option >= len(options):
                raise ValueError(
                    f"the script chooses option {option}, but there are {len(options)}:"
                    f" {show(list(options))}"
                )
            return options[option]
        return options[int(self.draw() * len(options))]

    def now(self) -> float:
        """Answer `Node.now`: this node's clock, in seconds."""
        return self.set_to + (self.world.ticks - self.set_at) / MICROSECOND * self.rate

    # Life -----------------------------------------------------------------------------

    def create(self) -> None:
        """Make a new node, with its own copy of what is on the disk."""
        try:
            contents = {key: copy_value(value) for key, value in self.disk.items()}
            node = make(self.factory, self.id, contents, self)
        except Exception as error:
            raise HandlerError(
                f"{self.id!r} cannot be made: {type(error).__name__}: {error}"
            ) from error
        self.node = node

    def begin(self) -> None:
        """Run the first handler of a new node."""
        node: Any = self.node
        try:
            node.on_start()
        except Exception as error:
            raise self._blame(node, "on_start()", error) from error
        self.check_state()
        apply(self, node, node._effects)

    def crash(self, after: int = 0, keeps: int = 0, fault: Any = None) -> None:
        """Crash now, or after so many more effects, and keep so many of the unforced
        writes; what is down stays down. `fault` is what took effect then.
        """
        if self.node is None:
            return
        if after:
            if self.countdown is None or after < self.countdown:
                self.countdown, self.waiting = after, (keeps, fault)
            return
        self.node = None
        for effect in self.buffer[:keeps]:
            write(self.disk, effect)
        if fault is not None:
            self.world.injector.unused.pop(id(fault), None)
        waiting = [entry for entry in self.inbox if entry[2] == ARRIVAL]
        self._lose_memory()
        self.world.note("crash", self.id)
        for entry in waiting:
            entry[3].drop(entry[4], entry[5], "receiver crashed")

    def recover(self, disk: str) -> None:
        """Start a new node on the disk that the old one left, or on an empty one."""
        if self.node is not None:
            raise RuntimeError(
                f"{self.id!r} is up at {self.world.time:g} s: only a crashed node can"
                " recover"
            )
        if disk == "wiped":
            self.disk = {}
        self.create()
        node = self.node
        self.world.note("recover", self.id, None, disk)
        if self.node is node:
            self.begin()

    # Handling -------------------------------------------------------------------------

    def handle(self, entry: Entry) -> None:
        """Run the handler of a message or a timer, then let its effects happen."""
        node: Any = self.node
        record = self.world.record
        if entry[2] == ARRIVAL:
            sender, message = entry[3].sender, entry[4]
            if record is not None:
                record(
                    (self.world.ticks, "deliver", self.id, sender, message, entry[5])
                )
                if self.node is not node:
                    return  # crashed at this very event
            if type(message) in MUTABLE:
                message = copy_value(message)
            try:
                node.on_message(sender, message)
            except Exception as error:
                raise self._blame(
                    node, f"on_message({show(message)} from {sender!r})", error
                ) from error
        else:
            name = entry[4]
            if self.timers.get(name) != entry[1]:
                return  # cancelled while it waited for a busy node
            del self.timers[name]
            if record is not None:
                record((self.world.ticks, "timer", self.id, name, entry[5], None))
                if self.node is not node:
                    return
            try:
                node.on_timer(name)
            except Exception as error:
                raise self._blame(node, f"on_timer({name!r})", error) from error
        if node._effects:
            apply(self, node, node._effects)

    def fire(self, entry: Entry) -> None:
        """Let a timer fire, unless it was cancelled, replaced or lost in a crash."""
        if self.timers.get(entry[4]) != entry[1]:
            return
        if self.busy or self.slow:
            self.enqueue(entry)
        else:
            self.handle(entry)

    def enqueue(self, entry: Entry) -> None:
        """Handle a message or a timer after what came before it."""
        self.inbox.append(entry)
        self._work()

    def _work(self) -> None:
        """Handle what waits in the inbox, one after another, until the node is busy
        again.
        """
        while self.inbox and not self.busy and self.node is not None:
            if self.slow and self.world.ticks < self.slow_until:
                self.wait(self.slow, None)
            else:
                self.slow = 0
                self.handle(self.inbox.popleft())

    def wait(self, microseconds: int, rest: list[Any] | None) -> None:
        """Handle nothing for a while, then go on with the effects that are left, or
        with the inbox.
        """
        self.busy = True
        self.world.push(self.world.ticks + microseconds, RESUME, self, self.node, rest)

    def resume(self, node: Node, rest: list[Any] | None) -> None:
        """Go on after a wait: for the disk, with the effects that are left, or for a
        slow node, with the first in its inbox.
        """
        if self.node is not node:
            return
        self.busy = False
        if rest is None:
            self.handle(self.inbox.popleft())
        else:
            apply(self, node, rest)
        self._work()

    # Errors ---------------------------------------------------------------------------

    def check_state(self) -> None:
        """Raise if the node keeps what no node may keep."""
        if self.node is None:
            return
        try:
            check_state(state_of(self.node), type(self.node).__name__)
        except TypeError as error:
            raise HandlerError(f"state of {self.id!r}: {error}") from None

    def _blame(self, node: Node, handler: str, error: Exception) -> HandlerError:
        node._effects.clear()
        where = f"{type(node).__name__} {self.id!r}, {handler} at {self.world.time:g} s"
        return HandlerError(f"{where}: {type(error).__name__}: {error}")
