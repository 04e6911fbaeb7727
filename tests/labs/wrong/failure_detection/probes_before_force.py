"""restarts: Probes first and forces then: a crash in between, and it counts the same
life again.
"""


class MyWatcher(MyWatcher):
    def on_start(self):
        self.record(Watches(self.helpers, self.limit, self.window))
        life = self.disk.read("life", 0) + 1
        self.number = life * 1_000_000
        self.begin()
        self.disk.write("life", life)
        self.disk.force()
