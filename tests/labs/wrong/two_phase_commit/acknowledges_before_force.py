"""learns: Acknowledges an abort before it is on the disk."""


class MyParticipant(MyParticipant):
    def learn(self, coordinator, txn, outcome):
        if outcome == ABORT:
            self.send(coordinator, Heard(txn))
        super().learn(coordinator, txn, outcome)
