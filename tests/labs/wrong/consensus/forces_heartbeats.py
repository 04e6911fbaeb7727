"""costs: Forces its log whenever its leader sends it, also where nothing is new."""


class MyServer(MyServer):
    def follow(self, leader, term, entries, committed):
        if term == self.term and self.log[: len(entries)] == entries:
            self.disk.write("log", self.log)
            self.disk.force()
        super().follow(leader, term, entries, committed)
