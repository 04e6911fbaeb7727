"""leaves: Asks for a free row though it does not act, and takes it from the other."""


class MyServer(MyServer):
    def on_message(self, sender, message):
        if isinstance(message, Yield) and not self.acting and self.seen:
            self.left = True
            self.swap("", self.seen.epoch)
        else:
            super().on_message(sender, message)
