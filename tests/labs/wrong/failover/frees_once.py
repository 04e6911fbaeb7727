"""leaves: Asks once for the row to be free, and a lost message leaves it held."""


class MyServer(MyServer):
    def saw(self, row):
        left, self.left = self.left, self.left and row.holder != self.id
        super().saw(row)
        self.left = left and row.holder in ("", self.id)
