"""commits: Counts a witness among those who hold an entry."""


class MyServer(MyServer):
    def enough(self, length):
        kept = [each for each, so_far in self.kept.items() if so_far >= length]
        need = self.total() - electing(self.total()) + 1
        return self.weight([self.id, *kept]) >= need and 1 + len(kept) >= COPIES
