"""copies: Lets a server give copies that is dead then."""


class MyDoor(MyDoor):
    def copies(self, key, then):
        old = self.homes(key, self.servers)
        new = [each for each in self.homes(key, then) if each not in old]
        return tuple((old[0], each) for each in new)
