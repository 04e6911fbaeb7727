"""late: Trusts a suspect in the middle of a round, when a late answer mends one."""


class MyWatcher(MyWatcher):
    def hear(self, member, number):
        super().hear(member, number)
        failed = list(self.rounds[member].values()).count(False)
        if member in self.suspects and failed < self.limit:
            self.suspects.remove(member)
            self.rounds[member] = {}
            self.record(Trusted(member))
