"""serves: Goes on with a later epoch when the storage refuses its own."""


class MyServer(MyServer):
    def on_message(self, sender, message):
        match message:
            case Outdated(epoch) if self.acting:
                for ticket in self.clients:
                    self.send(self.storage, Apply(epoch, ticket))
            case _:
                super().on_message(sender, message)
