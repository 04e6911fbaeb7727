"""Forces only when somebody asks, and keeps all news under one key."""


class MyDoor(MyDoor):
    def __init__(self):
        super().__init__()
        self.fresh = False

    def on_start(self):
        self.servers = self.disk.read("servers", {})

    def on_message(self, sender, message):
        if self.fresh and not isinstance(message, Plate):
            self.disk.write("servers", self.servers)
            self.disk.force()
            self.fresh = False
        super().on_message(sender, message)

    def hear(self, news):
        if self.newer(news):
            self.servers[news.server] = news
            self.fresh = True
