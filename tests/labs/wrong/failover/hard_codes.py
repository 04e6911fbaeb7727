"""watches: Knows the names of the visible seed, and takes the row of whoever it does
not know.
"""


class MyServer(MyServer):
    def saw(self, row):
        super().saw(row)
        if row.holder not in ("", self.id, *VISIBLE):
            self.take()


VISIBLE = ("graz",)
