"""decides: Tells the outcome to those who only read, too."""


class MyCoordinator(MyCoordinator):
    def commit(self, txn):
        readers = [name for name, vote in self.votes[txn].items() if vote == "read"]
        super().commit(txn)
        for name in readers:
            self.send(name, Ruling(txn, COMMIT))
