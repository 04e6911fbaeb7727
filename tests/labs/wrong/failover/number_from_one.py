"""survives: Numbers its questions from one again after a crash; the answer to an old
one then grants a new one.
"""


class MyServer(MyServer):
    def on_start(self):
        self.beat()
