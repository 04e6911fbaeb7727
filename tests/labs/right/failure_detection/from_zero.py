"""Numbers that go on from the disk, of which each life takes a thousand at once."""


class MyWatcher(MyWatcher):
    def on_start(self):
        self.number = self.disk.read("next", 0)
        self.disk.write("next", self.number + 1000)
        self.disk.force()
        self.record(Watches(self.helpers, self.limit, self.window))
        self.begin()
