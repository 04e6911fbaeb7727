"""copies: The first that lives gives, as another student's rules say."""


class MyDoor(MyDoor):
    def copies(self, key, then):
        old = self.homes(key, self.servers)
        alive = [each for each in old if then[each].weight > 0]
        new = [each for each in self.homes(key, then) if each not in old]
        return tuple((alive[0], each) for each in new)
