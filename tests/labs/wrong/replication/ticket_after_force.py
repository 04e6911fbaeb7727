"""survives: Writes the ticket down when the row has been shipped; after a crash in
between, the same ticket is placed twice.
"""


class MyKeeper(MyKeeper):
    def on_start(self):
        known = self.disk.read("tickets", [])
        for ticket, key, version, value in self.disk.read("log", []):
            self.enter(ticket, key, version, value)
            if ticket not in known:
                del self.tickets[ticket]
        for key in self.rows:
            self.ship(key)
        self.beat()

    def place(self, client, ticket, key, value):
        super().place(client, ticket, key, value)
        if ticket not in self.disk.read("tickets", []):
            self.disk.append("tickets", ticket)
            self.disk.force()

    def settle(self, key):
        for client, ticket in list(self.writing[key]):
            if ticket not in self.tickets:
                self.writing[key].remove((client, ticket))
        super().settle(key)
