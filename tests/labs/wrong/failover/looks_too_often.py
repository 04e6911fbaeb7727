"""costs: Asks what stands there each time that it is told, and never rests."""


class MyServer(MyServer):
    def on_start(self):
        super().on_start()
        self.set_timer("look 1", 0.05)

    def on_timer(self, name):
        if name == "look 1":
            self.set_timer("look 1", 0.05)
            self.send(self.witness, Look())
        else:
            super().on_timer(name)
