"""stands: Counts a vote of an earlier term, which comes late."""


class MyServer(MyServer):
    def on_message(self, sender, message):
        match message:
            case Reply(term, True) if term < self.term:
                self.elected_by(sender)
            case _:
                super().on_message(sender, message)
