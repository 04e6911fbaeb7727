"""apart: Takes racks of one name in two halls for the same rack."""


class MyDoor(MyDoor):
    def best(self, found, left):
        racks = [each.rack for each in found]
        new = [each for each in left if each.rack not in racks]
        return super().best(found, new or left)
