"""renews: Takes any row with its name for its lease, however late it hears of it."""


class MyServer(MyServer):
    def saw(self, row):
        if row.holder == self.id and not self.acting and not self.left:
            self.seen = row
            self.running.append(row.beat)
        super().saw(row)
