"""Sets the next beat when an answer comes, and not when it asks, unless none comes."""


class MyServer(MyServer):
    def saw(self, row):
        self.set_timer("beat", 0.3)
        super().saw(row)
