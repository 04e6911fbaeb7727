"""leaves: Never takes the row again once it has handed over, though nobody does."""


class MyServer(MyServer):
    def on_timer(self, name):
        left = self.left
        if name != "watch" or not left:
            super().on_timer(name)
