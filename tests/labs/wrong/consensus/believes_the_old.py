"""follows: Takes over the log of a leader whose term is over."""


class MyServer(MyServer):
    def follow(self, leader, term, entries, committed):
        if term < self.term and len(entries) > len(self.log):
            self.log = entries
            self.disk.write("log", entries)
            self.disk.force()
        super().follow(leader, term, entries, committed)
