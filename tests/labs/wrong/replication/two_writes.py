"""survives: Writes the row and its ticket one after the other; a crash may keep the
first alone, and the ticket is never placed.
"""


class MyKeeper(MyKeeper):
    def on_start(self):
        for key in self.disk.keys("ticket "):
            ticket = key.removeprefix("ticket ")
            row, version = self.disk.read(key)
            value = self.disk.read(f"row {row} {version}", "")
            self.enter(ticket, row, version, value)
        for key in self.rows:
            self.ship(key)
        self.beat()

    def place(self, client, ticket, key, value):
        if ticket not in self.tickets:
            version = self.rows.get(key, (0, ""))[0] + 1
            self.disk.write(f"ticket {ticket}", (key, version))
            self.disk.write(f"row {key} {version}", value)
            self.disk.force()
            self.enter(ticket, key, version, value)
            if not self.lazy(key):
                self.ship(key)
            self.beat()
        super().place(client, ticket, key, value)
