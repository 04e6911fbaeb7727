"""steady: Prefers racks with few servers, so a server that dies moves others."""


class MyDoor(MyDoor):
    def best(self, found, left):
        racks = [(each.hall, each.rack) for each in left]
        few = sorted(left, key=lambda each: racks.count((each.hall, each.rack)))
        return super().best(found, few)
