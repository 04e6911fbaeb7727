"""forgets: Keeps a list of what is over, which grows for good."""


class MyCoordinator(MyCoordinator):
    def forget(self, txn):
        if not self.owing[txn]:
            self.disk.append("over", txn)
        super().forget(txn)
