"""asks: Off by one in the circle: the silent member is asked about itself."""


class MyWatcher(MyWatcher):
    def circle(self, member):
        at = self.members.index(member)
        others = self.members[at + 1 :] + self.members[: at + 1]
        return [each for each in others[::-1] if each not in self.suspects]
