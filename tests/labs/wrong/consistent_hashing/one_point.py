"""shares: One point a server on the circle: arcs of very different length."""


class MyDoor(MyDoor):
    def score(self, key, each):
        return (point(each.server) - point(key)) % 2**64, each.server
