"""learns: Acknowledges an abort of which it knows nothing, and does not write it down;
asked late, it votes yes.
"""


class MyParticipant(MyParticipant):
    def learn(self, coordinator, txn, outcome):
        if self.status(txn) == "unknown":
            self.send(coordinator, Heard(txn))
        else:
            super().learn(coordinator, txn, outcome)
