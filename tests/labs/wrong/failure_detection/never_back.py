"""window: Whoever is suspected is dead for good."""


class MyWatcher(MyWatcher):
    def verdict(self, member, rounds):
        if member not in self.suspects:
            super().verdict(member, rounds)
