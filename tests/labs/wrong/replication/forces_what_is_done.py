"""costs: Forces a mark for each write that is done, which the copies say anyway."""


class MyKeeper(MyKeeper):
    def settle(self, key):
        for _, ticket in self.writing[key]:
            if self.done(key, self.tickets[ticket][1]):
                self.disk.write(f"done {ticket}", True)
                self.disk.force()
        super().settle(key)
