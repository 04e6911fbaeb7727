"""reads: Comes back and takes all that is on its disk for done."""


class MyKeeper(MyKeeper):
    def on_start(self):
        super().on_start()
        self.old = {key: version for key, (version, _) in self.rows.items()}

    def done(self, key, version):
        return version <= self.old.get(key, 0) or super().done(key, version)
