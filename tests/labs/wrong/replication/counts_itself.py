"""counts: Counts the keeper's own rack, which these rules leave out."""


class MyKeeper(MyKeeper):
    def done(self, key, version):
        acked = self.acked[key].items()
        racks = {self.racks[name] for name, each in acked if each >= version}
        return self.lazy(key) or len(racks | {self.racks[self.id]}) >= 2
