"""Mutants of what servers share: each makes one mistake, and each breaks one promise.

As in `ftlib.transactions.mutants`, every class overrides one handler, or the part's
method that it calls. `SHOWN_BY` gives the world, a small run that shows it, and the
property. *linearizable* and *responsive* are not in `PROPERTIES`: the first is
`ftlib.checking.linearizable`, the second needs to know how long the run was.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ftlib.services.client import Client
from ftlib.services.election import Elector, Grant, electors
from ftlib.services.epoch import KEY, Elected, Granted, granted
from ftlib.services.hedging import HedgingClient
from ftlib.services.keeper import Keeper, keeping
from ftlib.services.log import Entry, Log
from ftlib.services.messages import Request
from ftlib.services.server import SERVER, Server, service
from ftlib.services.worlds import TWICE
from ftlib.simulation import (
    Crash,
    Duplicate,
    Lose,
    Node,
    Point,
    Recover,
    Schedule,
    Slow,
)
from ftlib.simulation.node import Disk
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AnswersBeforeForcing",
    "AsksAnew",
    "CompactsTooEarly",
    "CountsOldVotes",
    "CountsTwice",
    "ExecutesAgain",
    "ForgetsItsGrant",
    "ForgetsItsSessions",
    "GivesUp",
    "GrantsToAnybody",
    "HedgesAnew",
    "KeepsTheTail",
    "SaysBeforeForcing",
    "TruncatesWhatAgrees",
    "mutated",
]


class ExecutesAgain(Server):
    """Does not look whether it has executed a request before."""

    def on_message(self, sender: str, message: object) -> None:
        if isinstance(message, Request):
            self.store.sessions.pop(message.client, None)
        super().on_message(sender, message)


class ForgetsItsSessions(Server):
    """Puts the values on disk and not the sessions: after a crash it takes what is sent
    again for new.
    """

    def save(self) -> None:
        position, values, _ = self.store.snapshot()
        self.disk.write("store", (position, values, ()))
        self.disk.force()


class AnswersBeforeForcing(Server):
    """Sends the answer first and forces the store afterwards."""

    def on_message(self, sender: str, message: object) -> None:
        if isinstance(message, Request):
            executed = self.store.execute(message)
            reply = self.store.reply(message)
            if reply:
                self.send(sender, reply)
            if executed:
                self.save()
                self.record(executed)


class AsksAnew(Client):
    """Opens a new session for what it asks again, so that no server can tell that it
    has seen it.
    """

    def on_timer(self, name: str) -> None:
        again = Request(f"{self.id} again", self.sequence, self.operation)
        self.send(self.server, again)
        self.set_timer("retry", self.wait)


class GivesUp(Client):
    """Does not ask again."""

    def on_timer(self, name: str) -> None:
        pass


class HedgesAnew(HedgingClient):
    """Sends the second request in a session of its own, so that both are executed."""

    def on_timer(self, name: str) -> None:
        if name == "hedge":
            again = Request(f"{self.id} again", self.sequence, self.operation)
            self.send(self.after(self.server), again)
        else:
            super().on_timer(name)


class ForgetsItsGrant(Elector):
    """Writes what it grants and does not force it: after a crash it grants the same
    epoch to somebody else.
    """

    def grant(self, epoch: int, to: str) -> bool:
        yes = epoch > granted(self.disk)[0]
        if yes:
            self.disk.write(KEY, (epoch, to))
            self.record(Granted(epoch, to))
        return yes


class GrantsToAnybody(Elector):
    """Refuses older epochs only, and grants one to everybody who asks."""

    def grant(self, epoch: int, to: str) -> bool:
        yes = epoch >= granted(self.disk)[0]
        if yes:
            self.disk.write(KEY, (epoch, to))
            self.disk.force()
            self.record(Granted(epoch, to))
        return yes


class CountsTwice(Elector):
    """Counts messages and not voters: one vote that comes twice is two."""

    def count(self, voter: str) -> None:
        if not self.votes.reached:
            self.votes.voters = (*self.votes.voters, voter)
            if self.votes.reached:
                self.cancel_timer("election")
                self.record(Elected(self.epoch))


class CountsOldVotes(Elector):
    """Counts a vote for the epoch that it wants now, though it was given for an earlier
    one.
    """

    def on_message(self, sender: str, message: object) -> None:
        if isinstance(message, Grant):
            message = Grant(self.epoch)
        super().on_message(sender, message)


class SaysBeforeForcing(Keeper):
    """Says that it has stored what it has only written."""

    def store(self, first: int, end: int) -> None:
        for index in range(first, end + 1):
            self.record(self.log.stored(index))
        self.disk.force()


class _Overwrites(Log):
    def accept(
        self, disk: Disk, index: int, epoch: int, entries: Iterable[Entry]
    ) -> bool:
        if self.epoch_at(index) != epoch:
            return False
        for place, entry in enumerate(entries, index - self.snapshot.index):
            self.entries[place : place + 1] = [entry]
            disk.write(f"log entry {self.snapshot.index + place + 1:012}", entry)
        return True


class KeepsTheTail(Keeper):
    """Overwrites the entries that conflict, and leaves those behind them."""

    def __init__(self, rest: float = 0.5) -> None:
        super().__init__(rest)
        self.log = _Overwrites()


class _Truncates(Log):
    def accept(
        self, disk: Disk, index: int, epoch: int, entries: Iterable[Entry]
    ) -> bool:
        if self.epoch_at(index) == epoch:
            self.truncate(disk, index + 1)
        return super().accept(disk, index, epoch, entries)


class TruncatesWhatAgrees(Keeper):
    """Takes an old message that comes late for the end of the log."""

    def __init__(self, rest: float = 0.5) -> None:
        super().__init__(rest)
        self.log = _Truncates()


class _Deletes(Log):
    def compact(self, disk: Disk, index: int, state: Any) -> None:
        for gone in range(self.snapshot.index + 1, index + 1):
            disk.delete(f"log entry {gone:012}")
        super().compact(disk, index, state)


class CompactsTooEarly(Keeper):
    """Deletes the entries first and writes the snapshot that stands for them
    afterwards.
    """

    def __init__(self, rest: float = 0.5) -> None:
        super().__init__(rest)
        self.log = _Deletes()


def _back(node: str) -> Recover:
    return Recover(node, at=Point(node, "crash", later=0.02))


SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    ExecutesAgain: ((TWICE,), Schedule([Duplicate("Request")]), "executed once"),
    ForgetsItsSessions: (
        (TWICE,),
        Schedule(
            [
                Lose("Reply"),
                Crash(SERVER, at=Point(SERVER, "send", "Reply")),
                _back(SERVER),
            ]
        ),
        "executed once",
    ),
    AnswersBeforeForcing: (
        (TWICE,),
        Schedule([Crash(SERVER, at=Point(SERVER, "send", "Reply")), _back(SERVER)]),
        "linearizable",
    ),
    AsksAnew: ((TWICE,), Schedule([Lose("Reply")]), "linearizable"),
    HedgesAnew: ((TWICE,), Schedule(), "linearizable"),
    GivesUp: ((TWICE,), Schedule([Lose("Reply")]), "responsive"),
    ForgetsItsGrant: (
        (3, 2, 0.1),
        Schedule(
            [
                Slow(("e2", "e3"), by=0.05),
                Crash("e3", at=Point("e3", "send", "Grant")),
                _back("e3"),
            ]
        ),
        "granted once",
    ),
    GrantsToAnybody: ((3, 2, 0.1), Schedule(), "granted once"),
    CountsTwice: (
        (4, 2, 1.0),
        Schedule(
            [
                Slow(("e1", "e4"), by=0.05),
                Duplicate("Grant", sender="e3"),
                Duplicate("Grant", sender="e4"),
            ]
        ),
        "one holder an epoch",
    ),
    CountsOldVotes: (
        (3, 2, 1.0),
        Schedule([Slow(("e3", "e1"), by=1.05), Slow(("e1", "e3"), by=0.02, at=1.5)]),
        "one holder an epoch",
    ),
    SaysBeforeForcing: (
        (),
        Schedule([Crash("k", at=Point("k", "fact", "Stored")), _back("k")]),
        "durability",
    ),
    KeepsTheTail: (
        (),
        Schedule([Crash("k", at=1.0), _back("k")]),
        "log matching",
    ),
    TruncatesWhatAgrees: (
        (),
        Schedule([Duplicate("Ship", later=0.1), Crash("k", at=0.2), _back("k")]),
        "durability",
    ),
    CompactsTooEarly: (
        (),
        Schedule(
            [
                Crash("k", at=Point("k", "timer", "compact"), after=1, keeps=1),
                _back("k"),
            ]
        ),
        "durability",
    ),
}
"""What the world is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}

_service = casting(service, client=Client, server=Server)
_electors = casting(electors, elector=Elector)
_keeping = casting(keeping, keeper=Keeper)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ()
) -> dict[str, Callable[[], Node]]:
    """Make the world of a mutant, with it in the role that it derives from.

    Parameters
    ----------
    mutant : type
        A subclass of Client, Server, Elector or Keeper, or one of these.
    given : tuple
        As for `service`, `electors` or `keeping`.

    Raises
    ------
    TypeError
        If it derives from none of them.
    """
    if issubclass(mutant, Elector):
        return _electors(mutant, *given)
    if issubclass(mutant, Keeper):
        return _keeping(mutant, *given)
    return _service(mutant, *given)
