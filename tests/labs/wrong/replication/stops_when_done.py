"""recovers: Ships no more once a write is done; the other replicas never get it."""


class MyKeeper(MyKeeper):
    def owing(self, key):
        done = self.done(key, self.rows[key][0]) and not self.lazy(key)
        return [] if done else super().owing(key)
