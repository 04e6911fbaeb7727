"""counts: Counts answers and not who gives them, so one that comes twice counts
twice.
"""


class MyKeeper(MyKeeper):
    def count(self, replica, key, version):
        if key in self.rows:
            self.acked[key][f"{replica} {len(self.acked[key])}"] = version
            self.settle(key)

    def owing(self, key):
        held = {name.split(" ")[0] for name in self.acked[key]}
        return [name for name in self.racks if name not in (*held, self.id)]

    def done(self, key, version):
        copies = [each for each in self.acked[key].values() if each >= version]
        return self.lazy(key) or len(copies) >= 2
