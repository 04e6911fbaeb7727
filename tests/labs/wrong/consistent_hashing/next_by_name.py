"""apart: Takes the next server by name that fits: who stands beside a dead server gets
all its work.
"""


class MyDoor(MyDoor):
    def best(self, found, left):
        return super().best(found, sorted(left, key=lambda each: each.server))
