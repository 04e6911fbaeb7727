"""counts: Says that a write is done when it is shipped, and one rack has it: off by
one.
"""


class MyKeeper(MyKeeper):
    def done(self, key, version):
        acked = self.acked[key].items()
        racks = {self.racks[name] for name, each in acked if each >= version}
        return self.lazy(key) or len(racks) > 0
