"""takes: Acts as soon as it has asked for a free row, which another may have."""


class MyServer(MyServer):
    def take(self):
        super().take()
        if self.seen.holder == "" and not self.acting:
            self.acting, self.held = self.seen.epoch + 1, self.number
            self.record(Acts(self.acting))
