"""costs: Forces the number of each question; one forced write a start is enough."""


class MyServer(MyServer):
    def swap(self, holder, epoch):
        super().swap(holder, epoch)
        self.disk.write("number", self.number)
        self.disk.force()
