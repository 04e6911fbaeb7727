"""renews: Takes a row of its own anew at once, which these rules do not allow."""


class MyServer(MyServer):
    def saw(self, row):
        super().saw(row)
        if row.holder == self.id and not self.acting and not self.left:
            self.take()
