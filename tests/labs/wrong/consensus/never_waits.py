"""votes: Goes on waiting where it was when it has voted, and soon stands itself."""


class MyServer(MyServer):
    def set_timer(self, name, after):
        if self.state != "voting":
            super().set_timer(name, after)

    def asked(self, candidate, term, last):
        before, self.state = self.state, "voting"
        super().asked(candidate, term, last)
        self.state = before
