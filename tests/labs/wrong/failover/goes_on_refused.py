"""serves: Takes no notice when the storage refuses it."""


class MyServer(MyServer):
    def on_message(self, sender, message):
        if not isinstance(message, Outdated):
            super().on_message(sender, message)
