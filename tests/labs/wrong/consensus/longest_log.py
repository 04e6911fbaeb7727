"""votes: Votes for the longer log, whatever the term of its last entry."""


class MyServer(MyServer):
    def asked(self, candidate, term, last):
        longer = last[1] >= self.last()[1]
        super().asked(candidate, term, (9, last[1]) if longer else (0, 0))
