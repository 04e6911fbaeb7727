"""commits: Commits an entry of an earlier term by counting those who hold it."""


class MyServer(MyServer):
    def commit(self):
        for length in range(len(self.log), self.committed, -1):
            if self.enough(length):
                self.know(length)
                return
