"""renews: Watches only rows of others, so a row of its own is never taken again."""


class MyServer(MyServer):
    def take(self):
        if self.seen.holder != self.id:
            super().take()
