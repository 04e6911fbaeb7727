"""reads: Answers the last who waits for a write, and forgets the others."""


class MyKeeper(MyKeeper):
    def read(self, client, ticket, key):
        if key in self.rows and not self.done(key, self.rows[key][0]):
            return
        super().read(client, ticket, key)
