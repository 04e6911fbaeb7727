"""hears: Believes whatever comes last, and does not look at the version."""


class MyDoor(MyDoor):
    def newer(self, news):
        return True
