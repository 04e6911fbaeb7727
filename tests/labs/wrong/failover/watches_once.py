"""watches: Begins to count when it first sees the holder, and not anew with each
renewal.
"""


class MyServer(MyServer):
    def saw(self, row):
        before = self.seen
        super().saw(row)
        known = before is not None and before.holder == row.holder
        if known and row.holder != self.id and row != before:
            self.set_timer("watch", 0.5)
