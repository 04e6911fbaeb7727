"""restarts: Writes how many lives it has had, and forces nothing."""


class MyWatcher(MyWatcher):
    def on_start(self):
        self.record(Watches(self.helpers, self.limit, self.window))
        life = self.disk.read("life", 0) + 1
        self.disk.write("life", life)
        self.number = life * 1_000_000
        self.begin()
