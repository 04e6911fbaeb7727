"""copies: Takes the news that might come for news that have come."""


class MyDoor(MyDoor):
    def suppose(self, news, keys):
        found = super().suppose(news, keys)
        self.hear(news)
        return found
