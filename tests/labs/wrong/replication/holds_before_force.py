"""keeps: Says that it holds a row, and forces it then, so a crash loses it."""


class MyReplica(MyReplica):
    def keep(self, keeper, key, version, value):
        if version > self.disk.read(f"row {key}", (0, ""))[0]:
            self.disk.write(f"row {key}", (version, value))
            self.record(Held(key, version))
            self.send(keeper, Bear(key, version))
            self.disk.force()
        else:
            super().keep(keeper, key, version, value)
