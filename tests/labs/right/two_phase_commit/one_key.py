"""Keeps all transactions under one key."""


class MyParticipant(MyParticipant):
    def keep(self, txn, status, coordinator):
        log = self.disk.read("log", {})
        log[txn] = (status, coordinator)
        self.disk.write("log", log)

    def status(self, txn):
        return self.disk.read("log", {}).get(txn, ("unknown", ""))[0]

    def ask(self, txn):
        if self.status(txn) == "prepared":
            self.send(self.disk.read("log")[txn][1], Remind(txn))
            self.set_timer(f"doubt {txn}", 0.95)

    def on_start(self):
        for txn in self.disk.read("log", {}):
            if self.status(txn) in (COMMIT, ABORT):
                self.record(Decided(txn, self.status(txn)))
            self.ask(txn)
