"""shares: All servers have the same share, whatever they weigh."""


class MyDoor(MyDoor):
    def score(self, key, each):
        return point(f"{key} on {each.server}"), each.server
