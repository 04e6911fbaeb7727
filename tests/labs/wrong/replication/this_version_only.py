"""counts: Waits for answers to the very version, though all hold a newer one."""


class MyKeeper(MyKeeper):
    def done(self, key, version):
        acked = self.acked[key].items()
        racks = {self.racks[name] for name, each in acked if each == version}
        return self.lazy(key) or len(racks) >= 2
