"""hears: Forgets a server that has died, and an old message brings it back."""


class MyDoor(MyDoor):
    def hear(self, news):
        super().hear(news)
        if not self.servers[news.server].weight:
            del self.servers[news.server]
