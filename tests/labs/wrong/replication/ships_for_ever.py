"""recovers: Ships to all at every beat, whether they hold the row or not."""


class MyKeeper(MyKeeper):
    def owing(self, key):
        return [name for name in self.racks if name != self.id]
