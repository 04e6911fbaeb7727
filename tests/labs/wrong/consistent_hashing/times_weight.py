"""shares: Multiplies a number from 0 to 1 by the weight: heavy servers get too much."""


class MyDoor(MyDoor):
    def score(self, key, each):
        share = (point(f"{key} on {each.server}") + 1) / 2**64
        return -share * each.weight, each.server
