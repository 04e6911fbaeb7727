"""The process of one node: a loop that waits for a datagram or a timer, runs the
handler, and lets its effects happen.

The node is the simulator's, unchanged. Effects happen in program order: a send leaves
when all before it has happened, and what was written before a force is on the disk when
it returns. Messages that wait together are handled together, and what the later ones
write first goes to the disk with the earlier one's force (*group commit*): it could
have been durable at that moment anyway, and nothing leaves earlier than it would have.

Times are those of the machine's monotonic clock, which all processes share, in
microseconds since the group began. An event's time is also its *Lamport clock*: one
more than the last one's here, and than that of the message received, if the real time
is not later already (a hybrid logical clock; Kulkarni et al. 2014). So the traces of
all processes, in the order of these times, are one trace in which nothing is received
before it was sent.
"""

import json
import os
import select
import socket
import sys
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from heapq import heappop, heappush
from typing import Any

from ftlib.real.disk import LogFile, framed, write_all
from ftlib.real.mail import Letter, Mail
from ftlib.real.place import Place
from ftlib.real.wire import Wire
from ftlib.simulation import HandlerError, Node
from ftlib.simulation.chance import MICROSECOND, stream
from ftlib.simulation.freezing import exact
from ftlib.simulation.node import (
    CALL,
    CANCEL_TIMER,
    FACT,
    FORCE,
    RETURN,
    SEND,
    SET_TIMER,
    WRITES,
    make,
    state_of,
)
from ftlib.simulation.values import check_state, show

__all__ = ["Machine", "live"]

TOGETHER = 64  # timers that fire before datagrams are looked at again


