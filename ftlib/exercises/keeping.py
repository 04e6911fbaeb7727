"""Judges of the exercises on the rules of the machine: a crash that keeps the first of
three writes, and an account that counts each payment once, wherever it crashes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, count, product
from typing import Any

from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import Nodes, drawn, pasted, run, schedule
from ftlib.figures.machine import KEEPER, Found, Kept, Lazy, Writer
from ftlib.simulation import Crash, Duplicate, Lose, Node, Point, Recover, Trace

__all__ = ["Paid", "Pay", "judge_account", "judge_lost_writes"]

# 1: which write survives --------------------------------------------------------------

VALUES = (1, 2, 3)


@judging
def judge_lost_writes(faults: Any) -> Answer:
    """Judge one crash and one recovery of a keeper that forces once a second, after
    which it finds 1, though its writer was told that 1, 2 and 3 are kept.

    Refused are faults of other kinds or nodes, a new disk, a crash after which one of
    the three was never acknowledged, and one after which another value is found.

    Parameters
    ----------
    faults : list of Crash and Recover
    """
    if faults is None:
        return not_attempted("Set my_faults to a list of one Crash and one Recover.")
    given = schedule(faults, "my_faults")
    for fault in given:
        if not isinstance(fault, Crash | Recover) or fault.node != KEEPER:
            raise Wrong(f"{fault!r} is no Crash or Recover of the keeper.")
        if isinstance(fault, Recover) and fault.disk != "kept":
            raise Wrong(
                f"{fault!r} gives the keeper a new disk; it is to find its own."
            )
    kinds = sorted(type(fault).__name__ for fault in given)
    if kinds != ["Crash", "Recover"]:
        raise Wrong(f"it holds {len(kinds)} faults: give one Crash and one Recover.")
    nodes: Nodes = {"writer": partial(Writer, *VALUES), KEEPER: Lazy}
    trace = run(nodes, given, until=5.0, used=True)

    def wrong(why: str) -> Wrong:
        return Wrong(why, pasted(given), drawn(trace, title=why[0].upper() + why[1:]))

    back = trace.where(kind="recover")[0].time
    told = [
        event.what.value
        for event in trace.where(kind="deliver", node="writer", until=back)
        if isinstance(event.what, Kept)
    ]
    for value in VALUES:
        if value not in told:
            raise wrong(
                f"the writer was not told before the recovery that {value} is kept."
            )
    found = trace.facts(Found)[-1].what.value
    if found != 1:
        raise wrong(f"the keeper finds {'nothing' if found is None else found}, not 1.")
    return Answer(
        "right",
        "The writer was told that 1, 2 and 3 are kept, and the keeper finds 1.",
        picture=drawn(trace, title="Three promises, and the first write survives."),
    )


# 3: an account ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pay:
    """Put an amount into the account; a payment keeps its number when it is sent again.

    Attributes
    ----------
    number : int
        1, 2, 3, ...
    amount : int
    """

    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class Paid:
    """The payment of this number is in the account.

    Attributes
    ----------
    number : int
    balance : int
        The sum of the payments so far.
    """

    number: int
    balance: int


ACCOUNT, PAYER = "account", "payer"
AMOUNTS = (30, 50, 120, 300)
SUMS = (0, *accumulate(AMOUNTS))
LAST_CRASH, LAST, UNTIL = 2.0, 2.2, 4.0  # seconds
BACK = Point(ACCOUNT, "recover")
MOST = 60  # effects of the account before which the crashes have come to an end


class Payer(Node):
    """Pays one after another, each anew every 50 ms until it is answered; the last one
    late, when the account has crashed once more.
    """

    def __init__(self) -> None:
        self.number = 1

    def on_start(self) -> None:
        self.set_timer("last", LAST)
        self.pay()

    def pay(self) -> None:
        """Ask, and ask again later."""
        self.send(ACCOUNT, Pay(self.number, AMOUNTS[self.number - 1]))
        self.set_timer("again", 0.05)

    def on_timer(self, name: str) -> None:
        if name == "again" or self.number == len(AMOUNTS):
            self.pay()

    def on_message(self, sender: str, message: Any) -> None:
        if message.number == self.number:
            self.cancel_timer("again")
            self.number += 1
            if self.number < len(AMOUNTS):
                self.pay()


NETWORK: tuple[tuple[Any, ...], ...] = (
    (),
    (Lose("Paid"),),
    (Lose("Paid", nth=2), Lose("Paid", nth=3)),
    (Lose("Pay", nth=2),),
    (Duplicate("Pay", later=0.03),),
    (Duplicate("Pay", nth=2),),
    (Duplicate("Pay", nth=3, later=0.12),),
)


@judging
def judge_account(account: Any) -> Answer:
    """Judge a server that adds each payment to its balance once, however often it
    arrives and wherever the server crashes.

    Payments and answers are lost and doubled; the server crashes after every one of its
    effects, with none, one or two of its unforced writes left, also a second time
    during what it does next, and always once more before the last payment. Refused is a
    balance in which a payment is missing or counted twice, and a payer left without an
    answer.

    Parameters
    ----------
    account : type
        Answers every `Pay` with a `Paid`.
    """
    if account is None:
        return not_attempted("Write Account, a subclass of Node.")
    nodes: Nodes = {
        PAYER: Payer,
        ACCOUNT: watched(role(account, "Account"), calls=200_000),
    }
    tried = 0
    for faults in _faults(nodes):
        _look(run(nodes, faults, until=UNTIL), faults)
        tried += 1
    return Answer("right", f"Every payment is counted once, in all of {tried:,} runs.")


def _faults(nodes: Nodes) -> Iterator[list[Any]]:
    """Yield the schedules, the small ones first."""
    for network in NETWORK:
        yield _schedule(network)
    for network in NETWORK:
        for after in _crashes(nodes, network):
            for keeps in range(3):
                crash = Crash(ACCOUNT, at=0.0, after=after, keeps=keeps)
                yield _schedule(network, crash)
    for after in _crashes(nodes, ()):
        for second in range(6):
            for keeps in range(2):
                crash = Crash(ACCOUNT, at=0.0, after=after, keeps=keeps)
                again = Crash(ACCOUNT, at=BACK, after=second, keeps=keeps)
                yield _schedule((), crash, again)


def _schedule(network: Iterable[Any], *crashes: Crash) -> list[Any]:
    """Add the crash before the last payment, and a recovery from every crash."""
    every = (*crashes, Crash(ACCOUNT, at=LAST_CRASH))
    backs = [
        Recover(ACCOUNT, at=Point(ACCOUNT, "crash", nth=number, later=0.02))
        for number, _ in enumerate(every, 1)
    ]
    return [*network, *every, *backs]


def _crashes(nodes: Nodes, network: Iterable[Any]) -> Iterator[int]:
    """Yield after how many effects the account can crash before the last payment."""
    for after in count():
        crash = Crash(ACCOUNT, at=0.0, after=after)
        trace = run(nodes, [*network, crash], until=LAST_CRASH)
        if not trace.where(kind="crash") or after > MOST:
            return
        yield after


def _subsets(arrived: int) -> list[int]:
    """What the account can hold in which some payments are missing."""
    return [
        sum(amount for amount, there in zip(AMOUNTS, chosen, strict=False) if there)
        for chosen in product((False, True), repeat=arrived)
    ]


def _look(trace: Trace, faults: list[Any]) -> None:
    def wrong(why: str) -> Wrong:
        return Wrong(why, pasted(faults), drawn(trace, title=why[0].upper() + why[1:]))

    arrived = 0
    for event in trace.where(node=ACCOUNT):
        if event.kind == "deliver":
            arrived = max(arrived, event.what.number)
        elif event.kind == "send":
            if not isinstance(event.what, Paid) or event.other != PAYER:
                raise wrong(f"the account sends {event.what!r} to {event.other}.")
            number, balance = event.what.number, event.what.balance
            if not isinstance(number, int) or not 1 <= number <= arrived:
                raise wrong(
                    f"it answers {event.what!r} to a payment that has not come."
                )
            if balance in SUMS[number : arrived + 1]:
                continue
            due = SUMS[arrived]
            why = (
                "is no number"
                if not isinstance(balance, int)
                else "misses a payment that had arrived"
                if balance in _subsets(arrived)
                else "counts a payment twice"
            )
            raise wrong(f"a balance of {balance!r} {why}: the payments make {due}.")
    paid = {event.what.number for event in trace.where(kind="deliver", node=PAYER)}
    for number in range(1, len(AMOUNTS) + 1):
        if number not in paid:
            raise wrong(f"the payer never gets an answer to payment {number}.")
