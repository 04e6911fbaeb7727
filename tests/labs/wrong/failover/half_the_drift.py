"""watches: Allows for its own clock that is fast, and not for the holder's that is
slow.
"""


class MyServer(MyServer):
    def set_timer(self, name, after):
        super().set_timer(name, 1.32 if (name, after) == ("watch", 1.65) else after)
