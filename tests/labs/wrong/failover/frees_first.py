"""leaves: Frees the row, and acts until it hears that it is free."""


class MyServer(MyServer):
    def leave(self):
        self.left = True
        self.swap("", self.seen.epoch)

    def saw(self, row):
        if self.left and self.acting and row.holder == self.id:
            self.swap("", row.epoch)
        else:
            super().saw(row)
