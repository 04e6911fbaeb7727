"""votes: Knows the names of the visible seed, and takes whoever it does not know for a
reader.
"""


class MyParticipant(MyParticipant):
    def vote(self, coordinator, txn, changes):
        known = self.id in VISIBLE
        super().vote(coordinator, txn, changes if known else ())


VISIBLE = ("graz", "cork")
