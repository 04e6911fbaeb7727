"""costs: Sends its log again to whoever acknowledges it."""


class MyServer(MyServer):
    def acknowledged(self, sender, length):
        fresh = length > self.kept.get(sender, 0)
        super().acknowledged(sender, length)
        if self.state == "leader" and fresh and sender not in self.witnesses():
            self.send(sender, Copy(self.term, self.log, self.committed))
