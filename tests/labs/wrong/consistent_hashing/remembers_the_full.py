"""fills: Remembers from one batch to the next what each server has taken."""


class MyDoor(MyDoor):
    def __init__(self):
        super().__init__()
        self.taken = {}

    def fill(self, keys):
        living = [each for each in self.servers.values() if each.weight > 0]
        weights = sum(each.weight for each in living)
        found = []
        for key in keys:
            for each in self.order(key, self.servers):
                most = -(-125 * len(keys) * each.weight // (100 * weights))
                has = self.taken.get(each.server, 0)
                if has < most:
                    self.taken[each.server] = has + 1
                    found.append(each.server)
                    break
        return tuple(found)
