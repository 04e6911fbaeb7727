"""watches: Counts anew with each answer, also if the row is the same: for ever."""


class MyServer(MyServer):
    def saw(self, row):
        super().saw(row)
        if not self.acting and row.holder not in ("", self.id):
            self.set_timer("watch", 1.65)
