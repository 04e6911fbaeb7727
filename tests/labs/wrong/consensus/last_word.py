"""commits: Believes the acknowledgement that came last, which may be an older one."""


class MyServer(MyServer):
    def acknowledged(self, sender, length):
        self.kept.pop(sender, None)
        super().acknowledged(sender, length)
