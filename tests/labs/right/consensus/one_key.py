"""Keeps all that it must know under one key, and writes it entry by entry."""


class MyServer(MyServer):
    def on_start(self):
        entries = self.disk.read("entries", [])
        for entry in entries:
            if entry[0] == "vote":
                self.term, self.vote = entry[1:]
            else:
                self.log = (*self.log[: entry[1]], *entry[2])
        self.set_timer("election", PATIENCE)

    def keep_vote(self, term, vote):
        if (self.term, self.vote) != (term, vote):
            self.term, self.vote = term, vote
            self.disk.append("entries", ("vote", term, vote))
            self.disk.force()
        if vote:
            self.record(Voted(term, vote))

    def append(self, command):
        entry = (self.term, command)
        self.disk.append("entries", ("log", len(self.log), (entry,)))
        self.disk.force()
        self.log = (*self.log, entry)

    def follow(self, leader, term, entries, committed):
        if term == self.term and self.log[: len(entries)] != entries:
            same = 0
            while self.log[: same + 1] == entries[: same + 1]:
                same += 1
            # what is after it goes, also where it comes from an older entry
            self.disk.append("entries", ("log", same, entries[same:]))
            self.disk.force()
            self.log = entries
        super().follow(leader, term, entries, committed)
