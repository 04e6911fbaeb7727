"""recovers: Decides by itself when it has waited long enough."""


class MyParticipant(MyParticipant):
    def ask(self, txn):
        if self.status(txn) == "prepared":
            self.keep(txn, ABORT, "")
            self.disk.force()
            self.record(Decided(txn, ABORT))
