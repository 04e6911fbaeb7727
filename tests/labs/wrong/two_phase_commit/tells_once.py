"""forgets: Tells an abort once and not again, so a lost message is lost for good."""


class MyCoordinator(MyCoordinator):
    def tell(self, txn):
        for name in self.owing[txn]:
            self.send(name, Ruling(txn, ABORT))
