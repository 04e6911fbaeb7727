"""copies: Copies to all new homes, also to those that have it already."""


class MyDoor(MyDoor):
    def copies(self, key, then):
        old = self.homes(key, self.servers)
        alive = [each for each in old if then[each].weight > 0]
        new = self.homes(key, then)
        if new == old:
            return ()
        return tuple((alive[0], each) for each in new if each != alive[0])