class Machine:
    """The world of one node, for one life of it.

    Parameters
    ----------
    place : Place
        Where it is.
    factory : callable
        What makes the node.
    wire : Wire
        The types that travel.
    inlet : socket
        Where its datagrams arrive.
    orders : int
        The file descriptor from which orders come; at its end, everything ends.
    """

    def __init__(
        self,
        place: Place,
        factory: Callable[[], Node],
        wire: Wire,
        inlet: socket.socket,
        orders: int,
    ) -> None:
        self.place, self.wire, self.orders = place, wire, orders
        self.mail = Mail(place, wire, inlet)
        self.clock = 0
        self.timers: dict[str, int] = {}  # name -> number of the entry that counts
        self.due: list[tuple[Any, ...]] = []  # a heap: time, number, what
        self.number = 0
        self.calls: list[tuple[Any, int]] = []
        self.cuts = set(place.cuts)
        self.unsaid: list[bytes] = []  # of the trace
        self._draw = stream(place.seed, "node", *place.name).random
        self.said = os.open(place.folder / "trace", os.O_WRONLY | os.O_APPEND)
        self.log = LogFile(place.folder, wire)
        self.node = make(factory, place.id, self.log.contents, self)

    # What a node may ask of its world -------------------------------------------------

    def choose(self, options: Sequence[Any]) -> Any:
        """Answer `Node.choose`."""
        return options[int(self._draw() * len(options))]

    def now(self) -> float:
        """Answer `Node.now`."""
        return self.place.time / MICROSECOND

    # The loop -------------------------------------------------------------------------

    def run(self) -> None:
        """Live until something ends it."""
        self.node.on_start()
        check_state(state_of(self.node), type(self.node).__name__)
        self.apply([self._taken()])
        waiting = select.poll()
        waiting.register(self.mail.inlet, select.POLLIN)
        waiting.register(self.orders, select.POLLIN)
        while True:
            left = self.due[0][0] - self.place.time if self.due else MICROSECOND
            ready = {fd for fd, _ in waiting.poll(max(0, left + 999) // 1000)}
            if self.orders in ready and not self._ordered():
                return
            if self.mail.inlet.fileno() in ready:
                self._receive()
            self._pass_time()

    def _ordered(self) -> bool:
        """Take an order: which directions are cut. Return whether there was one."""
        text = os.read(self.orders, 1 << 16)
        for line in text.splitlines():
            self.cuts = {(one, other) for one, other in json.loads(line)}
        return bool(text)

    def _receive(self) -> None:
        """Handle what has arrived, a few messages together."""
        batch = []
        for letter in self.mail.receive():
            if letter.arrival > self.place.time:
                self.number += 1
                heappush(self.due, (letter.arrival, self.number, None, letter))
            else:
                batch.append(self._handle(letter))
        self.apply(batch)

    def _pass_time(self) -> None:
        """Let fire and arrive what is due."""
        for _ in range(TOGETHER):
            if not self.due or self.due[0][0] > self.place.time:
                break
            _, number, name, what = heappop(self.due)
            if name is None:
                self.apply([self._handle(what)])
            elif self.timers.get(name) == number:
                del self.timers[name]
                self.record("timer", name, what, None)
                self.node.on_timer(name)
                self.apply([self._taken()])

    def _handle(self, letter: Letter) -> deque[tuple[Any, ...]]:
        """Run the handler of a message; return its effects, which are still to come."""
        sender, sent = letter.sender, letter.sent
        self.clock = max(self.clock, sent)
        plain = self.wire.plain(letter.message) if self.place.trace else None
        if (sender, self.place.id) in self.cuts:
            what = self.wire.pair(plain, "link is cut")
            self.record("drop", sender, None, sent, what)
            return deque()
        self.record("deliver", sender, None, sent, plain)
        self.node.on_message(sender, letter.message)
        return self._taken()

    def _taken(self) -> deque[tuple[Any, ...]]:
        effects = deque(self.node._effects)
        self.node._effects.clear()
        return effects

    # Effects --------------------------------------------------------------------------

    def apply(self, batch: list[deque[tuple[Any, ...]]]) -> None:
        """Let the effects of handlers happen in their order."""
        for place, effects in enumerate(batch):
            while effects:
                effect = effects.popleft()
                if effect[0] in WRITES:
                    self._write([effect])
                elif effect[0] == FORCE:
                    before = effects
                    for later in batch[place + 1 :]:
                        if any(each[0] in WRITES for each in before):
                            break  # writes keep their order
                        self._with_this_force(later)
                        before = later
                    self.log.force()
                    self.record("force")
                else:
                    self._happen(effect)
        self.say()

    def _with_this_force(self, effects: deque[tuple[Any, ...]]) -> None:
        """Write what a later handler writes and forces before all else."""
        first = []
        while effects and effects[0][0] in WRITES:
            first.append(effects.popleft())
        if effects and effects[0][0] == FORCE:
            effects.popleft()
        self._write(first)

    def _write(self, effects: list[tuple[Any, ...]]) -> None:
        self.log.append(effects)
        for kind, key, value in effects:
            self.record("write", key, value, WRITES[kind])

    def _happen(self, effect: tuple[Any, ...]) -> None:
        kind = effect[0]
        if kind == SEND:
            self._send(effect[1], effect[2])
        elif kind == SET_TIMER:
            self._set_timer(effect[1], effect[2])
        elif kind == CANCEL_TIMER:
            self.timers.pop(effect[1], None)
        elif kind == FACT:
            self.record("fact", None, effect[1])
        elif kind == CALL:
            self.record("call", None, effect[1])
            self.calls.append((effect[1], self.clock))
        elif kind == RETURN:
            self.record("return", None, effect[1:], self._end_call(effect[1]))

    def _end_call(self, operation: Any) -> int:
        for place in reversed(range(len(self.calls))):
            if exact(self.calls[place][0]) == exact(operation):
                return self.calls.pop(place)[1]
        raise HandlerError(
            f"{self.place.id!r} returns from {show(operation)}, which it has not called"
        )

    def _set_timer(self, name: str, after: int | tuple[int, int]) -> None:
        if isinstance(after, tuple):
            low, high = after
            after = low + round((high - low) * self._draw())
        now = self.place.time
        self.number += 1
        self.timers[name] = self.number
        heappush(self.due, (now + after, self.number, name, now))

    def _send(self, to: str, message: Any) -> None:
        plain = self.wire.plain(message)
        self.record("send", to, None, None, plain)
        self.say()  # before it leaves: a trace has no message that nobody sent
        sent = self.clock
        arrival, reason = self.mail.send(to, plain, sent)
        if reason:
            what = self.wire.pair(plain, reason)
            self._note((arrival, "drop", to, self.place.id, what, sent))

    # The trace ------------------------------------------------------------------------

    def record(
        self,
        kind: str,
        other: str | None = None,
        what: Any = None,
        ref: Any = None,
        plain: Any = None,
    ) -> None:
        """Put an event on record; a message comes as `plain`, which stands for what."""
        self.clock = max(self.place.time, self.clock + 1)
        if self.place.trace:
            plain = self.wire.plain(what) if plain is None else plain
            self._note((self.clock, kind, self.place.id, other, plain, ref))

    def _note(self, row: tuple[Any, ...]) -> None:
        if self.place.trace:
            self.unsaid.append(framed(self.wire.encode(row)))

    def say(self) -> None:
        """Write down what was recorded."""
        if self.unsaid:
            write_all(self.said, b"".join(self.unsaid))
            self.unsaid.clear()


def live(*given: Any) -> int:
    """Be the process of a node; return the exit code. What stops it is the last of its
    words on stderr; the system's errors are the exit code too, for the words may find
    no room on the same disk.
    """
    try:
        Machine(*given).run()
    except Exception as error:
        with suppress(OSError):
            if not isinstance(error, OSError):
                traceback.print_exc()
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return (isinstance(error, OSError) and error.errno) or 1
    return 0
