"""Deletes its promise when it learns the outcome that is presumed."""


class MyParticipant(MyParticipant):
    def learn(self, coordinator, txn, outcome):
        if outcome == COMMIT:
            if self.status(txn) == "prepared":
                self.record(Decided(txn, COMMIT))
                self.disk.delete(f"txn {txn}")
                self.cancel_timer(f"doubt {txn}")
        else:
            super().learn(coordinator, txn, outcome)
