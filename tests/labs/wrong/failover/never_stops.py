"""renews: Acts until it hears of another holder, and it may never hear."""


class MyServer(MyServer):
    def over(self, number):
        pass
