"""counts: Takes an answer to an older version for one to the newest."""


class MyKeeper(MyKeeper):
    def count(self, replica, key, version):
        super().count(replica, key, self.rows.get(key, (version,))[0])
