"""commits: Sends its log when it leads, and writes it to the disk where it follows."""


class MyServer(MyServer):
    def append(self, command):
        self.log = (*self.log, (self.term, command))
        self.disk.write("appended", len(self.log))
        self.disk.force()
