"""moves: The number of a key and a server is drawn anew when its weight changes."""


class MyDoor(MyDoor):
    def score(self, key, each):
        return super().score(f"{key} by {each.weight}", each)
