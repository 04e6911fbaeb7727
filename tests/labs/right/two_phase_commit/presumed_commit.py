"""Right where commit is presumed and refusers are not told (the code "public")."""

from ftlib.labs.two_phase_commit import ABORT, COMMIT
from ftlib.simulation import Node


class MyParticipant(Node):
    def __init__(self, willing=True):
        self.willing = willing

    def on_start(self):
        for key in self.disk.keys("txn "):
            txn = key.removeprefix("txn ")
            if self.status(txn) in (COMMIT, ABORT):
                self.record(Decided(txn, self.status(txn)))
            self.ask(txn)

    def on_message(self, sender, message):
        match message:
            case Poll(txn, changes):
                self.vote(sender, txn, changes)
            case Ruling(txn, outcome):
                self.learn(sender, txn, outcome)

    def on_timer(self, name):
        self.ask(name.removeprefix("doubt "))

    def vote(self, coordinator, txn, changes):
        status = self.status(txn)
        if status == "unknown" and not self.willing:
            self.keep(txn, ABORT, coordinator)
            self.disk.force()
            self.record(Decided(txn, ABORT))
            self.say(coordinator, txn, "no")
        elif status == "unknown" and not changes:
            self.say(coordinator, txn, "read")
        elif status == "unknown":
            self.keep(txn, "prepared", coordinator)
            self.disk.force()
            self.say(coordinator, txn, "yes")
            self.set_timer(f"doubt {txn}", 0.95)
        elif status != COMMIT:
            self.say(coordinator, txn, "yes" if status == "prepared" else "no")

    def say(self, coordinator, txn, vote):
        self.record(Voted(txn, vote))
        self.send(coordinator, Stance(txn, vote))

    def learn(self, coordinator, txn, outcome):
        match self.status(txn), outcome:
            case (("prepared" | "unknown"), "abort"):
                self.keep(txn, ABORT, coordinator)
                self.disk.force()
                self.record(Decided(txn, ABORT))
                self.send(coordinator, Heard(txn))
            case "abort", "abort":
                self.send(coordinator, Heard(txn))
            case "prepared", "commit":
                self.keep(txn, COMMIT, coordinator)
                self.record(Decided(txn, COMMIT))
        self.cancel_timer(f"doubt {txn}")

    def ask(self, txn):
        if self.status(txn) == "prepared":
            self.send(self.disk.read(f"txn {txn}")[1], Remind(txn))
            self.set_timer(f"doubt {txn}", 0.95)

    def keep(self, txn, status, coordinator):
        self.disk.write(f"txn {txn}", (status, coordinator))

    def status(self, txn):
        return self.disk.read(f"txn {txn}", ("unknown", ""))[0]


class MyCoordinator(Node):
    def __init__(self, work=()):
        self.work = work
        self.votes = {}  # of the transactions that are not decided
        self.owing = {}  # who has not acknowledged which abort

    def on_start(self):
        if self.disk.read("started"):
            for key in self.disk.keys("collecting "):
                self.abort(key.removeprefix("collecting "), self.disk.read(key))
            return
        self.disk.write("started", True)
        for txn, parts in self.work:
            names = tuple(name for name, _ in parts)
            self.disk.write(f"collecting {txn}", names)
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
                self.count(txn)
            case Remind(txn) if not self.disk.read(f"collecting {txn}"):
                self.send(sender, Ruling(txn, COMMIT))
            case Remind(txn) if txn in self.owing:
                self.send(sender, Ruling(txn, ABORT))
            case Heard(txn) if sender in self.owing.get(txn, ()):
                self.owing[txn].remove(sender)
                self.forget(txn)

    def on_timer(self, name):
        match name.split(" "):
            case "votes", txn:
                self.stop(txn)
            case "again", txn:
                self.tell(txn)

    def count(self, txn):
        votes = self.votes[txn]
        if "no" in votes.values():
            self.stop(txn)
        elif len(votes) == len(dict(self.work)[txn]):
            self.commit(txn)

    def commit(self, txn):
        votes = self.votes.pop(txn)
        self.cancel_timer(f"votes {txn}")
        self.disk.delete(f"collecting {txn}")
        self.disk.force()
        self.record(Decided(txn, COMMIT))
        for name, vote in votes.items():
            if vote == "yes":
                self.send(name, Ruling(txn, COMMIT))

    def stop(self, txn):
        votes = self.votes.pop(txn)
        self.cancel_timer(f"votes {txn}")
        names = [name for name, _ in dict(self.work)[txn]]
        self.abort(txn, [each for each in names if votes.get(each, "yes") == "yes"])

    def abort(self, txn, told):
        self.record(Decided(txn, ABORT))
        self.owing[txn] = list(told)
        self.tell(txn)
        self.forget(txn)

    def tell(self, txn):
        for name in self.owing[txn]:
            self.send(name, Ruling(txn, ABORT))
        self.set_timer(f"again {txn}", 0.55)

    def forget(self, txn):
        if not self.owing[txn]:
            del self.owing[txn]
            self.cancel_timer(f"again {txn}")
            self.disk.delete(f"collecting {txn}")
