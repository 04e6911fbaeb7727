"""watches: Takes an old row that comes late for a change, and counts anew."""


class MyServer(MyServer):
    def saw(self, row):
        if self.seen is not None and row.beat < self.seen.beat and not self.acting:
            self.set_timer("watch", 1.65)
        super().saw(row)
