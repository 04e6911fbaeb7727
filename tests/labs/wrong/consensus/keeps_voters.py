"""agrees: Stands again, and still counts those who voted for it in the term before."""


class MyServer(MyServer):
    def stand(self):
        before = self.votes
        super().stand()
        self.votes += [each for each in before if each not in self.votes]
