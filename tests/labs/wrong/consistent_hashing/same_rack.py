"""apart: Where the rules cannot be met, any server will do, also in the same rack."""


class MyDoor(MyDoor):
    def best(self, found, left):
        halls = [each.hall for each in found]
        far = [each for each in left if each.hall not in halls]
        if len(found) == 1:
            return (far or left)[0]
        return super().best(found, left)
