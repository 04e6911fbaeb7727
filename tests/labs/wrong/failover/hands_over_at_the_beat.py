"""leaves: Hands over with the next beat, and acts until then."""


class MyServer(MyServer):
    def leave(self):
        self.left = True

    def beat(self):
        if self.left and self.acting:
            super().leave()
        super().beat()
