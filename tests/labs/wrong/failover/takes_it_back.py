"""leaves: Finds the row free that it has freed itself, and takes it."""


class MyServer(MyServer):
    def leave(self):
        super().leave()
        self.left = False
