"""hears: Of two news of one version the one counts that came first, so doors differ."""


class MyDoor(MyDoor):
    def rank(self, news):
        return news.version
