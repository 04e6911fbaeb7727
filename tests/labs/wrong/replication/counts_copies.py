"""counts: Counts copies and not racks, so that two in one rack are enough."""


class MyKeeper(MyKeeper):
    def done(self, key, version):
        copies = [each for each in self.acked[key].values() if each >= version]
        return self.lazy(key) or len(copies) >= 2
