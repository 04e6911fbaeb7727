"""moves: The number of a key and a server depends on how many servers there are."""


class MyDoor(MyDoor):
    def order(self, key, servers):
        living = [each for each in servers.values() if each.weight > 0]
        return super().order(f"{key} of {len(living)}", servers)
