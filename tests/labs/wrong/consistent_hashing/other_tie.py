"""hears: Of two news of one version the lighter counts, as another student's rules
say.
"""


class MyDoor(MyDoor):
    def rank(self, news):
        return news.version, -news.weight
