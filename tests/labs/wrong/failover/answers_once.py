"""serves: Does not answer a client that asks again, for it has had that already."""


class MyServer(MyServer):
    def serve(self, client, ticket):
        if ticket not in self.clients.values():
            super().serve(client, ticket)
            if self.acting:
                self.clients[client] = ticket

    def on_message(self, sender, message):
        match message:
            case Applied(_, ticket) if ticket in self.clients:
                self.send(self.clients.pop(ticket), Settled(ticket))
            case _:
                super().on_message(sender, message)
