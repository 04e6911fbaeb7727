"""takes: Counts its term from the answer, which may have been long under way."""


class MyServer(MyServer):
    def granted(self, row):
        new = row.beat != self.held
        super().granted(row)
        if new:
            self.set_timer(f"term {self.held}", 1.1)
