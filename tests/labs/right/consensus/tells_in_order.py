"""Commits before it sends a command, and hears its own acknowledgement."""


class MyServer(MyServer):
    def order(self, command):
        known = [each for _, each in self.log]
        if self.state == "leader" and command not in known:
            self.append(command)
            self.commit()
            self.tell(self.others())

    def adopt(self, term):
        self.cancel_timer("heartbeat")
        if self.state == "leader":
            self.set_timer("election", PATIENCE)
        self.state, self.votes, self.kept = "follower", [], {}
        self.keep_vote(term, "")
