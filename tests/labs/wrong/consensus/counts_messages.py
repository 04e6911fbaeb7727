"""stands: Adds up the weights of votes as they come, so one that comes twice counts
twice.
"""


class MyServer(MyServer):
    def stand(self):
        self.so_far = 0
        super().stand()

    def elected_by(self, voter):
        if self.state == "candidate":
            self.so_far += self.weight([voter])
            if self.so_far >= electing(self.total()):
                self.lead()
