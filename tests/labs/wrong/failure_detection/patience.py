"""window: A time-out as in the chapter: suspects a member that has been silent for so
many rounds, whatever was before.
"""


class MyWatcher(MyWatcher):
    def verdict(self, member, rounds):
        silent = rounds[-self.limit :] == [False] * self.limit
        if silent or member in self.suspects:
            super().verdict(member, rounds)
