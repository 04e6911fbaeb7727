"""fills: Gives a key whose first home is full to its second home, which stands in
another hall.
"""


class MyDoor(MyDoor):
    def fill(self, keys):
        self.filling = True
        found = super().fill(keys)
        del self.filling
        return found

    def order(self, key, servers):
        order = super().order(key, servers)
        if not hasattr(self, "filling"):
            return order
        homes = order[:1]
        while len(homes) < min(3, len(order)):
            left = [each for each in order if each not in homes]
            homes.append(self.best(homes, left))
        return [*homes, *order]
