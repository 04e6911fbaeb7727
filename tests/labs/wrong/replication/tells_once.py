"""counts: Does not answer a client that asks again, though the answer was lost."""


class MyKeeper(MyKeeper):
    def place(self, client, ticket, key, value):
        if ticket not in self.tickets:
            super().place(client, ticket, key, value)
