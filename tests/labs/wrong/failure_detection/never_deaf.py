"""deaf: Blames all others when nobody answers, and is deaf itself."""


class MyWatcher(MyWatcher):
    def judge(self):
        nobody = not self.answered
        self.answered[""] = True
        if nobody:
            self.record(Void(self.number))
        super().judge()
