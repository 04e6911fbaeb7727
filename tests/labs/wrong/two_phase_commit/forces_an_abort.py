"""costs: Forces an abort at the coordinator, whose record of the beginning says as
much.
"""


class MyCoordinator(MyCoordinator):
    def abort(self, txn, told):
        self.disk.write(f"abort {txn}", True)
        self.disk.force()
        super().abort(txn, told)

    def forget(self, txn):
        if not self.owing[txn]:
            self.disk.delete(f"abort {txn}")
        super().forget(txn)
