"""commits: Commits by more than a half, as the chapter does, whatever elects."""


class MyServer(MyServer):
    def enough(self, length):
        kept = [each for each, so_far in self.kept.items() if so_far >= length]
        logs = [each for each in kept if each not in self.witnesses()]
        more = 2 * self.weight([self.id, *kept]) > self.total()
        return more and 1 + len(logs) >= COPIES
