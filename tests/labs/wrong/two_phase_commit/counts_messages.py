"""decides: Counts votes and not voters, so one that comes twice counts twice."""


class MyCoordinator(MyCoordinator):
    def __init__(self, work=()):
        super().__init__(work)
        self.yes = 0

    def on_message(self, sender, message):
        match message:
            case Stance(_, "yes" | "read"):
                self.yes += 1
        super().on_message(sender, message)

    def count(self, txn):
        if "no" in self.votes[txn].values():
            self.stop(txn)
        elif self.yes >= len(dict(self.work)[txn]):
            self.commit(txn)
