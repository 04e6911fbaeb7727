"""keeps: Says nothing when a row comes again, though its answer may be lost."""


class MyReplica(MyReplica):
    def keep(self, keeper, key, version, value):
        if version > self.disk.read(f"row {key}", (0, ""))[0]:
            super().keep(keeper, key, version, value)
