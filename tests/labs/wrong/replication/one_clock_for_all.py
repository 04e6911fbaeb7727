"""keeps: Has one version for all keys, and takes the first of another key for old."""


class MyReplica(MyReplica):
    def keep(self, keeper, key, version, value):
        newest = max((self.disk.read(each)[0] for each in self.disk.keys()), default=0)
        if version > newest:
            super().keep(keeper, key, version, value)
        else:
            self.send(keeper, Bear(key, version))
