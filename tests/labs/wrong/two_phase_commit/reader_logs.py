"""votes: Writes to the disk for a transaction that it only reads."""


class MyParticipant(MyParticipant):
    def vote(self, coordinator, txn, changes):
        if not changes:
            self.disk.write(f"read {txn}", True)
            self.disk.force()
        super().vote(coordinator, txn, changes)
