"""follows: Acknowledges all that it has, and not what it was sent."""


class MyServer(MyServer):
    def send(self, to, message):
        match message:
            case Stored(term, length) if length:
                message = Stored(term, len(self.log))
        super().send(to, message)
