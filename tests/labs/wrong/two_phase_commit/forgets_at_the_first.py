"""forgets: Forgets an abort at the first acknowledgement."""


class MyCoordinator(MyCoordinator):
    def forget(self, txn):
        if len(self.owing[txn]) <= 1:
            self.owing[txn] = []
        super().forget(txn)
