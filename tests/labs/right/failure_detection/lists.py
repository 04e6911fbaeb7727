"""Keeps the rounds of a member as a list of pairs, and judges after the next round has
begun.
"""


class MyWatcher(MyWatcher):
    def on_start(self):
        self.rounds = {each: [] for each in self.members}
        super().on_start()

    def on_timer(self, name):
        if name == "silent":
            self.ask()
            return
        number, answered = self.number, self.answered
        self.begin()
        if not answered:
            self.record(Void(number))
            return
        for member in self.members:
            rounds = [*self.rounds[member], (number, member in answered)]
            self.rounds[member] = rounds[-self.window :]
            good = [each for _, each in self.rounds[member]]
            if member not in self.suspects and good.count(False) >= self.limit:
                self.record(Suspected(member))
                self.suspects = [*self.suspects, member]
            elif member in self.suspects and good[-2:] == [True, True]:
                self.record(Trusted(member))
                self.suspects.remove(member)
                self.rounds[member] = []

    def hear(self, member, number):
        if number == self.number:
            self.answered = {**self.answered, member: True}
        else:
            self.rounds[member] = [
                (each, good or each == number) for each, good in self.rounds[member]
            ]
