"""returns: Forces that it was there, and keeps the news in memory only."""


class MyDoor(MyDoor):
    def hear(self, news):
        if self.newer(news):
            self.servers[news.server] = news
            self.disk.write("begun", True)
            self.disk.force()
