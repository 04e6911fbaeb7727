"""follows: Forces what it votes, and keeps a term of which it only hears in memory."""


class MyServer(MyServer):
    def keep_vote(self, term, vote):
        if vote:
            super().keep_vote(term, vote)
        else:
            self.term, self.vote = term, vote
