"""watches: Watches for one term, as if both clocks ran alike."""


class MyServer(MyServer):
    def set_timer(self, name, after):
        super().set_timer(name, 1.1 if (name, after) == ("watch", 1.65) else after)
