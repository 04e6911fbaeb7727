"""recovers: Presumes the outcome that the chapter presumes."""


class MyCoordinator(MyCoordinator):
    def on_message(self, sender, message):
        match message:
            case Remind(txn) if not self.disk.read(f"collecting {txn}"):
                self.send(sender, Ruling(txn, ABORT))
            case _:
                super().on_message(sender, message)
