"""asks: Asks helpers about everybody when a round begins, and does not wait."""


class MyWatcher(MyWatcher):
    def begin(self):
        super().begin()
        self.ask()
