"""places: Takes a question that is asked again for a new one."""


class MyKeeper(MyKeeper):
    def place(self, client, ticket, key, value):
        self.tickets.pop(ticket, None)
        super().place(client, ticket, key, value)
