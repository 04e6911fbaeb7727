"""restarts: Writes down whom it suspects, unforced, and sometimes finds it again."""


class MyWatcher(MyWatcher):
    def on_start(self):
        self.suspects = self.disk.read("suspects", [])
        super().on_start()

    def judge(self):
        super().judge()
        self.disk.write("suspects", self.suspects)
