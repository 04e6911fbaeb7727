"""asks: Asks the neighbours on the other side, as another student's rules say."""


class MyWatcher(MyWatcher):
    def circle(self, member):
        return super().circle(member)[::-1]
