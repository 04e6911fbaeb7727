"""serves: Has things done though it does not act: the storage will refuse it."""


class MyServer(MyServer):
    def serve(self, client, ticket):
        if not self.acting and self.seen is not None:
            self.clients[ticket] = client
            self.send(self.storage, Apply(self.seen.epoch, ticket))
        else:
            super().serve(client, ticket)
