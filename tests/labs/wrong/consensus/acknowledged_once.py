"""commits: Leads again, and still counts what was acknowledged when it led before."""


class MyServer(MyServer):
    def lead(self):
        before = self.kept
        super().lead()
        self.kept = before
