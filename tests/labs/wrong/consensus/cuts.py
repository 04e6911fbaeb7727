"""follows: Shortens its log to what it is sent, also by a message that comes late."""


class MyServer(MyServer):
    def follow(self, leader, term, entries, committed):
        if term == self.term and len(entries) < len(self.log):
            self.log = entries
            self.disk.write("log", entries)
            self.disk.force()
        super().follow(leader, term, entries, committed)
