"""window: Does not begin the window anew, and suspects again at once whoever it has
just trusted.
"""


class MyWatcher(MyWatcher):
    def verdict(self, member, rounds):
        kept = dict(self.rounds[member])
        super().verdict(member, rounds)
        self.rounds[member] = kept
