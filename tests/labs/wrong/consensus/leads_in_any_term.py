"""stands: Hears of a later term, and takes itself for the leader of that one, too."""


class MyServer(MyServer):
    def adopt(self, term):
        before = self.state
        super().adopt(term)
        self.state = before
