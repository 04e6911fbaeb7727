"""restarts: Begins with the same numbers after a crash."""


class MyWatcher(MyWatcher):
    def on_start(self):
        self.record(Watches(self.helpers, self.limit, self.window))
        self.disk.write("begun", True)
        self.disk.force()
        self.begin()
