"""keeps: Looks into its memory for what it holds, which is empty after a crash."""


class MyReplica(MyReplica):
    def __init__(self):
        self.rows = {}

    def on_start(self):
        pass

    def keep(self, keeper, key, version, value):
        if version > self.rows.get(key, 0):
            self.rows[key] = version
            self.disk.write(f"row {key}", (version, value))
            self.disk.force()
            self.record(Held(key, version))
        self.send(keeper, Bear(key, version))
