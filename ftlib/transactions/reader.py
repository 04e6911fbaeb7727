"""A reader without locks: it adds up the accounts while transactions go on, and may see
half a transfer.

Atomic commit promises that all of a transaction takes effect or none; it does not
promise that nobody looks in between. That is isolation, and needs locks or versions on
the reader's side too.
"""

from ftlib.simulation import Node, Property, Trace
from ftlib.transactions.two_phase import Read, Value

__all__ = ["Reader", "whole_reads"]

TOTAL = ("total",)


class Reader(Node):
    """Reads every account once, and reports the sum.

    Parameters
    ----------
    accounts : tuple of (participant, account)
        What to add up.
    at : float
        When, in seconds.
    """

    MESSAGES = (Read, Value)

    def __init__(self, accounts: tuple[tuple[str, str], ...], at: float) -> None:
        self.accounts = accounts
        self.at = at
        self.seen: dict[
            tuple[str, str], int
        ] = {}  # what is on which account of which participant

    def on_start(self) -> None:
        self.set_timer("begin", self.at)

    def on_timer(self, name: str) -> None:
        self.call(TOTAL)
        for participant, account in self.accounts:
            self.send(participant, Read(account))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Value(account, balance) if (sender, account) not in self.seen:
                self.seen[sender, account] = balance
                if len(self.seen) == len(self.accounts):
                    self.returned(TOTAL, sum(self.seen.values()))


def whole_reads(total: int) -> Property:
    """Say that every reader sees this total: no promise of atomic commit, and broken
    without any failure.
    """

    def rule(trace: Trace) -> str | None:
        for event in trace.where(kind="return"):
            operation, result = event.what
            if operation == TOTAL and result != total:
                return f"{event.node} read a total of {result}, not {total}"
        return None

    return Property("whole reads", rule, kinds=("return",))
