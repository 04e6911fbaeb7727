"""window: Counts failed rounds in a row, so that one good round clears all."""


class MyWatcher(MyWatcher):
    def verdict(self, member, rounds):
        if member not in self.suspects and rounds[-1]:
            self.rounds[member] = {self.number: True}
            rounds = [True]
        super().verdict(member, rounds)
