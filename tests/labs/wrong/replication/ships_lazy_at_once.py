"""places: Ships a lazy row at once, as if it were eager."""


class MyKeeper(MyKeeper):
    def place(self, client, ticket, key, value):
        super().place(client, ticket, key, value)
        self.ship(key)
