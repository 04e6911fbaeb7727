"""Points on a circle, which is made once a message."""

from bisect import bisect


class MyDoor(MyDoor):
    def on_message(self, sender, message):
        self.circles = {}
        super().on_message(sender, message)
        del self.circles

    def order(self, key, servers):
        living = {each.server: each for each in servers.values() if each.weight > 0}
        name = tuple(sorted((each.server, each.weight) for each in living.values()))
        if name not in self.circles:
            self.circles[name] = sorted(
                (point(f"{server} {number}"), server)
                for server, weight in name
                for number in range(300 * weight)
            )
        circle = self.circles[name]
        at = bisect(circle, (point(key), ""))
        found = {}
        for step in range(len(circle)):
            found[circle[(at + step) % len(circle)][1]] = True
            if len(found) == len(living):
                break
        return [living[each] for each in found]
