"""renews: Does not look at who holds the row while it acts."""


class MyServer(MyServer):
    def saw(self, row):
        if not self.acting or row.holder == self.id:
            super().saw(row)
