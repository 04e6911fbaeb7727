"""stands: Counts who has voted, and not what they weigh."""


class MyServer(MyServer):
    def elected_by(self, voter):
        if self.state == "candidate" and voter not in self.votes:
            self.votes.append(voter)
            if len(self.votes) >= electing(len(self.members)):
                self.lead()
