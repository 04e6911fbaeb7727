"""renews: Asks the same again when it hears nothing, and counts from the last time."""


class MyServer(MyServer):
    def swap(self, holder, epoch):
        if self.acting and holder and self.number != self.held:
            self.number -= 1
            self.running = [each for each in self.running if each != self.number + 1]
        super().swap(holder, epoch)
