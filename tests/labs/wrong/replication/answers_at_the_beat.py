"""counts: Looks at the answers with the beat only, so that its client waits for it."""


class MyKeeper(MyKeeper):
    def count(self, replica, key, version):
        if key in self.rows:
            acked = self.acked[key]
            acked[replica] = max(version, acked.get(replica, 0))

    def on_timer(self, name):
        super().on_timer(name)
        for key in self.rows:
            self.settle(key)
