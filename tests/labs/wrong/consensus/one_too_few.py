"""commits: Commits by all that need not elect, which an election may leave out: off by
one.
"""


class MyServer(MyServer):
    def enough(self, length):
        kept = [each for each, so_far in self.kept.items() if so_far >= length]
        logs = [each for each in kept if each not in self.witnesses()]
        need = self.total() - electing(self.total())
        return self.weight([self.id, *kept]) >= need and 1 + len(logs) >= COPIES
