"""returns: Forces its disk for each message, questions too."""


class MyDoor(MyDoor):
    def on_message(self, sender, message):
        super().on_message(sender, message)
        self.disk.force()
