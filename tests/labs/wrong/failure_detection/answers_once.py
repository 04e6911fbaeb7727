"""helps: Takes a probe that comes twice for done, though the answer may be lost."""


class MyMember(MyMember):
    def __init__(self):
        super().__init__()
        self.done = []

    def on_message(self, sender, message):
        match message:
            case Call() if (sender, message) in self.done:
                return
            case Call():
                self.done.append((sender, message))
        super().on_message(sender, message)
