"""Right where abort is presumed and refusers are told (the code "a")."""

from dataclasses import dataclass

from ftlib.labs.two_phase_commit import ABORT, COMMIT
from ftlib.simulation import Node


@dataclass(frozen=True)
class Entry:
    status: str
    coordinator: str = ""

    @property
    def vote(self):
        return {"prepared": "yes", "abort": "no"}.get(self.status)


class MyParticipant(Node):
    def __init__(self, willing=True):
        self.willing = willing

    def on_start(self):
        for key in self.disk.keys("log "):
            txn = key.removeprefix("log ")
            entry = self.disk.read(key)
            if entry.status != "prepared":
                self.record(Decided(txn, entry.status))
            self.ask(txn)

    def on_message(self, sender, message):
        match message:
            case Poll(txn, changes):
                self.vote(sender, txn, changes)
            case Word(txn, "commit"):
                self.commit(sender, txn)
            case Word(txn):
                self.abort(txn)

    def vote(self, sender, txn, changes):
        entry = self.disk.read(f"log {txn}")
        if entry is None and not self.willing:
            entry = Entry("abort")
            self.disk.write(f"log {txn}", entry)
            self.disk.force()
            self.record(Decided(txn, ABORT))
        elif entry is None and changes:
            entry = Entry("prepared", sender)
            self.disk.write(f"log {txn}", entry)
            self.disk.force()
            self.set_timer(txn, 0.85)
        vote = "read" if entry is None else entry.vote
        if vote:
            self.record(Voted(txn, vote))
            self.send(sender, Stance(txn, vote))

    def commit(self, sender, txn):
        entry = self.disk.read(f"log {txn}")
        if entry is not None and entry.status == "prepared":
            self.disk.write(f"log {txn}", Entry("commit"))
            self.disk.force()
            self.record(Decided(txn, COMMIT))
            self.cancel_timer(txn)
        if entry is not None and entry.status != "abort":
            self.send(sender, Receipt(txn))

    def abort(self, txn):
        entry = self.disk.read(f"log {txn}")
        if entry is not None and entry.status == "prepared":
            self.record(Decided(txn, ABORT))
            self.disk.delete(f"log {txn}")
            self.cancel_timer(txn)

    def ask(self, txn):
        entry = self.disk.read(f"log {txn}")
        if entry is not None and entry.status == "prepared":
            self.send(entry.coordinator, Recall(txn))
            self.set_timer(txn, 0.85)

    def on_timer(self, name):
        self.ask(name)


class MyCoordinator(Node):
    def __init__(self, work=()):
        self.work = work
        self.votes = {}
        self.owing = {}

    def on_start(self):
        if self.disk.read("begun"):
            for key in self.disk.keys("commit "):
                txn = key.removeprefix("commit ")
                self.record(Decided(txn, COMMIT))
                self.owing[txn] = list(self.disk.read(key))
                self.tell(txn)
            return
        self.disk.write("begun", True)
        self.disk.force()
        for txn, parts in self.work:
            self.votes[txn] = {}
            self.record(Began(txn, tuple(name for name, _ in parts)))
            for name, changes in parts:
                self.send(name, Poll(txn, changes))
            self.set_timer(f"votes {txn}", 0.3)

    def on_message(self, sender, message):
        match message:
            case Stance(txn, vote) if txn in self.votes:
                self.votes[txn][sender] = vote
                votes = self.votes[txn]
                if vote == "no":
                    self.abort(txn)
                elif len(votes) == len(dict(self.work)[txn]):
                    self.commit(txn)
            case Recall(txn) if txn not in self.votes:
                known = self.disk.read(f"commit {txn}")
                self.send(sender, Word(txn, COMMIT if known else ABORT))
            case Receipt(txn) if sender in self.owing.get(txn, ()):
                self.owing[txn].remove(sender)
                if not self.owing[txn]:
                    del self.owing[txn]
                    self.cancel_timer(f"again {txn}")
                    self.disk.delete(f"commit {txn}")

    def on_timer(self, name):
        kind, txn = name.split(" ")
        if kind == "votes":
            self.abort(txn)
        else:
            self.tell(txn)

    def commit(self, txn):
        votes = self.votes.pop(txn)
        self.cancel_timer(f"votes {txn}")
        writers = [name for name, vote in votes.items() if vote == "yes"]
        if writers:
            self.disk.write(f"commit {txn}", tuple(writers))
            self.disk.force()
        self.record(Decided(txn, COMMIT))
        if writers:
            self.owing[txn] = writers
            self.tell(txn)

    def abort(self, txn):
        votes = self.votes.pop(txn)
        self.cancel_timer(f"votes {txn}")
        self.record(Decided(txn, ABORT))
        for name, _ in dict(self.work)[txn]:
            if votes.get(name) != "read":
                self.send(name, Word(txn, ABORT))

    def tell(self, txn):
        for name in self.owing[txn]:
            self.send(name, Word(txn, COMMIT))
        self.set_timer(f"again {txn}", 0.55)
