"""watches: Acts when its watch is over, and asks the witness then."""


class MyServer(MyServer):
    def on_timer(self, name):
        super().on_timer(name)
        if name == "watch" and not self.acting and self.seen.holder:
            self.acting, self.held = self.seen.epoch + 1, self.number
            self.record(Acts(self.acting))
