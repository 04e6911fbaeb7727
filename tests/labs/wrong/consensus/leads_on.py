"""stands: Leads on when it hears that there is a later term."""


class MyServer(MyServer):
    def on_message(self, sender, message):
        match message:
            case Stored(term, _) if term > self.term:
                pass
            case _:
                super().on_message(sender, message)
