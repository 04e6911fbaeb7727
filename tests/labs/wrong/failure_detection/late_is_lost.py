"""late: Ignores a late answer, as another student's rules say."""


class MyWatcher(MyWatcher):
    def hear(self, member, number):
        if number == self.number:
            super().hear(member, number)
