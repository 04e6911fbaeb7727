"""counts: Takes a key for lazy that has the word somewhere."""


class MyKeeper(MyKeeper):
    def lazy(self, key):
        return "seen" in key
