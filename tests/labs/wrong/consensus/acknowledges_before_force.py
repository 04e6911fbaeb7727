"""follows: Acknowledges entries before they are on its disk."""


class MyServer(MyServer):
    def follow(self, leader, term, entries, committed):
        if term == self.term:
            self.send(leader, Stored(term, len(entries)))
            self.quiet = True
        super().follow(leader, term, entries, committed)
        self.quiet = False

    quiet = False

    def send(self, to, message):
        if not (self.quiet and isinstance(message, Stored)):
            super().send(to, message)
