"""apart: Puts the third copy near the first home, and not near the second."""


class MyDoor(MyDoor):
    def best(self, found, left):
        if len(found) == 2:
            racks = [(each.hall, each.rack) for each in found]
            apart = [each for each in left if (each.hall, each.rack) not in racks]
            near = [each for each in apart if each.hall == found[0].hall]
            return (near or apart or left)[0]
        return super().best(found, left)
