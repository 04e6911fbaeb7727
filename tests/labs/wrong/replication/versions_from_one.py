"""places: Counts versions in memory, from one again after a crash."""


class MyKeeper(MyKeeper):
    def on_start(self):
        pass
