"""restarts: Forces the number of each round to its disk."""


class MyWatcher(MyWatcher):
    def on_start(self):
        self.number = self.disk.read("number", 0)
        self.record(Watches(self.helpers, self.limit, self.window))
        self.begin()

    def begin(self):
        self.disk.write("number", self.number + 1)
        self.disk.force()
        super().begin()
