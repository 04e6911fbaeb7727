"""votes: Says yes before its vote is on the disk, so a crash forgets it."""


class MyServer(MyServer):
    def asked(self, candidate, term, last):
        if term == self.term and not self.vote and last >= self.last():
            self.send(candidate, Reply(term, True))
            self.keep_vote(term, candidate)
            self.set_timer("election", PATIENCE)
        else:
            super().asked(candidate, term, last)
