"""Keeps a key for each row and each ticket; a row names its ticket, so that whichever
of two writes a crash has kept, all is known.
"""


class MyKeeper(MyKeeper):
    def on_start(self):
        tickets = {}
        for name in self.disk.keys("ticket "):
            tickets[name.removeprefix("ticket ")] = self.disk.read(name)
        for name in self.disk.keys("row "):
            key = name.removeprefix("row ")
            version, value, ticket = self.disk.read(name)
            tickets[ticket] = (key, version, value)
        for ticket, (key, version, value) in sorted(
            tickets.items(), key=lambda item: item[1][1]
        ):
            self.enter(ticket, key, version, value)
        for key in self.rows:
            self.ship(key)
        self.beat()

    def place(self, client, ticket, key, value):
        if ticket not in self.tickets:
            version = self.rows.get(key, (0, ""))[0] + 1
            self.disk.write(f"row {key}", (version, value, ticket))
            self.disk.write(f"ticket {ticket}", (key, version, value))
            self.disk.force()
            self.enter(ticket, key, version, value)
            if not self.lazy(key):
                self.ship(key)
            self.beat()
        super().place(client, ticket, key, value)
