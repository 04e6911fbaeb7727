"""witness: Writes its vote to the disk, and keeps its mark in memory."""


class MyWitness(MyWitness):
    def on_start(self):
        self.term, self.vote = self.disk.read("vote", (0, ""))

    def keep(self):
        if self.disk.read("vote") != (self.term, self.vote):
            self.disk.write("vote", (self.term, self.vote))
            self.disk.force()
