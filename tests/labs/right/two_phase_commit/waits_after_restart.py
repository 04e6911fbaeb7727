"""Waits for its patience after a restart, before it asks."""


class MyParticipant(MyParticipant):
    def on_start(self):
        for key in self.disk.keys("txn "):
            txn = key.removeprefix("txn ")
            if self.status(txn) in (COMMIT, ABORT):
                self.record(Decided(txn, self.status(txn)))
            else:
                self.set_timer(f"doubt {txn}", 0.95)
