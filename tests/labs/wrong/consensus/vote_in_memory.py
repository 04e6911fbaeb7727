"""votes: Forces the term, and forgets on restart for whom it has voted in it."""


class MyServer(MyServer):
    def on_start(self):
        super().on_start()
        self.vote = ""
