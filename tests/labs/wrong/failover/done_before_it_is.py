"""serves: Tells the client that it is done when it has asked the storage."""


class MyServer(MyServer):
    def serve(self, client, ticket):
        super().serve(client, ticket)
        if self.acting:
            self.send(client, Settled(ticket))
