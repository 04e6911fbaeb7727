"""votes: Says yes before its promise is on the disk, so a crash forgets it."""


class MyParticipant(MyParticipant):
    def vote(self, coordinator, txn, changes):
        if self.status(txn) == "unknown" and self.willing and changes:
            self.say(coordinator, txn, "yes")
        super().vote(coordinator, txn, changes)
