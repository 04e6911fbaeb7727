"""moves: A list of all weights and a remainder: who joins moves nearly all keys."""


class MyDoor(MyDoor):
    def order(self, key, servers):
        order = sorted(super().order(key, servers), key=lambda each: each.server)
        places = [each for each in order for _ in range(each.weight)]
        at = point(key) % len(places) if places else 0
        return list(dict.fromkeys(places[at:] + places[:at]))
