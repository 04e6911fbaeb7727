"""fills: All servers may take the same number, whatever they weigh."""


class MyDoor(MyDoor):
    def fill(self, keys):
        most = -(-125 * len(keys) // (100 * len(self.servers)))
        found = []
        for key in keys:
            order = [each.server for each in self.order(key, self.servers)]
            found.append(next(each for each in order if found.count(each) < most))
        return tuple(found)
