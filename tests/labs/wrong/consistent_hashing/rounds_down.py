"""fills: Rounds down what a server may take."""


class MyDoor(MyDoor):
    def fill(self, keys):
        weights = sum(each.weight for each in self.servers.values())
        free = {
            each.server: int(1.25 * len(keys) * each.weight / weights)
            for each in self.servers.values()
        }
        found = []
        for key in keys:
            order = [each.server for each in self.order(key, self.servers)]
            it = next((each for each in order if free[each] > 0), order[0])
            free[it] -= 1
            found.append(it)
        return tuple(found)
