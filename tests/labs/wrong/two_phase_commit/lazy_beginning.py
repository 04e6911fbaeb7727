"""agrees: Asks for votes before its record of the transaction is forced; a crash then
lets it presume.
"""


class MyCoordinator(MyCoordinator):
    def on_start(self):
        if not self.disk.read("started"):
            self.disk.write("started", True)
            self.disk.force()
            self.lazily()
        else:
            super().on_start()

    def lazily(self):
        for txn, parts in self.work:
            names = tuple(name for name, _ in parts)
            self.votes[txn] = {}
            self.record(Began(txn, names))
            for name, changes in parts:
                self.send(name, Poll(txn, changes))
            self.disk.write(f"collecting {txn}", names)
            self.set_timer(f"votes {txn}", 0.3)
