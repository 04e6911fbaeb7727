"""returns: Writes the news and forces nothing."""


class MyDoor(MyDoor):
    def hear(self, news):
        if self.newer(news):
            self.servers[news.server] = news
            self.disk.write(f"server {news.server}", news)
