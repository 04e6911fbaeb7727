"""places: Ships a row before its own disk is forced; a crash then gives the version
away twice.
"""


class MyKeeper(MyKeeper):
    def place(self, client, ticket, key, value):
        if ticket not in self.tickets and not self.lazy(key):
            version = self.rows.get(key, (0, ""))[0] + 1
            for name in self.racks:
                if name != self.id:
                    self.send(name, Second(key, version, value))
        super().place(client, ticket, key, value)

    def ship(self, key):
        if self.beating:
            super().ship(key)
