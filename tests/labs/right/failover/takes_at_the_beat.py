"""Asks for the row with the first beat after its watch is over; and for what it has
heard of a client that asked twice, answers as often.
"""


class MyServer(MyServer):
    def __init__(self, witness="", storage=""):
        super().__init__(witness, storage)
        self.patient = True

    def on_timer(self, name):
        if name == "watch":
            self.patient = False
        else:
            super().on_timer(name)

    def beat(self):
        if self.patient or self.acting:
            super().beat()
        else:
            self.set_timer("beat", 0.3)
            self.left = False
            self.take()

    def saw(self, row):
        self.patient = self.patient or row != self.seen
        super().saw(row)

    def stop(self):
        self.patient = True
        super().stop()
