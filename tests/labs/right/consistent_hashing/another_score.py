"""Other numbers for the pairs: the least of as many as the weight says."""


class MyDoor(MyDoor):
    def score(self, key, each):
        return min(
            point(f"{number}/{each.server}/{key}") for number in range(each.weight)
        ), each.server
