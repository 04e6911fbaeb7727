"""returns: Forces after it has answered, so a crash in between forgets what it said."""


class MyDoor(MyDoor):
    def on_message(self, sender, message):
        super().on_message(sender, message)
        match message:
            case Seek():
                self.disk.force()

    def hear(self, news):
        if self.newer(news):
            self.servers[news.server] = news
            self.disk.write(f"server {news.server}", news)
