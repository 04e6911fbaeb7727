"""recovers: Keeps its promises in memory and forgets the vote on restart."""


class MyParticipant(MyParticipant):
    def __init__(self, willing=True):
        super().__init__(willing)
        self.log = {}

    def keep(self, txn, status, coordinator):
        self.disk.write("log", len(self.log))
        self.log[txn] = (status, coordinator)

    def status(self, txn):
        return self.log.get(txn, ("unknown", ""))[0]

    def ask(self, txn):
        if self.status(txn) == "prepared":
            self.send(self.log[txn][1], Remind(txn))
            self.set_timer(f"doubt {txn}", 0.95)
