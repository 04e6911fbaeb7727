"""late: Takes every answer for one to this round, and does not look at its number."""


class MyWatcher(MyWatcher):
    def hear(self, member, number):
        super().hear(member, self.number)
