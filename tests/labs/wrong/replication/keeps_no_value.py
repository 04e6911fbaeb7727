"""keeps: Writes down which version it holds, and not what that is."""


class MyReplica(MyReplica):
    def keep(self, keeper, key, version, value):
        super().keep(keeper, key, version, "")
