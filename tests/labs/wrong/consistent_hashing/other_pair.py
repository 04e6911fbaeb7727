"""apart: The first two copies share a hall, as another student's rules say."""


class MyDoor(MyDoor):
    def best(self, found, left):
        racks = [(each.hall, each.rack) for each in found]
        halls = [each.hall for each in found]
        apart = [each for each in left if (each.hall, each.rack) not in racks]
        near = [each for each in apart if each.hall == halls[-1]]
        far = [each for each in left if each.hall not in halls]
        return ((near if len(found) == 1 else far) or apart or left)[0]
