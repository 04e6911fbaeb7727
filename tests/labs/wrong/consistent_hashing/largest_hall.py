"""steady: Goes to the hall with the most servers, which changes with any of them."""


class MyDoor(MyDoor):
    def best(self, found, left):
        halls = [each.hall for each in left]
        many = sorted(left, key=lambda each: -halls.count(each.hall))
        return super().best(found, many)
