"""window: Asks suspects for help, who may be dead."""


class MyWatcher(MyWatcher):
    def circle(self, member):
        known, self.suspects = self.suspects, []
        found = super().circle(member)
        self.suspects = known
        return found
