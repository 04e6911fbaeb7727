"""window: Suspects when more than the limit have failed: off by one."""


class MyWatcher(MyWatcher):
    def verdict(self, member, rounds):
        enough = rounds.count(False) > self.limit
        if enough or member in self.suspects:
            super().verdict(member, rounds)
